"""The Python environments: uv makes them from the hashed lock files. Each remembers the lock it was made from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from . import registries, stamps
from .steps import ROOT, Progress, StepFailed

LOCKS = ROOT / "requirements"
VENV = ROOT / ".venv"
OWN_UV = ROOT / ".venv-uv"
OLDEST_UV = (0, 5)
IMPORT_ROOTS = (ROOT, ROOT / "functions", ROOT / "layers" / "shared", ROOT / "migrations")
SCRIPT = """\
#!{python}
import sys

from local.cli import run

sys.exit(run())
"""


def environment_ready(folder: Path, lock: str) -> bool:
    return stamps.read(folder / ".made-from") == _key(lock) and (folder / "bin" / "python").exists()


def make_environment(progress: Progress, folder: Path, lock: str, what: str) -> None:
    """Creates or updates one environment so that it holds exactly what its lock file says."""
    if environment_ready(folder, lock):
        return
    uv = find_uv(progress)
    settings = _settings()
    with progress.step(f"{what} ({folder.name})"):
        if not _usable(folder):
            progress.run([uv, "venv", "--clear", "--python", _interpreter(), folder], env=settings)
        stamp = folder / ".made-from"
        stamp.unlink(missing_ok=True)
        # Compiled once here: the local cloud starts dozens of processes, and the shell may have turned bytecode off.
        sync = [uv, "pip", "sync", "--compile-bytecode", "--require-hashes", "--python", str(folder / "bin" / "python")]
        progress.run(
            [*sync, LOCKS / f"{lock}.txt"],
            env=settings,
            advice="Is the package registry reachable? `make setup` tries again.",
        )
        stamps.write(folder / ".place", str(ROOT))
        stamps.write(stamp, _key(lock))


def project_ready() -> bool:
    return environment_ready(VENV, "dev") and (VENV / "bin" / "bai").exists()


def make_project(progress: Progress) -> None:
    """.venv, the project's import roots in it, and the command `bai`."""
    if project_ready():
        return
    make_environment(progress, VENV, "dev", "Project environment")
    site_packages = next(VENV.glob("lib/python3.*/site-packages"))
    (site_packages / "bai-suite.pth").write_text("".join(f"{path}\n" for path in IMPORT_ROOTS))
    command = VENV / "bin" / "bai"
    command.write_text(SCRIPT.format(python=VENV / "bin" / "python"))
    command.chmod(0o755)


def add_to_project(progress: Progress, lock: str) -> None:
    """Installs one more lock file into .venv without removing what is there."""
    command: list[str | Path] = [
        find_uv(progress),
        "pip",
        "install",
        "--require-hashes",
        "--python",
        VENV / "bin" / "python",
    ]
    progress.run([*command, "-r", LOCKS / f"{lock}.txt"], env=_settings())


@cache
def _settings() -> dict[str, str]:
    return registries.uv_settings()


def _key(lock: str) -> str:
    return stamps.fingerprint([LOCKS / f"{lock}.txt"], str(ROOT), *map(str, IMPORT_ROOTS))


def _interpreter() -> str:
    """The machine's Python, also when this program itself runs in .venv."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _usable(folder: Path) -> bool:
    """An environment that was made here; a copied or half-made one is made anew."""
    return stamps.read(folder / ".place") == str(ROOT) and (folder / "bin" / "python").exists()


def find_uv(progress: Progress) -> str:
    """uv of the machine, or our own from the package registry beside .venv."""
    for candidate in (shutil.which("uv"), str(OWN_UV / "bin" / "uv")):
        if candidate and _recent_enough(candidate):
            return candidate
    advice = (
        "Is the package registry reachable (`pip config list` names it)? If it is: install pip for this Python "
        "(Debian: apt-get install python3-pip), or uv itself. Then the same command again."
    )
    with progress.step(f"uv ({OWN_UV.name})"):
        shutil.rmtree(OWN_UV, ignore_errors=True)
        pip = [sys.executable, "-m", "pip"]
        if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode != 0:
            pip = _pip_of_a_venv(progress, advice)
        options = ["--no-deps", "--require-hashes", "--target", str(OWN_UV), "-r", str(LOCKS / "uv.txt")]
        progress.run([*pip, "install", *options], advice=advice)
    return str(OWN_UV / "bin" / "uv")


def _pip_of_a_venv(progress: Progress, advice: str) -> list[str]:
    """Where Python came without pip: venv brings one, unless the distribution split that off too (Debian does)."""
    folder = ROOT / ".local" / "pip"
    try:
        progress.run([_interpreter(), "-m", "venv", "--clear", folder])
    except StepFailed:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise StepFailed("This Python has neither pip nor a complete venv module.", advice) from None
        progress.run(["apt-get", "update", "-q"])
        progress.run(["apt-get", "install", "-qy", "--no-install-recommends", "python3-venv"], advice=advice)
        progress.run([_interpreter(), "-m", "venv", "--clear", folder], advice=advice)
    return [str(folder / "bin" / "python"), "-m", "pip"]


def _recent_enough(uv: str) -> bool:
    try:
        said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False, timeout=20)
    except OSError:
        return False
    version = re.search(r"(\d+)\.(\d+)", said.stdout)
    return said.returncode == 0 and version is not None and (int(version[1]), int(version[2])) >= OLDEST_UV
