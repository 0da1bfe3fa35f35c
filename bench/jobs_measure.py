"""What both sides of bench/jobs.py are measured with: CPU of processes from /proc, and datagrams that say when."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 90.0


def cpu(process: int) -> float:
    """CPU seconds of a process, user and system, all threads."""
    return sum(_stat(process)[11:13]) / TICKS


def cpu_of_family(process: int) -> float:
    """With its children, those that have ended included: PostgreSQL is one process a connection."""
    children = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != process:
            try:
                stat = _stat(int(entry.name))
            except (OSError, IndexError, ValueError):
                continue
            children += sum(stat[11:13]) if stat[1] == process else 0
    return (sum(_stat(process)[11:15]) + children) / TICKS


def _stat(process: int) -> list[int]:
    """Fields of /proc/PID/stat from the third on: [1] is the parent, [11:13] own CPU, [13:15] that of ended children."""
    words = (Path("/proc") / str(process) / "stat").read_text().rsplit(")", 1)[1].split()
    return [0, *map(int, words[1:])]


@dataclass
class Ears(asyncio.DatagramProtocol):
    """Notes when each word came; `on` is called at once."""

    heard: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, asyncio.Future[float]] = field(default_factory=dict)
    on: Callable[[str], None] = lambda word: None

    def datagram_received(self, data: bytes, address: object) -> None:
        word = data.decode()
        self.heard[word] = time.perf_counter()
        self.on(word)
        if (waiting := self.waiting.pop(word, None)) and not waiting.done():
            waiting.set_result(self.heard[word])

    async def hear(self, word: str) -> float:
        """When it came; at once if it has come."""
        if word in self.heard:
            return self.heard[word]
        waiting = self.waiting[word] = asyncio.get_running_loop().create_future()
        return await asyncio.wait_for(waiting, PATIENCE)


async def listen() -> tuple[Ears, int]:
    transport, ears = await asyncio.get_running_loop().create_datagram_endpoint(Ears, ("127.0.0.1", 0))
    return ears, int(transport.get_extra_info("sockname")[1])


@dataclass(frozen=True)
class Work:
    """One run: jobs done, the seconds it took, CPU seconds of the worker and of what served it."""

    jobs: int
    seconds: float
    worker: float
    helpers: dict[str, float]

    @property
    def rate(self) -> float:
        return self.jobs / self.seconds

    @property
    def per_core(self) -> float:
        return self.jobs / self.worker


def at(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
