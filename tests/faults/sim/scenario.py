"""One seed: a few jobs of mixed kinds, what their owner does, what goes wrong, and the world going on until all is quiet.

The scheduler draws what happens next. In the stormy part anything may fail; after it nothing does, and then every job
must have come to its end (tests.faults.sim.checks).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from tests.faults.sim.actors import Actor
from tests.faults.sim.requests import Requests
from tests.faults.sim.sockets import Client
from tests.faults.sim.wishes import draw_faults, draw_wishes

_HANDSHAKE_SECONDS = 10  # as the console waits for its ready
_QUIET_TURNS = 6_000
_LOOK = """
    SELECT (SELECT min(least(wake_at, CASE WHEN finished_at IS NULL THEN deadline_at END)) FROM jobs WHERE settled_at IS NULL),
           (SELECT jsonb_object_agg(user_id, seq) FROM event_counters WHERE listening_at > now() - interval '10 days')
"""


@dataclass
class Scenario(Requests):
    stormy: bool = True
    sweep_at: float = 0.0
    stuck: str = ""
    turns: int = 0
    _looked_at: int = -1
    _looked: tuple[float, bool] = (0.0, False)

    def prepare(self) -> None:
        rng, world = self.rng, self.world
        for _ in range(1 if rng.random() < 0.8 else 2):
            self.add_user(listens=rng.random() < 0.7, screens=1 + (rng.random() < 0.1))
        self.wishes = draw_wishes(rng, self.users)
        number = rng.choices((0, 1, 2, 3, 4), (1, 4, 4, 2, 1))[0]
        self.strike(draw_faults(rng, 25 + 45 * len(self.wishes), number))
        if rng.random() < 0.05:
            self.later(rng.uniform(0, 5), self.pause)
        world.pace = self._pace
        self.sweep_at = world.clock.time() + rng.uniform(0, 60)

    def strike(self, faults: dict[tuple[str, int], str]) -> None:
        """From here on these calls fail: the n-th of all (kind "") or the n-th of one kind."""
        seen: Counter[str] = Counter()

        def plan(number: int, kind: str, label: str) -> str | None:
            everyone, own = seen[""], seen[kind]
            seen[""] += 1
            seen[kind] += 1
            return faults.get(("", everyone)) or faults.get((kind, own))

        self.world.plan = plan if faults else lambda number, kind, label: None

    def _pace(self, kind: str) -> float:
        """Simulated seconds that a call takes."""
        if kind == "freeze":
            return self.rng.choice((3.0, 26.0, 40.0, 70.0, 85.0))
        if kind == "http" and self.stormy:
            return self.rng.choices((0.1, 2.0, 15.0, 30.0, 70.0), (10, 6, 3, 1, 0.4))[0]
        return 0.01

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
            self.strike(draw_faults(rng, 25 + 25 * len(chosen), rng.choices((0, 1, 2), (1, 2, 1))[0]))
            self.storm(rng.randrange(20, 80))
            self.strike({})
            self.calm()
        return bool(chosen)

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
        self.plan_callbacks()
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
