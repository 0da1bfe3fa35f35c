"""One seed: a few jobs of mixed kinds, what their owner does, what goes wrong, and the world going on until all is quiet.

The scheduler draws what happens next. In the stormy part anything may fail; after it nothing does, and then every job
must have come to its end (tests.faults.sim.checks).
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from bai import db, jobs
from bai.errors import Unavailable
from bai.ids import new_id
from bai.jobs import queues
from bai.jobs.keys import Unique
from tests.faults.sim import kinds
from tests.faults.sim.actors import Actor
from tests.faults.sim.sockets import Client
from tests.faults.sim.world import World

_MODES = ("keyed", "probe", "at_most_once", "at_least_once")
_FAULTS = ("kill-before", "kill-after", "error-before", "error-after", "refuse", "freeze")
_FAULT_WEIGHTS = (5, 5, 2, 2, 1, 5)
_KINDS = {
    "write": 4,
    "steps": 4,
    "paid": 2,
    "callback": 3,
    "family": 2,
    "flaky": 2,
    "refused": 1,
    "limited": 3,
    "rated": 1,
    "large": 1,
}
_PARTS = ("write", "write", "part", "part", "part", "refused", "flaky", "callback", "paid", "large")
_HANDSHAKE_SECONDS = 10  # as the console waits for its ready
_QUIET_TURNS = 6_000
_LOOK = """
    SELECT (SELECT min(least(wake_at, CASE WHEN finished_at IS NULL THEN deadline_at END)) FROM jobs WHERE settled_at IS NULL),
           (SELECT jsonb_object_agg(user_id, seq) FROM event_counters WHERE listening_at > now() - interval '10 days')
"""


@dataclass
class Wish:
    """What an owner wants of one job, and what came of it."""

    kind: str
    user: str
    order: kinds.Order
    options: dict[str, Any] = field(default_factory=dict)
    job_id: str | None = None
    acknowledged: bool = False
    cancels: bool = False
    asked: int = 0


@dataclass
class Scenario:
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
    stormy: bool = True
    sweep_at: float = 0.0
    stuck: str = ""
    turns: int = 0
    _looked_at: int = -1
    _looked: tuple[float, bool] = (0.0, False)

    # ------------------------------------------------------------ what there is

    def prepare(self) -> None:
        rng, world = self.rng, self.world
        for _ in range(1 if rng.random() < 0.8 else 2):
            self.add_user(listens=rng.random() < 0.7, screens=1 + (rng.random() < 0.1))
        several = rng.choices((1, 2, 3, 4), (5, 5, 2, 1))[0]
        same = rng.random() < 0.25
        first = self._draw_kind()
        for number in range(several):
            self.wishes.append(self._wish(first if same else self._draw_kind(), number))
        if rng.random() < 0.12:
            self._make_unique()
        self.strike(self._draw_faults(25 + 45 * several, rng.choices((0, 1, 2, 3, 4), (1, 4, 4, 2, 1))[0]))
        if rng.random() < 0.05:
            self.later(rng.uniform(0, 5), self.pause)
        world.pace = self._pace
        self.sweep_at = world.clock.time() + rng.uniform(0, 60)

    def _draw_faults(self, span: int, number: int) -> dict[tuple[str, int], str]:
        """Half of them anywhere within so many calls, half at the first few calls of one kind: those are the rarer ones."""
        rng = self.rng
        drawn = {}
        for _ in range(number):
            kind = rng.choices(("", "http", "commit", "sqs"), (6, 3, 2, 1))[0]
            place = rng.randrange(span) if not kind else rng.randrange(span // 25 if kind == "http" else span // 8)
            drawn[kind, place] = rng.choices(_FAULTS, _FAULT_WEIGHTS)[0]
        return drawn

    def strike(self, faults: dict[tuple[str, int], str]) -> None:
        """From here on these calls fail: the n-th of all (kind "") or the n-th of one kind."""
        seen: Counter[str] = Counter()

        def plan(number: int, kind: str, label: str) -> str | None:
            everyone, own = seen[""], seen[kind]
            seen[""] += 1
            seen[kind] += 1
            return faults.get(("", everyone)) or faults.get((kind, own))

        self.world.plan = plan if faults else lambda number, kind, label: None

    def _draw_kind(self) -> str:
        return self.rng.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]

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

    def _wish(self, kind: str, number: int) -> Wish:
        rng = self.rng
        order = kinds.Order(number=number)
        options: dict[str, Any] = {}
        if kind == "steps":
            order.modes = [rng.choice(_MODES) for _ in range(rng.choice((1, 2, 2, 3)))]
        if kind in ("flaky", "write", "callback") and rng.random() < (0.9 if kind == "flaky" else 0.15):
            order.failures = [rng.choice(("unavailable", "error", "retry")) for _ in range(rng.choice((1, 2)))]
        if kind == "family":
            order.parts = [rng.choice(_PARTS) for _ in range(rng.choice((1, 2, 2, 3)))]
        if kind == "paid":
            order.seconds = rng.choice((0, 0, 20, 50))
        if rng.random() < 0.1:
            options["not_before"] = timedelta(seconds=rng.choice((5, 200, 2_000)))
        if rng.random() < 0.06:
            options["deadline"] = timedelta(seconds=rng.choice((1, 40, 100)))
        return Wish(kind, rng.choice(self.users), order, options, cancels=rng.random() < 0.2)

    def _make_unique(self) -> None:
        """All of one kind, one user and one key."""
        rng, first = self.rng, self.wishes[0]
        held: tuple[Literal["finished", "running", "ttl"], ...] = ("finished", "running", "ttl")
        until = rng.choice(held)
        unique = Unique(
            "the one",
            until=until,
            on_conflict=rng.choice(("return", "replace", "reject")),
            ttl=timedelta(seconds=30) if until == "ttl" else None,
        )
        for wish in self.wishes:
            wish.kind, wish.user, wish.order = first.kind, first.user, first.order
            wish.options = {"unique": unique}

    def _pace(self, kind: str) -> float:
        """Simulated seconds that a call takes."""
        if kind == "freeze":
            return self.rng.choice((3.0, 26.0, 40.0, 70.0, 85.0))
        if kind == "http" and self.stormy:
            return self.rng.choices((0.1, 2.0, 15.0, 30.0, 70.0), (10, 6, 3, 1, 0.4))[0]
        return 0.01

    # ------------------------------------------------------------ what its owner does

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

    def _plan_callbacks(self) -> None:
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

    def go_on(self) -> bool:
        """Some jobs that ended badly are tried again, in a second storm; False when there are none."""
        rng, query = self.rng, self.world.database.query
        users = ", ".join(f"'{user}'" for user in self.users)
        ended = query(
            f"SELECT id FROM jobs WHERE user_id IN ({users}) AND parent_id IS NULL AND state <> 'succeeded' ORDER BY id"
        )
        chosen = [str(row[0]) for row in ended if rng.random() < 0.5]
        for job_id in chosen:
            doubts = query(f"SELECT name, round FROM job_effects WHERE job_id = '{job_id}' AND state = 'unknown'")
            for name, number in doubts[:1]:
                acts = self.world.services.done[job_id, name].acts
                self.reconcile(job_id, name, happened=f"{job_id}/{name}/{number}" in acts)
            if not doubts and rng.random() < 0.2:
                self.replay(job_id)
            elif not doubts:
                self.retry(job_id)
        if chosen:
            self.world.clock.forward(1)
            self.strike(self._draw_faults(25 + 25 * len(chosen), rng.choices((0, 1, 2), (1, 2, 1))[0]))
            self.storm(rng.randrange(20, 80))
            self.strike({})
            self.calm()
        return bool(chosen)

    # ------------------------------------------------------------ what happens next

    def run(self) -> None:
        screens_first = self.rng.choice((0, 2, 2))
        for wish in self.wishes:
            self.later(screens_first + self.rng.choice((0, 0, 0.2, 3)), partial(self.ask, wish))
        self.storm(self.rng.randrange(40, 160))
        self.strike({})
        self.calm()

    def storm(self, turns: int) -> None:
        self.stormy = True
        for _ in range(turns):
            if not self._turn():
                return

    def calm(self) -> None:
        """Nothing happens by itself any more; until every queue is empty, every job over and every screen up to date."""
        self.stormy = False
        for _ in range(_QUIET_TURNS):
            if not self._turn():
                return
        self.stuck = "the world does not come to rest"

    def _turn(self) -> bool:
        """One thing happens; False when nothing is left to happen."""
        self.turns += 1
        world, rng = self.world, self.rng
        now = world.clock.time()
        self._plan_callbacks()
        if self.due:
            for entry in [entry for entry in self.due if entry[0] <= now]:
                self.due.remove(entry)
                entry[1]()
        if now >= self.sweep_at:
            self._maybe_sweep()
        if self.stormy and rng.random() < 0.06:
            self._mischief()
        choices = world.actors.runnable()
        if choices and rng.random() < 0.75:
            self._resume(rng.choice(choices))
            return True
        if self._start_something() or choices:
            return True
        return self._pass_time()

    def _resume(self, actor: Actor) -> None:
        world = self.world
        world.clock.forward(0.001)
        world.actors.resume(actor)
        if actor.done:
            world.finish(actor, answered=not (self.stormy and self.rng.random() < 0.02))
            if actor.kind == "sweeper" and not actor.ended_well:
                self.sweep_at = world.clock.time() + self.rng.choice((1, 60))  # Lambda tries it again

    def _start_something(self) -> bool:
        world, rng = self.world, self.rng
        startable: list[Callable[[], Any]] = []
        if world.work.visible():
            startable.append(lambda: world.start_worker(rng.choice((1, 1, 2, 10))))
        if world.push.visible():
            startable.append(world.start_deliver)
        if world.replay.visible():
            startable.append(world.start_replay)
        startable += [partial(self._connect, client) for client in world.sockets.clients if self._wants_socket(client)]
        if not startable:
            return False
        rng.choice(startable)()
        return True

    def _wants_socket(self, client: Client) -> bool:
        if client.connection_id is not None and not client.ready and self.world.clock.time() >= client.patient_until:
            client.cut()
        return client.connection_id is None and not client.connecting

    def _connect(self, client: Client) -> None:
        client.opened += 1
        client.connecting = True
        connection_id = f"{client.user_id[-6:]}-{self.world.sockets.clients.index(client)}-{client.opened}"
        about = {
            "eventType": "CONNECT", "connectionId": connection_id, "requestId": connection_id,
            "authorizer": {"user_id": client.user_id},
        }  # fmt: skip
        query = {} if client.last is None else {"last_seq": str(client.last)}

        def told(actor: Actor) -> None:
            client.connecting = False
            if actor.ended_well and actor.answer["statusCode"] == 200:
                client.connection_id = connection_id
                client.patient_until = self.world.clock.time() + _HANDSHAKE_SECONDS

        event = {"requestContext": about, "queryStringParameters": query}
        self.world.start_socket(event).on_end = told

    def _mischief(self) -> None:
        """What happens by itself in a real account."""
        world, rng = self.world, self.rng
        match rng.randrange(5):
            case 0:  # a standard queue delivers twice
                flying = list(world.work.flying.values())
                if flying:
                    world.work.give_back(rng.choice(flying))
            case 1:  # a client goes out of range
                connected = [client for client in world.sockets.clients if client.connection_id]
                if connected:
                    rng.choice(connected).cut()
            case 2:
                world.start_sweeper()
            case 3:  # Lambda reclaims an environment
                if world.actors.living and rng.random() < 0.5:
                    actor = rng.choice(world.actors.living)
                    world.struck.append(f"kill of {actor.name} while it waits")
                    world.actors.kill(actor)
                    world.finish(actor)
            case _:
                world.clock.forward(rng.choice((0.5, 5, 30)))

    # ------------------------------------------------------------ time

    def _maybe_sweep(self) -> None:
        """The minute is full. A sweep that would find nothing is left out: it would cost and tell nothing."""
        world = self.world
        self.sweep_at = world.clock.time() + 60
        due, behind = self._look()
        if behind or due <= world.clock.time():
            world.start_sweeper()
            if self.rng.random() < 0.1:
                world.start_sweeper()

    def _look(self) -> tuple[float, bool]:
        """When the sweeper next has something to do, and whether a screen lags behind."""
        if self._looked_at == self.world.calls:
            return self._looked
        rows = self.world.database.query(_LOOK)
        moment: datetime | None = rows[0][0]
        newest = dict(rows[0][1] or {})
        clients = self.world.sockets.clients
        behind = any(client.last is not None and client.last < newest.get(client.user_id, 0) for client in clients)
        self._looked_at, self._looked = self.world.calls, (moment.timestamp() if moment else float("inf"), behind)
        return self._looked

    def _pass_time(self) -> bool:
        world = self.world
        now = world.clock.time()
        moments = [queue.next_visible() for queue in world.queues]
        moments += [at for at, _ in self.due] + [actor.wakes_at for actor in world.actors.living]
        moments += [client.patient_until for client in world.sockets.clients if not client.ready]
        soon = min((moment for moment in moments if moment > now), default=float("inf"))
        if soon > self.sweep_at:  # before that minute nobody looks into the database
            in_database, behind = self._look()
            if behind or in_database < float("inf"):
                minutes = 0 if behind else max(0, math.ceil((in_database - self.sweep_at) / 60))
                soon = min(soon, self.sweep_at + 60 * minutes)
        if soon == float("inf"):
            return False
        world.clock.forward(soon - now + 0.001)
        return True
