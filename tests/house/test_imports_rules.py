"""HOUSE.md's table of who may import whom, and what else a room must not touch, read from the syntax trees.

import-linter (make check) follows chains of imports; this looks at what each file itself says, lazy imports included.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.source_tree import imports_of, modules, tree_of

MODULES = sorted({name.partition(".")[0] for name in modules()} - {"bai", "bai_migrations"})
EDGE = {"fastapi", "starlette", "mangum"}
AWS = {"boto3", "botocore"}

# Who may, and why; anybody else may not.
MAY_READ_ENVIRONMENT = {
    "bai.settings": "it is the place",
    "bai.rds_token": "Lambda's credentials, which the platform sets and rotates",
    "bai.db": "AWS_REGION, which the platform sets",
    "bai.aws": "AWS_REGION, which the platform sets",
}
MAY_USE_CONNECTION = {
    "ops.migrate": "Alembic drives the connection itself; the schema has no services",
}


def _room(name: str) -> str:
    """bai | tables | schemas | service | routes | jobs | other (an outside-system file or another entry)."""
    parts = name.split(".")
    if parts[0] in ("bai", "bai_migrations"):
        return parts[0]
    if len(parts) > 1 and parts[1] in ("tables", "schemas", "service", "routes", "jobs"):
        return parts[1]
    return "other"


def _in(room: str) -> list[str]:
    return [name for name in modules() if _room(name) == room]


def _roots(name: str) -> set[str]:
    return {imported.partition(".")[0] for imported in imports_of(name)}


def _taken(name: str, *forbidden: str) -> set[str]:
    """Which of the forbidden modules (or anything inside them) the file imports."""
    return {one for one in imports_of(name) for bad in forbidden if one == bad or one.startswith(f"{bad}.")}


def test_bai_knows_no_module() -> None:
    assert {name: _roots(name) & set(MODULES) for name in _in("bai") if _roots(name) & set(MODULES)} == {}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_knows_no_other_module(module: str) -> None:
    others = set(MODULES) - {module}
    found = {name: _roots(name) & others for name in modules() if name.partition(".")[0] == module}
    assert {name: roots for name, roots in found.items() if roots} == {}


def test_nothing_deployed_knows_the_local_cloud_or_the_tests() -> None:
    assert [name for name in modules() if _roots(name) & {"local", "tests", "bench", "moto", "pytest"}] == []


def test_boto3_is_imported_by_bai_aws_alone() -> None:
    assert [name for name in modules() if _roots(name) & AWS and name != "bai.aws"] == []


def test_the_web_framework_is_imported_by_bai_http_and_routes_alone() -> None:
    assert [name for name in modules() if _roots(name) & EDGE and name != "bai.http" and _room(name) != "routes"] == []
    assert [name for name in modules() if "mangum" in _roots(name) and name != "bai.http"] == []


def test_tables_know_nothing_but_bai_tables() -> None:
    own = {name: {one for one in imports_of(name) if one.startswith(("bai", *MODULES))} for name in _in("tables")}
    allowed = ("bai.db", "bai.tables")
    assert {name: found for name, found in own.items() if not all(one.startswith(allowed) for one in found)} == {}


def test_schemas_know_neither_tables_nor_services() -> None:
    bad = [f"{module}.{room}" for module in MODULES for room in ("tables", "service", "routes", "jobs")]
    forbidden = (*bad, "bai.tables", "bai.db", "sqlalchemy")
    assert {name: found for name in _in("schemas") if (found := _taken(name, *forbidden))} == {}


def test_services_know_no_edge_and_no_cloud() -> None:
    forbidden = ("bai.http", "bai.worker", "bai.aws", "os", *EDGE, *AWS)
    assert {name: found for name in _in("service") if (found := _taken(name, *forbidden))} == {}


def test_services_never_take_a_lambda_event_or_context() -> None:
    bad = [
        f"{name}.{function.name}"
        for name in _in("service")
        for function in _functions(name)
        if {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
        & {"event", "context", "request"}
        and function.name not in _DOMAIN_EVENT
    ]
    assert bad == []


# `event` is here the name of what a client is told, not Lambda's.
_DOMAIN_EVENT = {"change_campaign"}


def test_routes_touch_no_table() -> None:
    bad = [f"{module}.tables" for module in MODULES]
    found = {name: _taken(name, "bai.tables", "sqlalchemy", *bad) for name in _in("routes")}
    assert {name: taken for name, taken in found.items() if taken} == {}


def test_routes_never_catch_domain_errors() -> None:
    """One table in bai.http says what an error is on the wire. The health page answers for a database that is away."""
    bad = []
    for name in _in("routes"):
        for handler in (node for node in ast.walk(tree_of(name)) if isinstance(node, ast.ExceptHandler)):
            caught = ast.unparse(handler.type) if handler.type else "everything"
            if caught not in ("ValueError", "ValidationError") and (name, caught) != ("ops.routes", "Unavailable"):
                bad.append(f"{name}:{handler.lineno} {caught}")
    assert bad == []


def test_jobs_know_no_http() -> None:
    assert {name: found for name in _in("jobs") if (found := _taken(name, "bai.http", *EDGE))} == {}


def test_only_the_transaction_block_commits() -> None:
    calls = {
        f"{name}:{call.lineno}"
        for name in modules()
        for call in ast.walk(tree_of(name))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] in ("commit", "rollback")
        # The driver's own BEGIN and COMMIT live in the dialect.
        and name != "bai.dialect"
    }
    assert calls == set()


def test_only_the_transaction_block_opens_a_connection() -> None:
    opened = {
        name
        for name in modules()
        for call in ast.walk(tree_of(name))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(("engine().connect", "engine().begin"))
    }
    assert opened - {"bai.db"} == set(MAY_USE_CONNECTION)


def test_services_open_no_transaction_of_their_own() -> None:
    """A job's function may: it does slow work between transactions. What a route calls may not."""
    opened = {
        f"{name}.{function.name}"
        for name in _in("service")
        for function in _functions(name)
        if any(isinstance(node, ast.Call) and ast.unparse(node.func) == "transaction" for node in ast.walk(function))
        and "session" in {argument.arg for argument in function.args.args}
    }
    assert opened == set()


def test_the_environment_is_read_in_bai_settings() -> None:
    readers = {
        name
        for name in modules()
        if name != "bai_migrations.env"
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    }
    assert readers - set(MAY_READ_ENVIRONMENT) == set()
    assert set(MAY_READ_ENVIRONMENT) - readers == set(), "these no longer need it"


def test_time_of_day_comes_from_bai_clock() -> None:
    bad = {
        f"{name}:{node.lineno}"
        for name in modules()
        if name != "bai.clock"
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("datetime.now", "datetime.utcnow", "date.today"))
    }
    assert bad == set()


def _functions(name: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
