"""One execution environment: a process under the official Runtime Interface Client, one request at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable

from local.logs import Log, Output
from local.processes import die_with_parent
from local.runtime_api import Invocation, Outcome, RuntimeApi
from local.shapes import Function

# AWS gives 10 s; several environments starting at once on two cores need more.
INIT_LIMIT = 60.0


class Environment:
    """starting -> idle <-> busy -> ended. `freed` is called each time it asks for work, `ended` once."""

    def __init__(
        self,
        function: Function,
        variables: dict[str, str],
        log: Log,
        version: int,
        freed: Callable[[Environment], None],
        ended: Callable[[Environment], None],
    ) -> None:
        self.function = function
        self.variables = variables
        self.log = log
        self.version = version
        self.state = "starting"
        self.idle_since = time.monotonic()
        self.api = RuntimeApi(self)
        self.output = Output(log)
        self.process: asyncio.subprocess.Process | None = None
        self.current: Invocation | None = None
        self._freed = freed
        self._ended = ended
        self._work: asyncio.Future[Invocation] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._began = time.monotonic()
        self._init_ms: float | None = None
        self._ready: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()

    async def start(self) -> Outcome | None:
        """None once it asks for its first work, else why its initialisation failed."""
        address = await self.api.start()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "awslambdaric",
            self.function.handler,
            cwd=self.function.code,
            env={**self.variables, "AWS_LAMBDA_RUNTIME_API": address},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self.output.child_end,
            stderr=self.output.child_end,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.output.started()
        self._watcher = asyncio.create_task(self._watch(self.process))
        limit = asyncio.get_running_loop().call_later(INIT_LIMIT, self._init_too_long)
        try:
            return await self._ready
        finally:
            limit.cancel()

    def assign(self, invocation: Invocation) -> None:
        """Only when idle."""
        assert self._work is not None and self.state == "idle"
        self.state, self.current, self._began = "busy", invocation, time.monotonic()
        invocation.deadline_ms = int((time.time() + self.function.timeout) * 1000)
        self.log.line(f"START RequestId: {invocation.id} Version: $LATEST")
        self._timer = asyncio.get_running_loop().call_later(self.function.timeout, self._timed_out)
        self._work.set_result(invocation)

    def kill(self) -> None:
        """The process and everything it started; what it was doing fails."""
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        if self._work is not None:
            self._work.cancel()
        self.api.stop()

    async def next(self) -> Invocation:
        self._work = asyncio.get_running_loop().create_future()
        self.state, self.idle_since = "idle", time.monotonic()
        if not self._ready.done():
            self._init_ms = (time.monotonic() - self._began) * 1000
            self._ready.set_result(None)
        self._freed(self)
        return await self._work

    def finish(self, request_id: str, outcome: Outcome) -> bool:
        invocation = self.current
        if invocation is None or invocation.id != request_id:
            return False
        self.current = None
        if self._timer is not None:
            self._timer.cancel()
        self._report(invocation)
        invocation.settle(outcome)
        return True

    def init_failed(self, outcome: Outcome) -> None:
        if not self._ready.done():
            self._ready.set_result(outcome)

    def _init_too_long(self) -> None:
        text = f"Init phase timed out after {INIT_LIMIT:.0f} seconds"
        self.init_failed(Outcome.failed("Sandbox.Timedout", text))
        self.kill()

    def _timed_out(self) -> None:
        if self.current is not None:
            text = f"RequestId: {self.current.id} Error: Task timed out after {self.function.timeout:.2f} seconds"
            self.log.line(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}")
            self.finish(self.current.id, Outcome.failed("Sandbox.Timedout", text))
        self.kill()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        self.state = "ended"
        self.api.stop()
        self.output.drain()
        why = f"exit status {code}" if code >= 0 else f"signal: {signal.strsignal(-code) or -code}".lower()
        if self.current is not None:
            text = f"RequestId: {self.current.id} Error: Runtime exited with error: {why}"
            self.log.line(text)
            self.finish(self.current.id, Outcome.failed("Runtime.ExitError", text))
        self.init_failed(Outcome.failed("Runtime.ExitError", f"Runtime exited during initialisation: {why}"))
        self.output.close()
        self._ended(self)

    def _report(self, invocation: Invocation) -> None:
        # What the function printed before it answered is in the pipe already and belongs before END.
        self.output.drain()
        took = (time.monotonic() - self._began) * 1000
        init = f"\tInit Duration: {self._init_ms:.2f} ms" if self._init_ms is not None else ""
        self._init_ms = None
        self.log.line(f"END RequestId: {invocation.id}")
        self.log.line(
            f"REPORT RequestId: {invocation.id}\tDuration: {took:.2f} ms\tBilled Duration: {int(took) + 1} ms\t"
            f"Memory Size: {self.function.memory} MB\tMax Memory Used: {self._peak_memory()} MB{init}"
        )

    def _peak_memory(self) -> int:
        if self.process is None:
            return 0
        try:
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
                peak = next((line for line in status if line.startswith("VmHWM")), "VmHWM: 0 kB")
        except OSError:
            return 0
        return int(peak.split()[1]) // 1024
