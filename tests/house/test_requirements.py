"""The lock files say what is installed, exactly, and nothing about whose machine made them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "requirements"
LAYER = ROOT / "layers" / "deps" / "requirements.txt"
LOCKED_BY = {"runtime.in": [LAYER, FOLDER / "dev.txt"]}
LOCKS = [*sorted(FOLDER.glob("*.txt")), LAYER]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, set[str]]:
    """Each locked name with its versions; a universal lock may have one per kind of machine."""
    found: dict[str, set[str]] = {}
    for line in lock.read_text().splitlines():
        if pin := PIN.match(line):
            found.setdefault(canonical(pin[1]), set()).add(pin[2])
    return found


def asked_for(file: Path) -> dict[str, str | None]:
    """The names in a .in file, each with the exact version it asks for, if it does."""
    found: dict[str, str | None] = {}
    for line in file.read_text().splitlines():
        wanted = re.match(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?\s*(?:==\s*([^\s;]+))?", line)
        if wanted and not line.startswith("-"):
            found[canonical(wanted[1])] = wanted[2]
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name if lock.parent == FOLDER else "layer")
def test_a_lock_file_names_no_host_and_no_path(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(
        r"https?:|file:|\s@\s|^\s*(-i|-f|--index|--extra-index|--find-links|--trusted-host)", text, re.M
    )
    assert not re.search(r"(^|[\s\"'=])/[A-Za-z]", text), "a path of somebody's machine"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name if lock.parent == FOLDER else "layer")
def test_everything_locked_has_an_exact_version_and_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())
    loose = [entry.splitlines()[0] for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry]
    assert not loose
    assert len(entries) >= len(pins(lock)) > 0


@pytest.mark.parametrize("source", sorted(FOLDER.glob("*.in")), ids=lambda source: source.name)
def test_everything_asked_for_is_locked_at_the_version_asked_for(source: Path) -> None:
    for lock in LOCKED_BY.get(source.name, [source.with_suffix(".txt")]):
        locked = pins(lock)
        for name, version in asked_for(source).items():
            assert name in locked, f"{name} is not in {lock.name}: make lock"
            assert version is None or version in locked[name], f"{name} is {locked[name]} in {lock.name}"


def test_the_layer_carries_what_was_tested_and_not_what_lambda_brings() -> None:
    layer, tested = pins(LAYER), pins(FOLDER / "dev.txt")
    different = {name: versions for name, versions in layer.items() if not versions <= tested.get(name, set())}
    assert not different
    assert not {"boto3", "botocore", "aws-xray-sdk", "cryptography"} & layer.keys()


def test_each_make_target_a_person_types_is_in_the_list_that_make_shows() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("setup", "run", "test", "demo", "check", "build", "format", "openapi", "bench", "clean"):
        assert re.search(rf"^  make {target}\s+\S", shown, re.M), f"make {target} has no line"
