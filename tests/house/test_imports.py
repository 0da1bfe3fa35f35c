"""What one entry of template.yaml loads at import, in a fresh interpreter: its own package, and nothing heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from local.template import Template

ROOT = Path(__file__).parents[2]
TEMPLATE = Template(ROOT / "template.yaml", {})
HANDLERS = sorted({function.handler for function in TEMPLATE.functions().values()})
PACKAGES = {path.name for path in (ROOT / "functions").iterdir() if (path / "__init__.py").exists()}
# Each costs tens of milliseconds; they are imported where they are used, on first use.
HEAVY = (
    "boto3", "botocore.session", "botocore.client", "jwt", "cryptography", "argon2", "httpx", "alembic", "aws_xray_sdk",
    "aws_lambda_powertools.utilities.parser", "email_validator", "multipart", "sqlalchemy.orm",
)  # fmt: skip
# The migration runner is Alembic, and Alembic is built on SQLAlchemy's ORM.
MAY_LOAD = {"ops.migrate.handler": {"alembic", "sqlalchemy.orm"}}
_REPORT = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"


@cache
def loaded_by(handler: str) -> frozenset[str]:
    """Modules in sys.modules once the entry is imported; the function's own environment is not needed for that."""
    path = ":".join(str(ROOT / part) for part in ("functions", "layers/shared", "migrations"))
    done = subprocess.run(
        [sys.executable, "-c", _REPORT, handler.rpartition(".")[0]],
        env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{handler} does not import without its environment:\n{done.stderr[-2000:]}"
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("handler", HANDLERS)
def test_an_entry_loads_no_other_modules_package(handler: str) -> None:
    own = handler.partition(".")[0]
    assert {name.partition(".")[0] for name in loaded_by(handler)} & PACKAGES == {own}


@pytest.mark.parametrize("handler", HANDLERS)
def test_an_entry_loads_nothing_heavy_at_import(handler: str) -> None:
    allowed = MAY_LOAD.get(handler, set())
    loaded = loaded_by(handler)
    assert [name for name in HEAVY if name in loaded and name not in allowed] == []


@pytest.mark.parametrize("handler", [name for name in HANDLERS if not name.endswith(".routes.handler")])
def test_only_routes_load_the_web_framework(handler: str) -> None:
    assert {"fastapi", "starlette", "mangum"}.isdisjoint(loaded_by(handler))


@pytest.mark.parametrize("handler", ["push.authorizer.handler", "push.sockets.handler", "push.deliver.handler"])
def test_the_socket_functions_load_no_database(handler: str) -> None:
    """They stay outside the VPC and are what a reconnecting crowd waits for."""
    assert {"sqlalchemy", "pg8000", "pydantic", "bai.db"}.isdisjoint(loaded_by(handler))


def test_no_entry_reaches_for_the_local_cloud() -> None:
    assert {handler for handler in HANDLERS if "local" in loaded_by(handler)} == set()
