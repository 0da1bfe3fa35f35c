"""The functions of the stack: environments on demand up to a limit, warm reuse, a bounded queue, Lambda's retries."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections import deque
from collections.abc import Coroutine
from pathlib import Path

from local.environments import Environment
from local.function_environment import variables_for
from local.logs import Log
from local.runtime_api import PAYLOAD_LIMIT, Invocation, Outcome
from local.shapes import Function
from local.sources import Sources

IDLE_SECONDS = 300.0
QUEUE_LIMIT = 2_000
ASYNC_PAYLOAD_LIMIT = 1024 * 1024


def default_concurrency() -> int:
    """How many environments one function may have here; each takes some 60-100 MB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return 10 if memory >= 8 else 4


class Throttled(Exception):
    """Lambda's TooManyRequestsException."""


class PayloadTooLarge(Exception):
    """Lambda's RequestTooLargeException."""


class Pool:
    """All environments of one function."""

    def __init__(self, function: Function, endpoint: str, logs: Path, starts: asyncio.Semaphore) -> None:
        self.function = function
        path = logs / f"{function.logical_id}.log"
        self.log = Log(path)
        self.variables = variables_for(function, endpoint, path)
        self.sources = Sources([function.code, *function.layers])
        self.version = self.sources.version()
        # Real Lambda has 1,000 environments for all; a reservation says less, this machine can less still.
        reserved = function.concurrency
        self.limit = default_concurrency() if reserved is None else min(reserved, default_concurrency())
        self.environments: set[Environment] = set()
        self.idle: list[Environment] = []
        self.queue: deque[Invocation] = deque()
        self.starts = starts
        self.starting: set[asyncio.Task[None]] = set()

    async def invoke(self, payload: bytes) -> Outcome:
        if len(payload) > PAYLOAD_LIMIT:
            raise PayloadTooLarge
        self._notice_changes()
        invocation = Invocation(payload, self.function.arn, asyncio.get_running_loop().create_future())
        if self.idle:
            self.idle.pop().assign(invocation)
        elif self.limit == 0 or len(self.queue) >= QUEUE_LIMIT:
            raise Throttled
        else:
            self.queue.append(invocation)
            self._grow()
        return await invocation.done

    async def warm(self) -> None:
        """One environment ready before it is asked for."""
        if not self.environments and not self.starting and self.limit:
            await self._start_one(needed=False)

    def reap(self) -> None:
        """Ends environments that nobody used for a while; the most recently used are taken first, so the rest age."""
        for environment in list(self.idle):
            if time.monotonic() - environment.idle_since > IDLE_SECONDS:
                self._retire(environment)

    def stop(self) -> None:
        for task in self.starting:
            task.cancel()
        for environment in self.environments:
            environment.kill()
        self.log.close()

    def _notice_changes(self) -> None:
        version = self.sources.version()
        if version != self.version:
            self.version = version
            for environment in list(self.idle):
                self._retire(environment)

    def _retire(self, environment: Environment) -> None:
        if environment in self.idle:
            self.idle.remove(environment)
        self.environments.discard(environment)
        environment.kill()

    def _freed(self, environment: Environment) -> None:
        if environment.version != self.version:
            self._retire(environment)
            self._grow()
            return
        while self.queue:
            invocation = self.queue.popleft()
            if not invocation.done.done():
                environment.assign(invocation)
                return
        self.idle.append(environment)

    def _ended(self, environment: Environment) -> None:
        if environment in self.idle:
            self.idle.remove(environment)
        self.environments.discard(environment)
        self._grow()

    def _grow(self) -> None:
        room = self.limit - len(self.environments) - len(self.starting)
        wanted = min(room, len(self.queue) - len(self.starting))
        for _ in range(wanted):
            task = asyncio.create_task(self._start_one())
            self.starting.add(task)
            task.add_done_callback(self._started)

    def _started(self, task: asyncio.Task[None]) -> None:
        self.starting.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._fail_queued(Outcome.failed("Runtime.InvalidEntrypoint", str(task.exception())))
        if not task.cancelled():
            self._grow()

    async def _start_one(self, needed: bool = True) -> None:
        # Only as many at a time as there are cores: ten imports at once would make each ten times slower.
        async with self.starts:
            if needed and not self.queue:
                return
            environment = Environment(self.function, self.variables, self.log, self.version, self._freed, self._ended)
            self.environments.add(environment)
            failure = await environment.start()
        if failure is not None:
            self._retire(environment)
            self._fail_queued(failure)

    def _fail_queued(self, outcome: Outcome) -> None:
        # Each would fail in an initialisation of its own, one process start after the other.
        for invocation in self.queue:
            invocation.settle(outcome)
        self.queue.clear()


class Functions:
    """Every function by logical id or name."""

    def __init__(self, functions: dict[str, Function], endpoint: str, logs: Path) -> None:
        starts = asyncio.Semaphore(max(2, os.cpu_count() or 2))
        self.pools = {name: Pool(function, endpoint, logs, starts) for name, function in functions.items()}
        self.aliases = {function.name: name for name, function in functions.items()}
        self.background: set[asyncio.Task[None]] = set()
        self.retry_waits = [float(one) for one in os.environ.get("BAI_ASYNC_RETRY_SECONDS", "60,120").split(",")]
        self._keep(self._reap())

    def find(self, name: str) -> Pool | None:
        plain = name.rsplit("function:", 1)[-1].partition(":")[0]
        return self.pools.get(self.aliases.get(plain, plain))

    async def invoke(self, name: str, payload: bytes) -> Outcome:
        """RequestResponse. Raises Throttled, PayloadTooLarge."""
        return await self.pools[name].invoke(payload)

    def invoke_later(self, name: str, payload: bytes) -> None:
        """Event: tried again twice after a function error, after one minute and after two, as Lambda does."""
        if len(payload) > ASYNC_PAYLOAD_LIMIT:
            raise PayloadTooLarge
        self._keep(self._invoke_with_retries(name, payload))

    async def warm(self, names: list[str]) -> None:
        await asyncio.gather(*(self.pools[name].warm() for name in names))

    async def stop(self) -> None:
        for task in self.background:
            task.cancel()
        for pool in self.pools.values():
            pool.stop()

    def as_dict(self) -> dict[str, dict[str, int]]:
        return {
            name: {"environments": len(pool.environments), "idle": len(pool.idle), "queued": len(pool.queue)}
            for name, pool in self.pools.items()
        }

    def _keep(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    async def _invoke_with_retries(self, name: str, payload: bytes) -> None:
        wait = 1.0
        waits = list(self.retry_waits)
        while True:
            try:
                outcome = await self.invoke(name, payload)
            except Throttled:
                await asyncio.sleep(wait * random.random())
                wait = min(wait * 2, 300.0)
                continue
            if outcome.error is None or not waits:
                return
            await asyncio.sleep(waits.pop(0))

    async def _reap(self) -> None:
        while True:
            await asyncio.sleep(15)
            for pool in self.pools.values():
                with contextlib.suppress(ProcessLookupError):
                    pool.reap()
