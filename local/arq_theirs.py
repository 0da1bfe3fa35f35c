"""Real Arq: its own workers in processes of their own, its own client. What is done with them is in arq_theirs_acts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from arq import create_pool
from arq.connections import ArqRedis, RedisSettings
from arq.jobs import Job, JobStatus

from local.arq_ground import start_python
from local.arq_outside import VARIABLE, Outside


class Theirs:
    """One Redis, a worker for each role (a queue of its own), a client for each."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        self.outside = Outside(folder / "arq-outside.jsonl")
        self.workers: list[subprocess.Popen[bytes]] = []
        self.pools: dict[str, ArqRedis] = {}

    def worker(self, role: str, **more: str) -> subprocess.Popen[bytes]:
        given = {
            "COMPARE_REDIS_PORT": str(self.port),
            "COMPARE_ARQ_ROLE": role,
            VARIABLE: str(self.outside.file),
            **more,
        }
        log = self.folder / f"arq-{role}.log"
        started = start_python("arq", ["local.arq_worker.Settings"], given, log)
        self.workers.append(started)
        return started

    async def pool(self, role: str) -> ArqRedis:
        if role not in self.pools:
            self.pools[role] = await create_pool(RedisSettings(port=self.port), default_queue_name=f"arq:{role}")
        return self.pools[role]

    async def enqueue(self, role: str, name: str, *arguments: Any, **options: Any) -> Job:
        job = await (await self.pool(role)).enqueue_job(name, *arguments, **options)
        assert job is not None, f"{name} was refused"
        return job

    async def happens(self, what: str, tag: str, number: int = 1, patience: float = 10.0) -> bool:
        return await asyncio.to_thread(self.outside.wait_for, what, tag, number, patience)

    async def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        for pool in self.pools.values():
            await pool.aclose()

    def kill_whoever(self, what: str, tag: str, role: str, **more: str) -> float:
        """SIGKILLs the worker that did it and starts another; when that was."""
        os.kill(self.outside.process_of(what, tag), signal.SIGKILL)
        killed = time.monotonic()
        self.worker(role, **more)
        return killed

    async def until_over(self, job: Job, patience: float = 8.0) -> str:
        """The state that Arq gives it, once it is complete or not found (or for too long neither)."""
        over, until = (JobStatus.complete, JobStatus.not_found), time.monotonic() + patience
        while True:
            state = await job.status()
            if state in over or time.monotonic() > until:
                return str(state.value)
            await asyncio.sleep(0.05)

    def ticks(self) -> dict[str, int]:
        """Job id of each tick that ran -> how often."""
        found: dict[str, int] = {}
        lines = self.outside.file.read_text().splitlines() if self.outside.file.exists() else []
        for line in map(json.loads, lines):
            if line["what"] == "tick":
                found[line["tag"]] = found.get(line["tag"], 0) + 1
        return found


def enqueue_many(asked: tuple[int, str, int, float]) -> list[bool]:
    """In a process of its own: asks so often at once, at that moment, for one job id; whether each got a job."""
    port, key, number, begin = asked

    async def ask() -> list[bool]:
        pool = await create_pool(RedisSettings(port=port), default_queue_name="arq:plain")
        await asyncio.sleep(max(0.0, begin - time.time()))
        asking = (pool.enqueue_job("not_so_quick", key, _job_id=key) for _ in range(number))
        got = await asyncio.gather(*asking)
        await pool.aclose()
        return [job is not None for job in got]

    return asyncio.run(ask())
