"""What people and outside systems do to jobs: ask, cancel, retry, replay, reconcile, pause, answer. Each is a process that may die.

Notes what was acknowledged: that is what the checks hold the engine to.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from bai import db, jobs
from bai.errors import Unavailable
from bai.ids import new_id
from bai.jobs import queues
from tests.faults.sim import kinds
from tests.faults.sim.actors import Actor
from tests.faults.sim.sockets import Client
from tests.faults.sim.wishes import Wish
from tests.faults.sim.world import World


@dataclass
class Requests:
    world: World
    seed: int
    rng: random.Random
    users: list[str] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)  # acknowledged
    retried: set[str] = field(default_factory=set)  # asked for, acknowledged or not
    replays: set[str] = field(default_factory=set)  # acknowledged: the new jobs
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)  # surely paused from, to
    answers: dict[str, int] = field(default_factory=dict)  # acknowledged as taken
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    callbacks: tuple[str, ...] = ("once", "once", "twice", "never", "early", "late", "error")

    def add_user(self, *, listens: bool, screens: int = 1) -> str:
        user = new_id()
        self.users.append(user)
        self.world.database.query(
            f"INSERT INTO users (id, email, password_hash, full_name) VALUES ('{user}', '{user}@example.com', '', 'T')"
        )
        if listens:
            moment = self.world.clock.moment.isoformat()
            self.world.database.query(
                f"INSERT INTO event_counters (user_id, listening_at) VALUES ('{user}', '{moment}')"
            )
            self.world.sockets.clients += [Client(user) for _ in range(screens)]
        return user

    def ask(self, wish: Wish) -> None:
        wish.asked += 1

        def enqueue() -> str:
            with db.transaction() as session:
                row = jobs.enqueue(
                    session, f"{kinds.MODULE}.{wish.kind}", wish.order, user_id=wish.user, **wish.options
                )
            return str(row["id"])

        def told(actor: Actor) -> None:
            if actor.ended_well:
                wish.job_id, wish.acknowledged = actor.answer, True
                if wish.cancels:
                    self.later(self.rng.choice((0, 0.05, 1, 20)), lambda: self.cancel(str(wish.job_id)))
            elif (actor.dead or isinstance(actor.error, Unavailable)) and wish.asked < 3:
                self.later(1, lambda: self.ask(wish))  # told to come back: it does

        self.world.start_call("enqueue", enqueue).on_end = told

    def cancel(self, job_id: str) -> None:
        def cancel() -> None:
            with db.transaction() as session:
                jobs.cancel(session, jobs.lock(session, job_id))

        def told(actor: Actor) -> None:
            if actor.ended_well:
                self.cancelled.add(job_id)

        self.world.start_call("cancel", cancel).on_end = told

    def retry(self, job_id: str) -> None:
        self.retried.add(job_id)

        def retry() -> None:
            with db.transaction() as session:
                jobs.retry(session, jobs.lock(session, job_id))

        self.world.start_call("retry", retry)

    def reconcile(self, job_id: str, name: str, *, happened: bool) -> None:
        self.retried.add(job_id)

        def reconcile() -> None:
            with db.transaction() as session:
                jobs.reconcile(session, jobs.lock(session, job_id), name, happened=happened, result={"looked": True})

        self.world.start_call("reconcile", reconcile)

    def replay(self, job_id: str) -> None:
        def replay() -> str:
            with db.transaction() as session:
                return str(jobs.replay(session, jobs.lock(session, job_id), None)["id"])

        def told(actor: Actor) -> None:
            if actor.ended_well:
                self.replays.add(actor.answer)

        self.world.start_call("replay", replay).on_end = told

    def pause(self) -> None:
        """Somebody on call holds the queue for a while."""

        def pause() -> None:
            with db.transaction() as session:
                queues.pause(session, kinds.MODULE, by="somebody", reason="to look")

        def told(actor: Actor) -> None:
            since = self.world.clock.moment if actor.ended_well else None
            self.later(self.rng.choice((1, 90, 700)), partial(self._resume_queue, since))

        self.world.start_call("pause", pause).on_end = told

    def _resume_queue(self, since: datetime | None) -> None:
        def resume() -> None:
            with db.transaction() as session:
                queues.resume(session, kinds.MODULE)

        def told(actor: Actor) -> None:
            if not actor.ended_well:
                self.later(1, partial(self._resume_queue, None))  # it is still held: they see that and try again

        if since is not None:
            self.pauses.append((since, self.world.clock.moment))
        self.world.start_call("resume", resume).on_end = told

    def _call_back(self, job_id: str, content: dict[str, Any], tries: int = 8) -> None:
        """The outside system's answer; it tries again until it is told that it was heard."""

        def answer() -> bool:
            with db.transaction() as session:
                return jobs.answer(session, jobs.lock(session, job_id), content)

        def told(actor: Actor) -> None:
            if actor.ended_well:
                self.answers[job_id] = self.answers.get(job_id, 0) + bool(actor.answer)
            elif tries > 0:
                self.later(5, lambda: self._call_back(job_id, content, tries - 1))

        self.world.start_call("callback", answer).on_end = told

    def plan_callbacks(self) -> None:
        services, rng = self.world.services, self.rng
        while services.handed_over:
            job_id = services.handed_over.pop()
            number = len(services.done[job_id, "hand-off"].acts)
            match rng.choice(self.callbacks):
                case "once":
                    waits = [rng.uniform(1, 30)]
                case "twice":
                    waits = [rng.uniform(1, 30), rng.uniform(1, 30)]
                case "early":
                    waits = [0.0]
                case "late":
                    waits = [900.0]
                case "error":
                    self.later(3, partial(self._call_back, job_id, {"error": f"refused {number}"}))
                    waits = []
                case _:
                    waits = []
            for token, wait in enumerate(waits):
                content = {"text": f"answer {number}.{token}"}
                self.later(wait, partial(self._call_back, job_id, content))

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self.due.append((self.world.clock.time() + seconds, act))
