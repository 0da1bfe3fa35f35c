"""A file has at most 250 lines, a function 50 (40 is the house's aim); what is beyond says why here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.test_words import ROOT, tracked

FILE_LINES, FUNCTION_LINES = 250, 50

LONG_FILES = {
    "tests/content_planner/test_template_writer.py": "one table of briefs and what must hold for each",
    "tests/jobs/test_engine.py": "the job engine's promises, side by side, on one set of helpers",
    "tests/push/test_deliver.py": "the delivery's promises, side by side, on one fake of the management API",
    "migrations/bai_migrations/versions/0001_first_tables.py": "a migration is one list of tables",
    "web/console/src/jobs/messages.es.ts": "a list of texts",
    "web/console/src/jobs/messages.en.ts": "a list of texts",
    "web/console/src/content_planner/messages.es.ts": "a list of texts",
    "web/console/src/content_planner/messages.en.ts": "a list of texts",
}
LONG_FUNCTIONS = {
    "migrations/bai_migrations/versions/0002_job_engine.py upgrade": "a migration is one list of tables",
    "migrations/bai_migrations/versions/0001_first_tables.py upgrade": "a migration is one list of tables",
}
_GENERATED = re.compile(r"web/client/schema\.d\.ts$|routeTree\.gen\.ts$|/fixtures/|tests/local/stack/")


def _sources(*endings: str) -> list[Path]:
    return [ROOT / name for name in tracked() if name.endswith(endings) and not _GENERATED.search(name)]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_longer_than_a_reader_keeps_in_mind() -> None:
    lengths = {_name(path): len(path.read_text().splitlines()) for path in _sources(".py", ".ts", ".tsx")}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES and name not in LONG_FILES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for path in _sources(".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{_name(path)} {node.name}"] = lines
    assert set(long) - set(LONG_FUNCTIONS) == set()


def test_every_exception_is_still_one() -> None:
    still = {name for name in LONG_FILES if (ROOT / name).exists()}
    short = {name for name in still if len((ROOT / name).read_text().splitlines()) <= FILE_LINES}
    assert short == set(), "short again: take it off the list"


def test_every_module_opens_by_saying_what_it_is_for() -> None:
    silent = [
        _name(path)
        for path in _sources(".py")
        if not _name(path).startswith("tests/")
        and (text := path.read_text()).strip()
        and ast.get_docstring(ast.parse(text)) is None
    ]
    assert silent == []
