"""The simulated world around the real engine: its doors (time, database, AWS, services) and what may go wrong at each.

Which seams of the suite it takes is in tests.faults.sim.seams; everything else that runs here is the code that is
deployed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pg8000
from botocore.exceptions import EndpointConnectionError

from bai import db, meter, telemetry
from bai.errors import Unavailable
from bai.worker import worker_for
from jobs import sweeper
from push import deliver, replay, sockets
from tests.faults.sim import kinds
from tests.faults.sim.actors import Actor, Actors, Killed
from tests.faults.sim.clock import Clock
from tests.faults.sim.database import Database
from tests.faults.sim.queues import Queue, Sqs, record
from tests.faults.sim.services import NotReached, Services
from tests.faults.sim.sockets import Dynamo, Sockets

WORKER_SECONDS, SWEEPER_SECONDS, DELIVER_SECONDS, REPLAY_SECONDS, API_SECONDS = 90, 50, 6, 15, 14
Fault = str  # kill-before | kill-after | error-before | error-after | refuse | freeze
Plan = Callable[[int, str, str], Fault | None]


class World:
    """Holds what outlives a seed; `begin` makes it new."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.rng = random.Random(0)
        self.actors = Actors(self.clock, _keep_globals, _restore_globals)
        dead = [Queue(f"{name}_dead", self.clock, 30) for name in ("simulation", "push", "replay")]
        self.work = Queue("simulation", self.clock, 540, dead=dead[0])
        self.push = Queue("push", self.clock, 36, fifo=True, dead=dead[1])
        self.replay = Queue("replay", self.clock, 90, dead=dead[2])
        self.dead_letters = dead[0]
        self.queues = (self.work, self.push, self.replay)
        self.sqs = Sqs((*self.queues, *dead), self.call)
        self.dynamo, self.sockets, self.services = Dynamo(self.call), Sockets(self.call), Services(self.call)
        self.objects: dict[str, bytes] = {}
        self.kinds = kinds.Kinds(self.services)
        self.worker = worker_for(self.kinds.jobs)
        self.plan: Plan = lambda number, kind, label: None
        self.pace: Callable[[str], float] = lambda kind: 0.0
        self.calls = 0
        self.struck: list[str] = []
        self.trace: list[str] | None = None
        self.moved = 0

    def begin(self, seed: int) -> None:
        self.rng.seed(seed)
        random.seed(seed)
        self.clock.start_at(seed)
        self.actors.living.clear()
        for queue in self.sqs.by_url.values():
            queue.clear()
            queue.poisoned = 0
        self.dynamo.items.clear()
        self.sockets.clients.clear()
        self.objects.clear()
        self.services.clear()
        self.kinds.ledger.clear()
        self.calls = 0
        self.struck.clear()
        meter.start()
        telemetry._correlation_id = ""

    # ------------------------------------------------------------ the doors

    def call(self, kind: str, label: str, act: Callable[[], Any]) -> Any:
        """Every call to the outside passes here: it is counted, may fail or kill, and others go on around it."""
        actor = self.actors.current
        if actor is None:
            return act()
        if actor.dead:
            raise Killed
        number = self.calls
        self.calls += 1
        fault = self.plan(number, kind, label)
        if fault is not None:
            self.struck.append(f"{fault} at call {number}, {kind}: {_short(label)} ({actor.name})")
        if self.trace is not None:
            self._note(actor, number, kind, label, fault)
        if kind in ("database", "commit"):
            return self._database(actor, fault, act)
        self._pause(self.pace("freeze") if fault == "freeze" else 0.0, frozen=fault == "freeze")
        if fault == "kill-before":
            self._die(actor)
        if fault in ("error-before", "refuse"):
            raise _error(kind, done=False)
        answer = act()
        if fault == "kill-after":
            self._die(actor)
        self._pause(self.pace(kind))
        if fault == "error-after":
            raise _error(kind, done=True)
        return answer

    def _database(self, actor: Actor, fault: Fault | None, act: Callable[[], Any]) -> Any:
        if fault == "kill-before":
            self._die(actor)
        if fault == "error-before":
            raise pg8000.InterfaceError("network error while sending")
        if fault == "refuse":
            raise pg8000.OperationalError({"C": "57014", "M": "canceling statement"})
        answer = act()
        if fault == "kill-after":
            self._die(actor)
        if fault == "error-after":
            raise pg8000.InterfaceError("network error while reading")
        if fault == "freeze":
            actor.sleeps = self.pace("freeze")
        return answer

    def give_way(self) -> None:
        """Around each transaction."""
        actor = self.actors.current
        if actor is not None:
            if actor.dead:
                raise Killed
            sleep, actor.sleeps = actor.sleeps, 0.0
            self._pause(sleep, frozen=sleep > 0)

    def _pause(self, seconds: float, *, frozen: bool = False) -> None:
        """Others run; a running process is reached by its alarm clock in time, a frozen one when it thaws."""
        actor = self.actors.current
        assert actor is not None
        if actor.alarm_at is not None and not frozen:
            seconds = min(seconds, max(0.0, actor.alarm_at - self.clock.time()))
        self.actors.give_way(seconds)
        now = self.clock.time()
        if now > actor.ends_at:  # Lambda's own limit: a frozen environment is not thawed after it
            self._die(actor)
        if actor.alarm_at is not None and actor.alarm_at <= now:
            actor.alarm_at = None
            assert actor.on_alarm is not None
            actor.on_alarm(14, None)

    def _die(self, actor: Actor) -> None:
        if self.trace is not None:
            self.trace.append(f"{self.clock.moment:%H:%M:%S.%f}  {actor.name} dies")
        actor.dead = True
        raise Killed

    def _note(self, actor: Actor, number: int, kind: str, label: str, fault: Fault | None) -> None:
        assert self.trace is not None
        mark = f"  <-- {fault}" if fault else ""
        self.trace.append(f"{self.clock.moment:%H:%M:%S.%f}  {number:4} {actor.name:12} {kind:9} {_short(label)}{mark}")

    # ------------------------------------------------------------ processes

    def start_worker(self, most: int) -> Actor | None:
        return self._start_mapping("worker", self.work, most, self.worker, WORKER_SECONDS)

    def start_deliver(self) -> Actor | None:
        return self._start_mapping("deliver", self.push, 10, deliver.handler, DELIVER_SECONDS)

    def start_replay(self) -> Actor | None:
        return self._start_mapping("replay", self.replay, 5, replay.handler, REPLAY_SECONDS)

    def _start_mapping(self, kind: str, queue: Queue, most: int, handler: Any, seconds: float) -> Actor | None:
        """An event source mapping hands a batch to a new invocation."""
        batch = queue.receive(most, self.rng)
        if not batch:
            return None
        event = {"Records": [record(message) for message in batch]}
        actor = self.start(kind, lambda context: handler(event, context), seconds)
        actor.batch = [(queue, message, message.receipt) for message in batch]
        return actor

    def start_sweeper(self) -> Actor:
        return self.start("sweeper", lambda context: sweeper.handler({}, context), SWEEPER_SECONDS)

    def start_socket(self, event: dict[str, Any]) -> Actor:
        return self.start("socket", lambda context: sockets.handler(event, context), 10)

    def start_call(self, name: str, work: Callable[[], Any]) -> Actor:
        """A request to the API."""
        return self.start(name, lambda context: work(), API_SECONDS)

    def start(self, kind: str, work: Callable[[Any], Any], seconds: float) -> Actor:
        self.moved += 1
        ends = self.clock.time() + seconds
        context = SimpleNamespace(
            aws_request_id=f"simulated-{self.moved}",
            function_name=kind,
            get_remaining_time_in_millis=lambda: int((ends - self.clock.time()) * 1000),
        )
        return self.actors.start(f"{kind}-{self.moved}", kind, lambda: work(context), seconds)

    def resume(self, actor: Actor) -> None:
        """One process goes on to its next stop; if it ended, its messages are deleted as its answer says."""
        self.clock.forward(0.001)
        self.actors.resume(actor)
        if actor.done:
            self.finish(actor)

    def finish(self, actor: Actor, *, answered: bool = True) -> None:
        if actor.error is not None and self.trace is not None:
            self.trace.append(f"{self.clock.moment:%H:%M:%S.%f}  {actor.name} raised {actor.error!r}")
        if actor.ended_well and answered and actor.batch:
            failed = {failure["itemIdentifier"] for failure in actor.answer["batchItemFailures"]}
            for queue, message, receipt in actor.batch:
                if message.id not in failed:
                    queue.delete(message, receipt)
        if actor.on_end is not None:
            actor.on_end(actor)


def _short(label: str) -> str:
    return " ".join(label.split())[:110]


def _keep_globals() -> Any:
    """What a process of its own would keep to itself."""
    return dict(meter._used), telemetry._correlation_id, db._open


def _restore_globals(kept: Any) -> None:
    used, telemetry._correlation_id, db._open = kept or ({}, "", 0)
    meter._used.clear()
    meter._used.update(used)


def _error(kind: str, *, done: bool) -> Exception:
    match kind:
        case "http":
            return Unavailable("time-out") if done else NotReached("connection refused")
        case "sqs" | "dynamodb" | "s3":
            return EndpointConnectionError(endpoint_url="simulated")
        case _:
            return RuntimeError("HTTP 500 of the simulated service")
