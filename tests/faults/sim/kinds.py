"""The simulation's own jobs, one kind for each thing the engine can do, declared and bound like any module's.

They act on the simulated world alone: services with a memory, and two tables that show what was written twice.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text

from bai import clock
from bai.db import Session
from bai.errors import GenerationFailed, Unavailable
from bai.jobs import Child, JobRow, JobType, NotDone, Rate, Retries, Retry, Running, WaitForCallback
from bai.worker import Job
from tests.faults.sim.services import NotReached, Services

MODULE = "simulation"
_RETRIES = Retries(retryable=14, unknown=12, first_seconds=2, cap_seconds=300)


class Order(BaseModel):
    """What every kind is given: `modes` for effects, `failures` for attempts that fail by themselves."""

    number: int = 0
    modes: list[str] = []
    failures: list[str] = []
    seconds: float = 0.0
    parts: list[str] = []


def _kind(name: str, **options: Any) -> JobType:
    return JobType(f"{MODULE}.{name}", payload=Order, **{"retries": _RETRIES, **options})


WRITE = _kind("write")
STEPS = _kind("steps")
PAID = _kind("paid")
CALLBACK = _kind("callback")
FAMILY = _kind("family")
PART = _kind("part", client_concurrency=2)
FLAKY = _kind("flaky")
REFUSED = _kind("refused")
LIMITED = _kind("limited", client_concurrency=1)
RATED = _kind("rated", client_rate=Rate(1, timedelta(seconds=30)))
LARGE = _kind("large")
JOB_TYPES = (WRITE, STEPS, PAID, CALLBACK, FAMILY, PART, FLAKY, REFUSED, LIMITED, RATED, LARGE)

TABLES = """
    CREATE TABLE IF NOT EXISTS public.sim_written (job_id uuid NOT NULL, attempt int NOT NULL);
    CREATE TABLE IF NOT EXISTS public.sim_settled (job_id uuid NOT NULL, state text NOT NULL, finished_at timestamptz)
"""
_WRITTEN = text("INSERT INTO sim_written (job_id, attempt) VALUES (CAST(:id AS uuid), :attempt)")
_SETTLED = text("INSERT INTO sim_settled (job_id, state, finished_at) VALUES (CAST(:id AS uuid), :state, :finished)")


@dataclass
class Ledger:
    """What the jobs themselves noted: which step results were paid for, recorded and by which attempt."""

    paid: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    recorded: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.paid.clear()
        self.recorded.clear()
        self.faults.clear()


class Kinds:
    def __init__(self, services: Services) -> None:
        self.services, self.ledger = services, Ledger()
        self.jobs = tuple(
            Job(kind, settle=self.settle, **({"write": self.write} if kind is WRITE else {"run": run}))
            for kind, run in (
                (WRITE, None), (STEPS, self.steps), (PAID, self.paid), (CALLBACK, self.callback), (FAMILY, self.family),
                (PART, self.part), (FLAKY, self.flaky), (REFUSED, self.refused), (LIMITED, self.part), (RATED, self.part),
                (LARGE, self.large),
            )
        )  # fmt: skip

    def settle(self, session: Session, job: JobRow) -> None:
        fields = {"id": job["id"], "state": job["state"], "finished": job["finished_at"]}
        session.execute(_SETTLED, fields)

    def write(self, session: Session, job: Running) -> Any:
        self._fail(job)
        session.execute(_WRITTEN, {"id": job.id, "attempt": job.attempt})
        return {"written": job.payload.number}

    def _fail(self, job: Running) -> None:
        """The attempt fails by itself, as its order says."""
        failures = job.payload.failures
        if job.attempt > len(failures):
            return
        match failures[job.attempt - 1]:
            case "unavailable":
                raise Unavailable("The other side is away.")
            case "error":
                raise RuntimeError("a slip")
            case "retry":
                raise Retry(7, "later")

    def _effect(self, job: Running, number: int, mode: Any) -> Any:
        name = f"effect-{number}"
        send = {"keyed": self.services.keyed, "probe": self.services.probed}.get(mode, self.services.bare)
        probe = self.services.probe if mode == "probe" else None

        def ask(key: str) -> Any:
            try:
                return send(job.id, name, key)
            except NotReached as refusal:
                raise NotDone("The connection was refused.") from refusal

        return job.effect(name, ask, mode=mode, probe=probe, progress=20 * number)

    def steps(self, job: Running) -> Any:
        """Three effects, each in the mode that its order names."""
        made = [self._effect(job, number, mode) for number, mode in enumerate(job.payload.modes, 1)]
        return {"made": made}

    def paid(self, job: Running) -> Any:
        """Steps whose results cost money: a later attempt must not pay again for what an earlier one recorded."""
        return {"bought": [self._buy(job, f"buy-{number}") for number in (1, 2, 3)]}

    def _buy(self, job: Running, name: str) -> Any:
        key = (job.id, name)

        def buy() -> Any:
            if self.ledger.recorded.get(key, job.attempt) < job.attempt:
                self.ledger.faults.append(f"{name} of {job.id} was paid again in attempt {job.attempt}")
            self.ledger.paid.setdefault(key, []).append(job.attempt)
            bought = self.services.bare(job.id, name, f"{job.id}/{name}")
            job.heartbeat(message=f"{name} bought")
            return bought

        def record(session: Session, made: Any) -> None:
            def note(session: Session) -> None:
                self.ledger.recorded.setdefault(key, job.attempt)

            session.after_commit(f"recorded {name}", note)

        return job.step(name, buy, apply=record, seconds=min(10 + job.payload.seconds, 60))

    def callback(self, job: Running) -> Any:
        self._fail(job)
        job.effect("hand-off", lambda key: self.services.hand_over(job.id, "hand-off", key), mode="keyed")
        answer = job.result_of("callback")
        if answer is None:
            raise WaitForCallback(clock.now() + timedelta(minutes=10), "Handed over")
        if "error" in answer:
            raise GenerationFailed(str(answer["error"]))
        return {"answer": answer}

    def family(self, job: Running) -> Any:
        parts = [Child(f"{MODULE}.{name}", Order(number=n)) for n, name in enumerate(job.payload.parts)]
        made = job.fan_out("parts", parts)
        kept = job.step("together", lambda: {"sum": len(made)})
        return {"parts": made, **kept}

    def part(self, job: Running) -> Any:
        self._fail(job)
        return {"made": self._effect(job, 1, "keyed")}

    def flaky(self, job: Running) -> Any:
        first = self._buy(job, "buy-1")
        self._fail(job)
        return {"first": first, "second": self._effect(job, 2, "keyed")}

    def refused(self, job: Running) -> Any:
        if job.retried_at is None:
            raise GenerationFailed("It is refused the first time.")
        return {"made": self._effect(job, 1, "keyed")}

    def large(self, job: Running) -> Any:
        return {"made": self._effect(job, 1, "keyed"), "text": "x" * 70_000}


def declare() -> None:
    """Makes `simulation.job_types` importable, as a module's own would be."""
    package, declared = ModuleType(MODULE), ModuleType(f"{MODULE}.job_types")
    declared.JOB_TYPES = JOB_TYPES  # type: ignore[attr-defined]
    package.job_types = declared  # type: ignore[attr-defined]
    sys.modules.update({MODULE: package, declared.__name__: declared})
