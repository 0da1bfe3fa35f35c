"""Our jobs of the comparison: the same as arq_worker's, on the real engine. Types of the module `compare`."""

from __future__ import annotations

import sys
import time
from types import ModuleType
from typing import Any, Final

from pydantic import BaseModel

from bai.jobs import JobType, Running, Schedule
from bai.worker import Job
from local.arq_outside import happened
from local.arq_worker import LONG_SECONDS, TIMEOUT_SECONDS

QUEUES: Final = ("compare", "late", "jobs")


class Tagged(BaseModel):
    tag: str


class Tick(BaseModel):
    tick: str


def two_steps(job: Running) -> str:
    tag = job.payload.tag

    def second() -> None:
        if happened("second step", tag) == 1:
            time.sleep(LONG_SECONDS)

    job.step("paid call", lambda: happened("paid call", tag), seconds=TIMEOUT_SECONDS)
    job.step("second", second, seconds=TIMEOUT_SECONDS)
    happened("end", tag)
    return "done"


def quick(job: Running) -> str:
    happened("run", job.payload.tag)
    return "done"


def not_so_quick(job: Running) -> str:
    happened("run", job.payload.tag)
    time.sleep(0.8)
    return "done"


def long(job: Running) -> str:
    happened("run", job.payload.tag)
    for _ in range(15):
        job.heartbeat()
        time.sleep(LONG_SECONDS / 15)
    happened("end", job.payload.tag)
    return "done"


def too_slow_once(job: Running) -> str:
    def work() -> None:
        if happened("run", job.payload.tag) == 1:
            time.sleep(60)

    job.step("wait", work, seconds=TIMEOUT_SECONDS)
    return "done"


def blocked_once(job: Running) -> str:
    def work() -> None:
        if happened("run", job.payload.tag) == 1:
            ends = time.monotonic() + TIMEOUT_SECONDS + 2
            while time.monotonic() < ends:
                sum(range(1000))
            happened("end", job.payload.tag)

    job.step("compute", work, seconds=TIMEOUT_SECONDS)
    return "done"


def fails_once(job: Running) -> str:
    if happened("run", job.payload.tag) == 1:
        raise ConnectionError("the other side hung up")
    return "done"


def tick(job: Running) -> str:
    happened("tick", job.payload.tick)
    return "done"


def killed_tick(job: Running) -> str:
    def work() -> None:
        if happened("killed tick", "cron") == 1:
            time.sleep(LONG_SECONDS)

    job.step("work", work, seconds=TIMEOUT_SECONDS)
    happened("end", "cron")
    return "done"


_EVERY_MINUTE: Final = Schedule("* * * * *", missed="all")
_TAGGED: Final = (two_steps, quick, not_so_quick, long, too_slow_once, blocked_once, fails_once)
_SCHEDULED: Final = (tick, killed_tick)


def bound() -> list[Job]:
    """The types, declared under the name `compare`, with their functions."""
    found = [Job(_type(work.__name__, Tagged), run=work) for work in _TAGGED]
    found += [Job(_type(f"late_{work.__name__}", Tagged, queue="late"), run=work) for work in (quick,)]
    found += [Job(_type(work.__name__, Tick, schedule=_EVERY_MINUTE), run=work) for work in _SCHEDULED]
    module = ModuleType("compare.job_types")
    module.JOB_TYPES = tuple(job.type for job in found)  # type: ignore[attr-defined]
    sys.modules["compare.job_types"] = module
    return found


def _type(name: str, payload: type[BaseModel], **options: Any) -> JobType:
    return JobType(f"compare.{name}", payload=payload, hidden=True, **{"queue": "compare", **options})
