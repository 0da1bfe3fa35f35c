"""Arq in bench/jobs.py: fills its queue, starts its worker, hears when it is done, asks Redis what an idle worker asks it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings

from bench.jobs_measure import Ears, Work, cpu, cpu_of_family, listen
from bench.jobs_work import ACCOUNTS
from local.arq_ground import Database, start_python

WARM = 200
_POOL = {False: 10, True: 20}  # connections: as many as jobs at a time; 20 served 50 jobs better than 50 did


@dataclass(frozen=True)
class Arq:
    database: Database
    redis_port: int
    redis_process: int
    folder: Path

    @contextlib.contextmanager
    def worker(self, port: int, *, tuned: bool, marks: tuple[int, ...] = ()) -> Iterator[subprocess.Popen[bytes]]:
        where = f"127.0.0.1:{self.database.direct}/bai"
        given = {
            "BENCH_PORT": str(port),
            "BENCH_MARKS": ",".join(map(str, marks)),
            "BENCH_POOL": str(_POOL[tuned]),
            "BENCH_TUNED": "1" if tuned else "",
            "BENCH_REDIS": str(self.redis_port),
            "BENCH_DSN": f"postgresql://bai:{self.database.password}@{where}",
        }
        quiet = ["--custom-log-dict", "bench.jobs_arq_worker.QUIET"] if tuned else []
        process = start_python("arq", ["bench.jobs_arq_worker.Settings", *quiet], given, self.folder / "arq.log")
        try:
            yield process
        finally:
            process.terminate()
            process.wait(10)

    async def client(self) -> ArqRedis:
        return await create_pool(RedisSettings(port=self.redis_port))

    async def throughput(self, jobs: int, *, tuned: bool) -> Work:
        """A queue that is full before the worker starts; counted from the job after the first ones on."""
        client = await self.client()
        for start in range(0, jobs, 100):
            await asyncio.gather(*(client.enqueue_job("note", n % ACCOUNTS) for n in range(start, start + 100)))
        await client.aclose()
        ears, port = await listen()
        seen: list[tuple[float, float, float, float]] = []
        with self.worker(port, tuned=tuned, marks=(WARM, jobs)) as worker:
            ears.on = lambda word: seen.append(self._now(worker.pid))
            await ears.hear(f"done {jobs}")
        (began, own, redis, postgres), (ended, own_after, redis_after, postgres_after) = seen
        helpers = {"redis": redis_after - redis, "postgres": postgres_after - postgres}
        return Work(jobs - WARM, ended - began, own_after - own, helpers)

    def _now(self, worker: int) -> tuple[float, float, float, float]:
        return time.perf_counter(), cpu(worker), cpu(self.redis_process), cpu_of_family(self.database.process_id)

    async def latency(self, samples: int, *, tuned: bool) -> list[float]:
        """Milliseconds from before enqueue_job to after the job's COMMIT, one at a time, at any moment of the poll."""
        ears, port = await listen()
        client = await self.client()
        taken = []
        with self.worker(port, tuned=tuned):
            await self._warm(client, ears)
            for n in range(samples):
                await asyncio.sleep(random.random() * 0.5)
                began = time.perf_counter()
                await client.enqueue_job("note", n)
                taken.append((await ears.hear(str(n)) - began) * 1000)
        await client.aclose()
        return taken

    async def _warm(self, client: ArqRedis, ears: Ears) -> None:
        for n in range(ACCOUNTS - 5, ACCOUNTS):
            await client.enqueue_job("note", n)
            await ears.hear(str(n))

    async def idle_commands(self, seconds: float, *, tuned: bool) -> float:
        """Redis commands per second of a worker that has nothing to do."""
        ears, port = await listen()
        client = await self.client()
        with self.worker(port, tuned=tuned):
            await self._warm(client, ears)
            await asyncio.sleep(1.5)
            before = await self._commands(client)
            await asyncio.sleep(seconds)
            asked = await self._commands(client) - before
        await client.aclose()
        return asked / seconds

    async def _commands(self, client: ArqRedis) -> int:
        """All but INFO, which is the bench's own."""
        stats = await client.info("commandstats")
        return sum(int(counts["calls"]) for name, counts in stats.items() if name != "cmdstat_info")
