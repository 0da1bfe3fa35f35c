"""Our worker of bench/jobs.py: the same two statements as an atomic (`write`) job, under the official runtime client."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from pydantic import BaseModel
from sqlalchemy import text

from bai.db import Session
from bai.jobs import JobType, Running
from bai.worker import Job, worker_for
from bench.jobs_work import BODY, INSERT, UPDATE, tell

_INSERT = text(INSERT.format(account=":account", body=":body"))
_UPDATE = text(UPDATE.format(account=":account"))
_EACH = bool(os.environ.get("BENCH_PORT"))


class Note(BaseModel):
    account: int


NOTE = JobType("bench_jobs.note", payload=Note, queue="bench", hidden=True)


def note(session: Session, job: Running) -> None:
    account = job.payload.account
    session.execute(_INSERT, {"account": account, "body": BODY})
    session.execute(_UPDATE, {"account": account})
    if _EACH:
        session.after_commit(f"tell {account}", lambda _: tell(str(account)))


def declare() -> None:
    module = ModuleType("bench_jobs.job_types")
    module.JOB_TYPES = (NOTE,)  # type: ignore[attr-defined]
    sys.modules["bench_jobs.job_types"] = module


declare()
handler = worker_for([Job(NOTE, write=note)])


def sweep() -> None:
    """What the schedule asks for each minute."""
    from jobs import sweeper
    from local.arq_ground import lambda_context

    sweeper.handler({}, lambda_context(60))


if __name__ == "__main__":
    sweep()
