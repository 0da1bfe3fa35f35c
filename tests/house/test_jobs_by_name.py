"""Every job that somebody enqueues exists, is handled, and is handed the arguments that its function reads."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bai.worker import JobType

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"


@dataclass(frozen=True)
class Enqueued:
    where: str
    name: str
    keys: frozenset[str]


def _job_types() -> dict[str, JobType]:
    found = {}
    for path in sorted(FUNCTIONS.glob("*/jobs.py")):
        module = importlib.import_module(f"{path.parent.name}.jobs")
        for job_type in module.JOBS:
            assert job_type.name not in found, f"{job_type.name} is there twice"
            found[job_type.name] = job_type
    return found


def _enqueued() -> Iterator[Enqueued]:
    for path in sorted([*FUNCTIONS.rglob("*.py"), *(ROOT / "layers/shared").rglob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] != "enqueue":
                continue
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            assert len(call.args) == 3, f"{where}: enqueue(session, name, payload, …)"
            name, payload = call.args[1:]
            assert isinstance(name, ast.Constant) and isinstance(name.value, str), f"{where}: the name is no constant"
            assert isinstance(payload, ast.Dict), f"{where}: the payload is not written out, so it can't be checked"
            keys = [key.value if isinstance(key, ast.Constant) else None for key in payload.keys]
            assert all(isinstance(key, str) for key in keys), f"{where}: a key of the payload is no constant"
            yield Enqueued(where, name.value, frozenset(str(key) for key in keys))


def _keys_read(module: str) -> set[str]:
    """Keys that the module takes out of a job's payload: `job.payload["k"]`, `job["payload"]["k"]`, `.get("k")`."""
    found = set()
    for path in (FUNCTIONS / module).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(("job.payload", "job['payload']")):
                assert isinstance(node.slice, ast.Constant), f"{path.name}:{node.lineno}: a computed payload key"
                found.add(str(node.slice.value))
    return found


def test_every_enqueued_name_is_a_job_of_the_module_it_names() -> None:
    known, enqueued = _job_types(), list(_enqueued())
    assert enqueued, "the search itself finds nothing any more"
    assert [call for call in enqueued if call.name not in known] == []


def test_every_job_is_enqueued_by_somebody() -> None:
    assert set(_job_types()) - {call.name for call in _enqueued()} == set()


def test_job_names_start_with_their_module() -> None:
    for name, job_type in _job_types().items():
        module, _, verb = name.partition(".")
        assert (FUNCTIONS / module / "jobs.py").exists(), name
        assert verb.isidentifier() and "." not in verb, name
        assert job_type.run.__name__ == verb, f"{name} runs {job_type.run.__name__}"


def test_every_payload_key_that_a_module_reads_is_sent() -> None:
    sent: dict[str, set[str]] = {}
    for call in _enqueued():
        sent.setdefault(call.name.partition(".")[0], set()).update(call.keys)
    for module, keys in sent.items():
        assert _keys_read(module) - keys == set(), module


def test_a_modules_queue_and_dead_letters_are_in_the_template() -> None:
    template = (ROOT / "template.yaml").read_text()
    for module in {name.partition(".")[0] for name in _job_types()}:
        assert f"{module.upper()}_QUEUE_URL:" in template
        assert f"{module.upper()}_DLQ_URL:" in template
