"""From COMMIT to the frame on a client's socket, through the local cloud's real processes and sockets.

1,000 events for each number of open sockets, one at a time, to users with up to 20 sockets each. The clock starts when
the COMMIT has returned, before the message to the queue. In the same run a plain `websockets` server sends the same
frames to as many sockets: that is the floor, and what is above it is what durability, order and replay cost.
Last line: `push p50_ms=A p95_ms=B sockets=N`, with the largest number of sockets.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import websockets
from websockets.asyncio.client import ClientConnection

from bench.push_far_side import environment_of

ROOT = Path(__file__).parents[1]
SOCKETS_A_USER = 20  # the most that the product allows
POLL_SECONDS = 5.0
_PATIENCE = 30.0


@contextlib.contextmanager
def local_cloud(ports_from: int) -> Iterator[dict[str, Any]]:
    """A cloud of the bench's own; everything is gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="bai-bench-", dir="/var/tmp"))
    command = [sys.executable, "-m", "local", "run", "--state-dir", str(state), "--ports-from", str(ports_from)]
    process = subprocess.Popen([*command, "--no-console", "--quiet"], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 90
        while not (state / "addresses.json").exists():
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit("the local cloud did not start; run `make run` to see why")
            time.sleep(0.1)
        yield json.loads((state / "addresses.json").read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        shutil.rmtree(state, ignore_errors=True)


class FarSide:
    """The process that writes: it answers each line with the moment of its COMMIT (or of its send, for the floor)."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process, self.to, self.back = process, process.stdin, process.stdout
        self.turn = asyncio.Lock()

    @classmethod
    async def start(cls, kind: str, environment: dict[str, str]) -> FarSide:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.push_far_side", kind,
            cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        return cls(process)

    async def ask(self, *words: Any) -> str:
        async with self.turn:
            self.to.write((json.dumps(words) + "\n").encode())
            return (await self.back.readline()).decode().strip()

    async def stop(self) -> None:
        self.to.close()
        await self.process.wait()


class Listeners:
    """Open sockets, by user; each notes when an event's frame came."""

    def __init__(self) -> None:
        self.by_user: dict[str, list[ClientConnection]] = {}
        self.arrived: dict[int, list[int]] = {}
        self.expected = 0
        self.all_there = asyncio.Event()
        self.readers: list[asyncio.Task[None]] = []

    async def open(self, user: str, url: str) -> None:
        socket = await websockets.connect(url, open_timeout=_PATIENCE, compression=None, ping_interval=None)
        ready = json.loads(await asyncio.wait_for(socket.recv(), _PATIENCE))
        assert ready["type"] == "ready", ready
        self.by_user.setdefault(user, []).append(socket)
        self.readers.append(asyncio.create_task(self._read(socket)))

    async def _read(self, socket: ClientConnection) -> None:
        last = None
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in socket:
                now = time.monotonic_ns()
                frame = json.loads(text)
                if frame["type"] != "event":
                    raise SystemExit(f"unexpected frame: {frame}")
                assert last is None or frame["seq"] == last + 1, f"{frame['seq']} after {last}"
                last = frame["seq"]
                times = self.arrived.setdefault(frame["data"]["n"], [])
                times.append(now)
                if len(times) == self.expected:
                    self.all_there.set()

    async def tell(self, far: FarSide, user: str, n: int) -> list[float]:
        """Milliseconds from the far side's COMMIT to each of the user's sockets."""
        self.expected = len(self.by_user[user])
        self.all_there.clear()
        committed = int(await far.ask(user, n))
        await asyncio.wait_for(self.all_there.wait(), _PATIENCE)
        return [(came - committed) / 1e6 for came in self.arrived.pop(n)]

    async def close(self) -> None:
        sockets = [socket for sockets in self.by_user.values() for socket in sockets]
        await asyncio.gather(*(socket.close() for socket in sockets))
        await asyncio.gather(*self.readers)


@contextlib.asynccontextmanager
async def listening(far: FarSide, sockets: int, a_user: int) -> AsyncIterator[tuple[Listeners, float]]:
    """`sockets` open sockets, `a_user` of them to a user; and how long opening took."""
    listeners = Listeners()
    gate = asyncio.Semaphore(20)
    began = time.monotonic()

    async def open_one(user: str) -> None:
        async with gate:
            await listeners.open(user, await far.ask("open", user))

    users = json.loads(await far.ask("users", -(-sockets // a_user)))
    await asyncio.gather(*(open_one(users[n // a_user]) for n in range(sockets)))
    try:
        yield listeners, time.monotonic() - began
    finally:
        await listeners.close()


async def measure(far: FarSide, sockets: int, a_user: int, events: int) -> tuple[list[float], float]:
    async with listening(far, sockets, a_user) as (listeners, opening):
        users = list(listeners.by_user)
        for n in range(20):  # the first ones start processes
            await listeners.tell(far, users[n % len(users)], -1 - n)
        taken = []
        for n in range(events):
            taken += await listeners.tell(far, users[n % len(users)], n)
        return taken, opening


def at(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


async def run(options: argparse.Namespace) -> None:
    print(
        f"COMMIT to frame, ms, {options.events} events one at a time, up to {options.a_user} sockets a user, {os.cpu_count()} cores"
    )
    print(f"{'sockets':>8}{'frames':>9}{'p50':>8}{'p95':>8}{'max':>8}{'opened in':>11}   floor p50    p95   x floor")
    floor = await FarSide.start("floor", {})
    with local_cloud(options.ports_from) as addresses:
        ours = await FarSide.start("ours", environment_of(addresses))
        for sockets in options.sockets:
            taken, opening = await measure(ours, sockets, options.a_user, options.events)
            least, _ = await measure(floor, sockets, options.a_user, options.events)
            p50, p95 = at(taken, 0.5), at(taken, 0.95)
            print(
                f"{sockets:>8}{len(taken):>9}{p50:>8.1f}{p95:>8.1f}{max(taken):>8.1f}{opening:>9.1f} s"
                f"{at(least, 0.5):>12.2f}{at(least, 0.95):>7.2f}{p50 / at(least, 0.5):>10.1f}",
                flush=True,
            )
        await ours.stop()
    await floor.stop()
    half = POLL_SECONDS * 500
    print(f"polling every {POLL_SECONDS:.0f} s instead: p50 {half:.0f} ms by arithmetic, {half / p50:.0f} x ours")
    print(f"push p50_ms={p50:.1f} p95_ms={p95:.1f} sockets={options.sockets[-1]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, nargs="+", default=[1, 100, 1_000])
    parser.add_argument("--a-user", type=int, default=SOCKETS_A_USER, help="sockets of one user (default %(default)s)")
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--ports-from", type=int, default=37_000)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
