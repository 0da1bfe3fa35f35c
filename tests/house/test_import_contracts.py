"""The import contracts name every package, hold, and bite when somebody breaks one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
PACKAGES = sorted(init.parent.name for init in (ROOT / "functions").glob("*/__init__.py"))
LINT = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    roots = [tree, tree / "functions", tree / "layers" / "shared", tree / "migrations"]
    command = [sys.executable, "-c", LINT, "--config", str(ROOT / "pyproject.toml"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def contract(name: str) -> str:
    return next(str(each["name"]) for each in CONTRACTS["contracts"] if each["id"] == name)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("functions", "layers/shared", "migrations", "local"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tree


def test_every_package_under_functions_is_under_contract() -> None:
    assert set(PACKAGES) <= set(CONTRACTS["root_packages"])
    by_id = {each["id"]: each for each in CONTRACTS["contracts"]}
    assert sorted(by_id["modules-apart"]["modules"]) == PACKAGES
    for name in ("boto3-in-bai-aws", "fastapi-at-the-edge", "mangum-in-bai-http"):
        assert set(by_id[name]["source_modules"]) >= {"bai", *PACKAGES}
    assert set(by_id["bai-knows-no-module"]["forbidden_modules"]) >= set(PACKAGES)


def test_the_contracts_hold() -> None:
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout[-3000:]


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("layers/shared/bai/clock.py", "import auth.service", "bai-knows-no-module"),
        ("functions/push/service.py", "import content_planner.tables", "modules-apart"),
        ("functions/auth/passwords.py", "import local.postgres", "deployed-knows-no-local"),
        ("functions/jobs/service/reading.py", "import boto3", "boto3-in-bai-aws"),
        ("functions/jobs/sweeper.py", "from fastapi import APIRouter", "fastapi-at-the-edge"),
        ("functions/push/routes.py", "import mangum", "mangum-in-bai-http"),
        ("functions/auth/service.py", "import bai.http", "services-know-no-edge"),
        ("functions/jobs/routes.py", "import bai.tables", "routes-through-services"),
        ("functions/content_planner/jobs.py", "import bai.http", "jobs-know-no-http"),
        ("functions/auth/schemas.py", "import auth.tables", "schemas-stand-alone"),
        ("functions/auth/tables.py", "import auth.service", "tables-stand-alone"),
    ],
    ids=lambda value: value if isinstance(value, str) and "-" in value else "",
)
def test_breaking_a_contract_is_seen(copied: Path, file: str, line: str, broken: str) -> None:
    path = copied / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        found = lint(copied)
    finally:
        path.write_text(before)
    assert found.returncode == 1
    assert f"{contract(broken)} BROKEN" in found.stdout
