"""Processes of the simulation: greenlets that give way between transactions and calls, and can be killed at any of them.

One thing runs at a time, as in one Lambda environment; who goes on is the scheduler's choice. A dead process changes
nothing any more: every door to the outside (database, queues, sockets, services) refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import greenlet  # type: ignore[import-untyped]

from tests.faults.sim.clock import Clock


class Killed(BaseException):
    """The process is gone in the middle of what it did; nothing of ours may catch this and act."""


class Actor:
    def __init__(self, name: str, kind: str, work: Callable[[], Any], hub: greenlet.greenlet, ends_at: float) -> None:
        self.name, self.kind, self.ends_at = name, kind, ends_at
        self.wakes_at = 0.0
        self.dead = False
        self.done = False
        self.answer: Any = None
        self.error: BaseException | None = None
        self.globals: Any = None  # what a process keeps in module variables, while another one runs
        self.sleeps = 0.0  # frozen for so long at its next stop
        self.alarm_at: float | None = None
        self.on_alarm: Callable[[int, Any], None] | None = None
        self.batch: list[Any] = []
        self.on_end: Callable[[Actor], None] | None = None
        self._work = work
        self.greenlet = greenlet.greenlet(self._run, parent=hub)

    def _run(self) -> None:
        try:
            self.answer = self._work()
        except Killed:
            self.dead = True
        except Exception as error:  # an uncaught error is what Lambda calls a function error
            self.error = error
        self.done = True

    @property
    def ended_well(self) -> bool:
        return self.done and not self.dead and self.error is None


class Actors:
    """Who lives, and the switch between them."""

    def __init__(self, clock: Clock, keep: Callable[[], Any], restore: Callable[[Any], None]) -> None:
        self.clock = clock
        self.living: list[Actor] = []
        self.current: Actor | None = None
        self._keep, self._restore = keep, restore

    def start(self, name: str, kind: str, work: Callable[[], Any], seconds: float) -> Actor:
        actor = Actor(name, kind, work, greenlet.getcurrent(), self.clock.time() + seconds)
        self.living.append(actor)
        return actor

    def resume(self, actor: Actor) -> None:
        """Lets one process run until it gives way or ends."""
        self.current = actor
        self._restore(actor.globals)
        actor.greenlet.switch()
        actor.globals = self._keep()
        self.current = None
        if actor.done:
            self.living.remove(actor)

    def give_way(self, sleep: float = 0.0) -> None:
        """Called by a process where it can be interrupted; with `sleep` it waits for that many simulated seconds."""
        actor = self.current
        if actor is None:
            return
        actor.wakes_at = self.clock.time() + sleep
        actor.greenlet.parent.switch()
        if actor.dead:
            raise Killed

    def kill(self, actor: Actor) -> None:
        """From outside, wherever it waits."""
        actor.dead = True
        if actor.greenlet:
            self.resume(actor)
        else:
            actor.done = True
            self.living.remove(actor)

    def runnable(self) -> list[Actor]:
        now = self.clock.time()
        return [actor for actor in self.living if actor.wakes_at <= now]
