"""Our engine for the comparison: real PostgreSQL behind PgBouncer, MiniStack's queues, workers and a sweeper as processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bai import clock, jobs
from bai.db import transaction
from bai.jobs import states
from local import arq_ground
from local.arq_ours_jobs import QUEUES, bound
from local.arq_outside import VARIABLE, Outside

_ROW = text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid)")


class Ours:
    """What a test of the engine needs; `start` starts one of arq_ours_worker's processes."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.outside = Outside(Path(environment[VARIABLE]))
        self.processes: list[subprocess.Popen[bytes]] = []
        self.first_minute = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=30)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"ours-{arguments[0]}.log"
        started = arq_ground.start_python("local.arq_ours_worker", arguments, self.environment, log)
        self.processes.append(started)
        return started

    def enqueue(self, name: str, tag: str, **options: Any) -> str:
        with transaction() as session:
            return str(jobs.enqueue(session, f"compare.{name}", {"tag": tag}, user_id=None, **options)["id"])

    def row(self, job_id: str) -> Mapping[str, Any]:
        with transaction() as session:
            found = session.row(_ROW, {"id": job_id})
        assert found is not None
        return dict(found)

    def until_over(self, job_id: str, patience: float = 15.0) -> Mapping[str, Any]:
        """The row, once its state is final (or for too long not)."""
        until = time.monotonic() + patience
        while (row := self.row(job_id))["state"] not in states.FINAL and time.monotonic() < until:
            time.sleep(0.05)
        return row

    def kill_whoever(self, what: str, tag: str) -> float:
        """SIGKILLs the worker that did it and starts another; when that was."""
        os.kill(self.outside.process_of(what, tag), signal.SIGKILL)
        killed = time.monotonic()
        self.start("work", "compare")
        return killed

    def minute(self, number: int) -> str:
        """The minute of that number, as a tick's payload names it."""
        return str(clock.to_wire(self.first_minute + timedelta(minutes=number)))

    def tell_minutes(self, name: str, first: int, count: int) -> None:
        """Starts two schedulers that are told the same minutes at the same moments."""
        begin = str(time.time() + 3)  # both have started by then
        start = (self.first_minute + timedelta(minutes=first)).isoformat()
        for _ in range(2):
            self.start("tick", f"compare.{name}", start, str(count), begin)

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@contextmanager
def engine(folder: Path) -> Iterator[Ours]:
    """Three workers and a sweeper, once a second, on everything of their own."""
    with ExitStack() as stack:
        endpoint = stack.enter_context(arq_ground.queues(folder / "queues"))
        database = stack.enter_context(arq_ground.database(folder / "postgres"))
        more = {VARIABLE: str(folder / "our-outside.jsonl"), "LOG_LEVEL": "INFO", "POWERTOOLS_SERVICE_NAME": "compare"}
        environment = arq_ground.worker_environment(database, endpoint, QUEUES, **more)
        arq_ground.migrate(database, environment)
        stack.enter_context(arq_ground.as_environment(environment))
        bound()
        ours = Ours(folder, environment)
        stack.callback(ours.stop)
        for _ in range(3):
            ours.start("work", "compare")
        ours.start("sweep")
        ours.until_over(ours.enqueue("quick", "they have started"))
        yield ours


def enqueue_many(asked: tuple[dict[str, str], str, int, float]) -> list[str]:
    """In a process of its own: asks so often, from that moment on, for one unique key; the ids of the jobs it got."""
    environment, key, number, begin = asked
    with arq_ground.as_environment(environment):
        bound()
        got = []
        time.sleep(max(0.0, begin - time.time()))
        for _ in range(number):
            with transaction() as session:
                unique = jobs.Unique(key)
                row = jobs.enqueue(session, "compare.not_so_quick", {"tag": key}, user_id=None, unique=unique)
                got.append(str(row["id"]))
        return got
