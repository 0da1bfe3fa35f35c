"""Part 9 of the proof: eight schedulers ask at once for the same ticks, in every order, and some die in the middle.

Each has a connection of its own and gives way at every statement, also inside its transaction: so they really meet at the
schedule's row. A minute's tick must have one job, whoever held the lock, was frozen with it or died.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pg8000
import sqlalchemy
from pydantic import BaseModel

from bai import aws, clock, db, settings
from bai.jobs import JobType, Schedule
from bai.jobs.scheduler import tick
from tests.faults.results import Result
from tests.faults.sim.actors import Actors, Killed
from tests.faults.sim.clock import EPOCH, Clock
from tests.faults.sim.database import Database, Wire, database
from tests.faults.sim.queues import Queue, Sqs, url_of

_MODULE = "ticking"


class Tick(BaseModel):
    tick: str


def _types() -> tuple[JobType, ...]:
    every = {"payload": Tick, "hidden": True}
    return (
        JobType(f"{_MODULE}.every", schedule=Schedule("* * * * *", missed="all"), **every),  # type: ignore[arg-type]
        JobType(f"{_MODULE}.newest", schedule=Schedule("* * * * *", missed="once"), **every),  # type: ignore[arg-type]
    )


class _Schedulers:
    """Who asks, with what goes wrong at their statements."""

    def __init__(self, base: Database, number: int, rng: random.Random) -> None:
        self.rng, self.clock = rng, Clock()
        self.actors = Actors(self.clock, lambda: None, lambda kept: None)
        self.queue = Queue(_MODULE, self.clock, 540)
        self.calm = False
        self.struck: Counter[str] = Counter()
        self.busy: set[int] = set()
        self.engines = []
        for _ in range(number):
            wire = base.connect()
            wire.door = self._door
            self.engines.append((wire, sqlalchemy.create_engine(
                "postgresql+onetrip://", creator=lambda wire=wire: wire, pool_size=1, max_overflow=0, pool_timeout=1
            )))  # fmt: skip

    def _door(self, kind: str, label: str, act: Callable[[], Any]) -> Any:
        actor = self.actors.current
        if actor is None:
            return act()
        if actor.dead:
            raise Killed
        fault = (
            None if self.calm else self.rng.choices((None, "before", "after", "kill", "freeze"), (400, 2, 2, 4, 4))[0]
        )
        if fault:
            self.struck[fault] += 1
        self.actors.give_way(self.rng.choice((30, 90, 400)) if fault == "freeze" else 0)
        if fault == "kill" and self.rng.random() < 0.5:
            actor.dead = True
            raise Killed
        if fault == "before":
            raise pg8000.InterfaceError("network error while sending")
        answer = act()
        if fault == "kill":
            actor.dead = True
            raise Killed
        if fault == "after":
            raise pg8000.InterfaceError("network error while reading")
        return answer

    def ask(self, number: int, job_type: JobType, skew: float) -> None:
        """One scheduler's minute, by its own clock."""
        self.busy.add(number)

        def work() -> None:
            with db.transaction() as session:
                tick(session, job_type, self.clock.now() + timedelta(seconds=skew))

        actor = self.actors.start(f"scheduler-{number}", str(number), work, 60)
        actor.on_end = lambda ended: self.busy.discard(number)

    def connect(self) -> sqlalchemy.Connection:
        current = self.actors.current
        return self.engines[int(current.kind) if current else 0][1].connect()

    def run_all(self) -> None:
        """Until everybody has ended or is frozen."""
        while ready := self.actors.runnable():
            actor = self.rng.choice(ready)
            self.actors.resume(actor)
            if actor.done:
                assert actor.on_end is not None
                actor.on_end(actor)


@contextmanager
def _seams(made: _Schedulers, types: tuple[JobType, ...]) -> Iterator[None]:
    package, declared = ModuleType(_MODULE), ModuleType(f"{_MODULE}.job_types")
    declared.JOB_TYPES = types  # type: ignore[attr-defined]
    sys.modules.update({_MODULE: package, declared.__name__: declared})
    os.environ.update(TICKING_QUEUE_URL=url_of(_MODULE))
    sqs = Sqs([made.queue], lambda kind, label, act: act())
    silent = SimpleNamespace(write=len, flush=lambda: None)
    facade: Any = SimpleNamespace(connect=made.connect)
    seams: list[tuple[Any, str, Any]] = [
        (clock, "now", made.clock.now), (aws, "_client", lambda name, **options: sqs), (db, "engine", lambda: facade),
        (sys, "stdout", silent),
    ]  # fmt: skip
    kept = [(where, name, getattr(where, name)) for where, name, _ in seams]
    for where, name, value in seams:
        setattr(where, name, value)
    settings.forget()
    aws.forget()
    try:
        yield
    finally:
        for where, name, value in kept:
            setattr(where, name, value)
        for wire, _ in made.engines:
            wire.door = None
            Wire._drop(wire)
        settings.forget()
        aws.forget()


def run_schedulers(schedulers: int = 8, ticks: int = 10_000, seed: int = 1) -> Result:
    """Every planned minute once, for the policy `all`; for `once` none twice and none that was not planned."""
    start, rng = time.monotonic(), random.Random(seed)
    types = _types()
    with database() as base:
        made = _Schedulers(base, schedulers, rng)
        with _seams(made, types):
            made.clock.moment = EPOCH + timedelta(seconds=0.5)
            _begin(made, types)
            end = EPOCH + timedelta(minutes=ticks)
            rounds = 0
            while made.clock.moment < end:
                rounds += 1
                made.clock.moment = min(
                    made.clock.moment + timedelta(seconds=rng.choice((20, 45, 60, 60, 75, 150))), end
                )
                for number in range(schedulers):
                    if number not in made.busy and rng.random() < 0.9:
                        made.ask(number, rng.choices(types, (3, 1))[0], rng.uniform(-2, 0))
                made.run_all()
            _finish(made, types, end)
        enqueued = [base.query(_ENQUEUED.format(name=job_type.name)) for job_type in types]
        sent = made.queue.sent
    planned = {(EPOCH + timedelta(minutes=n)).isoformat()[:16] for n in range(1, ticks + 1)}
    every, newest = (Counter(tick_of[:16] for (tick_of,) in rows) for rows in enqueued)
    lost = len(planned - every.keys())
    doubled = sum(n - 1 for n in (*every.values(), *newest.values())) + len((every.keys() | newest.keys()) - planned)
    faults = ", ".join(f"{number} {name}" for name, number in made.struck.most_common())
    notes = f"{schedulers} schedulers, {rounds} rounds, {sent} messages; {faults}; the policy `once` took {len(newest)} of them"
    return Result("schedulers", ticks, lost, doubled, len(made.busy), time.monotonic() - start, notes)


_ENQUEUED = "SELECT payload->>'tick' FROM jobs WHERE type = '{name}'"


def _begin(made: _Schedulers, types: tuple[JobType, ...]) -> None:
    """The schedules are seen for the first time: from here on ticks count."""
    made.calm = True
    for job_type in types:
        made.ask(0, job_type, 0)
        made.run_all()
    made.calm = False


def _finish(made: _Schedulers, types: tuple[JobType, ...], end: Any) -> None:
    """The frozen thaw, and the last ticks are made good."""
    made.calm = True
    for actor in made.actors.living:
        actor.wakes_at = 0
    made.run_all()
    made.clock.moment = end + timedelta(seconds=1)
    for _ in range(60):
        for job_type in types:
            made.ask(0, job_type, 0)
            made.run_all()
