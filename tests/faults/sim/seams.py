"""Takes the suite's doors to the outside for the simulation, and gives them back: time, chance, AWS, the database, stdout.

Nothing of the engine itself is replaced: these are the places where a Lambda meets what is not ours.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from bai import aws, clock, db, ids, settings
from bai.jobs import alarm, types
from push import connections, deliver, sockets
from tests.faults.sim import kinds
from tests.faults.sim.database import Database
from tests.faults.sim.queues import url_of
from tests.faults.sim.world import World

_ENVIRONMENT = {
    "SIMULATION_QUEUE_URL": url_of("simulation"),
    "SIMULATION_DLQ_URL": url_of("simulation_dead"),
    "PUSH_QUEUE_URL": url_of("push"),
    "REPLAY_QUEUE_URL": url_of("replay"),
    "REALTIME_ENDPOINT": "simulated",
    "CONNECTIONS_TABLE": "connections",
    "JOB_RESULTS_BUCKET": "results",
}


class _Inline:
    """Threads of one process, one after another: greenlets can't change threads."""

    def submit(self, work: Callable[..., Any], *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*given, **named))
        except Exception as error:
            future.set_exception(error)
        return future


class _Alarms:
    """The module `signal` for bai.jobs.alarm: one alarm clock for each simulated process, in simulated seconds."""

    SIGALRM, ITIMER_REAL = 14, 0

    def __init__(self, made: World) -> None:
        self._world = made

    def signal(self, number: int, handler: Any) -> Any:
        actor = self._world.actors.current
        if actor is None:
            return None
        before, actor.on_alarm = actor.on_alarm, handler
        return before

    def setitimer(self, which: int, seconds: float) -> None:
        actor = self._world.actors.current
        if actor is not None:
            actor.alarm_at = self._world.clock.time() + seconds if seconds else None


class _Silent:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


class _Seeded:
    def __init__(self, rng: random.Random) -> None:
        self.randbits = rng.getrandbits


@contextmanager
def world(database: Database) -> Iterator[World]:
    """Takes the seams and gives them back."""
    made = World(database)
    kinds.declare()
    database.server.execute(kinds.TABLES.split(";")[0], "sim")
    database.server.execute(kinds.TABLES.split(";")[1], "sim")
    database.server.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO bai", "sim")
    os.environ.update(_ENVIRONMENT)
    s3 = SimpleNamespace(
        put_object=lambda *, Bucket, Key, Body, ContentType: made.call(  # noqa: N803
            "s3", f"put {Key}", lambda: made.objects.__setitem__(Key, Body)
        ),
        get_object=lambda *, Bucket, Key: made.call(  # noqa: N803
            "s3", f"get {Key}", lambda: {"Body": SimpleNamespace(read=lambda: made.objects[Key])}
        ),
    )
    clients = {"sqs": made.sqs, "dynamodb": made.dynamo, "apigatewaymanagementapi": made.sockets, "s3": s3}
    seams: list[tuple[Any, str, Any]] = [
        (clock, "now", made.clock.now),
        (aws, "_client", lambda name, **options: clients[name]),
        (ids, "time", made.clock),
        (ids, "secrets", _Seeded(made.rng)),
        (connections, "time", made.clock),
        (deliver, "time", made.clock),
        (sockets, "time", made.clock),
        (deliver, "_threads", _Inline),
        (alarm, "signal", _Alarms(made)),
        (types, "MODULES", (kinds.MODULE,)),
        (sys, "stdout", _Silent()),
        # Restored at the end; replaced by database.let_in.
        (db, "engine", None),
    ]
    kept = [(where, name, getattr(where, name)) for where, name, _ in seams]
    for where, name, value in seams[:-1]:
        setattr(where, name, value)
    settings.forget()
    aws.forget()
    database.let_in(made.call, made.give_way, made.clock.now)
    try:
        yield made
    finally:
        for where, name, value in kept:
            setattr(where, name, value)
        database.wire.door = None
        settings.forget()
        aws.forget()
