"""A shop floor for jobs among each other: types that fan out, are narrow or rated, and whoever runs what is queued."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bai import auth, db, jobs
from bai.jobs import Child, Rate, Running
from bai.worker import Job, worker_for
from tests.builders import Worker, lambda_context, sqs_event
from tests.trial_jobs import declare, trial_type

PARENT, PART = trial_type("parent"), trial_type("part")
WIDE = trial_type("narrow", client_concurrency=2)
RATED = trial_type("rated", client_rate=Rate(2, timedelta(minutes=1)))


class Floor:
    """Runs whatever is queued, message by message, with the functions that a test gives it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.seen: list[str] = []
        self.functions: dict[str, Callable[[Running], Any]] = {
            "trial.parent": lambda job: job.fan_out("parts", [Child("trial.part", {"a": n}) for n in range(3)]),
            "trial.part": lambda job: job.payload.a,
            "trial.narrow": lambda job: None,
            "trial.rated": lambda job: None,
        }
        declare(PARENT, PART, WIDE, RATED)

    def run(self) -> None:
        bound = [Job(found, run=self._function(found.name)) for found in (PARENT, PART, WIDE, RATED)]
        handler = worker_for(bound)
        while bodies := self.worker.take("ContentPlannerQueue"):
            for body in bodies:
                assert handler(sqs_event(body), lambda_context()) == {"batchItemFailures": []}

    def _function(self, name: str) -> Callable[[Running], Any]:
        def call(job: Running) -> Any:
            self.seen.append(name)
            return self.functions[name](job)

        return call


def enqueue(caller: auth.Caller, name: str = "trial.parent", **options: Any) -> str:
    with db.transaction() as session:
        return str(jobs.enqueue(session, name, {}, user_id=caller.id, **options)["id"])


def states(where: str = "true") -> list[str]:
    with db.transaction() as session:
        query = text(f"SELECT state FROM jobs WHERE {where} ORDER BY created_at, id")
        return [row.state for row in session.execute(query)]


def row(job_id: str) -> Any:
    with db.transaction() as session:
        return session.row(text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid)"), {"id": job_id})
