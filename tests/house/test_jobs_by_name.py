"""Every job that somebody enqueues is declared, bound to a function, and of a version that a golden file remembers."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bai.jobs import JobType, types
from bai.worker import Job

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
GOLDEN = ROOT / "tests" / "jobs" / "golden"
DECLARED = {job_type.name: job_type for job_type in types.all_types()}


def _bound() -> dict[str, Job]:
    found = {}
    for path in sorted(FUNCTIONS.glob("*/jobs.py")):
        for job in importlib.import_module(f"{path.parent.name}.jobs").JOBS:
            assert job.type.name not in found, f"{job.type.name} is bound twice"
            found[job.type.name] = job
    return found


def _named() -> Iterator[tuple[str, str]]:
    """(where, job name) of each enqueue and each child, found in the source."""
    for path in sorted([*FUNCTIONS.rglob("*.py"), *(ROOT / "layers/shared").rglob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            called, where = ast.unparse(call.func).rpartition(".")[2], f"{path.relative_to(ROOT)}:{call.lineno}"
            position = {"enqueue": 1, "Child": 0}.get(called)
            if position is None or path.is_relative_to(ROOT / "layers/shared/bai/jobs"):
                continue  # the engine itself passes names on
            name = call.args[position]
            assert isinstance(name, ast.Constant) and isinstance(name.value, str), f"{where}: the name is no constant"
            yield where, name.value


def test_the_modules_that_declare_jobs_are_those_that_the_engine_looks_through() -> None:
    assert sorted(path.parent.name for path in FUNCTIONS.glob("*/job_types.py")) == sorted(types.MODULES)


def test_every_declared_job_is_bound_and_every_bound_one_declared() -> None:
    bound = _bound()
    assert set(bound) == set(DECLARED)
    assert all(bound[name].type is DECLARED[name] for name in bound)


def test_every_enqueued_name_is_declared() -> None:
    named = list(_named())
    assert named, "the search itself finds nothing any more"
    assert [found for found in named if found[1] not in DECLARED] == []


def test_every_job_is_enqueued_by_somebody_or_by_the_clock() -> None:
    by_clock = {name for name, job_type in DECLARED.items() if job_type.schedule is not None}
    assert set(DECLARED) - {name for _, name in _named()} - by_clock == set()


def test_a_jobs_function_has_its_verb_as_name() -> None:
    for name, job in _bound().items():
        function = job.run or job.write
        assert function is not None and function.__name__ == name.partition(".")[2], name


def test_a_jobs_queue_and_dead_letters_are_in_the_template() -> None:
    template = (ROOT / "template.yaml").read_text()
    for queue in {job_type.queue for job_type in DECLARED.values()}:
        assert f"{queue.upper()}_QUEUE_URL:" in template
        assert f"{queue.upper()}_DLQ_URL:" in template


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_payload_version_ever_has_a_golden_file_that_is_still_read(name: str) -> None:
    """Jobs in the queue outlive a deploy. A change of a payload is a new version with an upcaster, never an edit."""
    job_type: JobType = DECLARED[name]
    files = sorted(GOLDEN.glob(f"{name}.v*.json"))
    assert [path.name for path in files] == [f"{name}.v{number}.json" for number in range(1, job_type.version + 1)]
    for number, path in enumerate(files, 1):
        job_type.read_payload(json.loads(path.read_text()), number)
    newest = json.loads(files[-1].read_text())
    assert set(newest) == set(job_type.payload.model_fields), "a field was added or removed without a new version"
