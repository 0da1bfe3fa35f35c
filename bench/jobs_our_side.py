"""Our engine in bench/jobs.py: jobs enqueued by bai.jobs, run by the real worker under Lambda's runtime client.

For throughput the batches are handed over as Lambda's event source does it; receiving and deleting are that poller's, not
the worker's. For latency everything passes through the local cloud's queue, front, poller and Runtime API.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.jobs_measure import Work, cpu, cpu_of_family, listen
from bench.jobs_work import ACCOUNTS
from local.arq_ground import ROOT, Database, as_environment
from local.aws import Aws
from local.aws_front import AwsFront, Calls
from local.event_sources import Poller
from local.functions import Functions
from local.processes import free_port
from local.shapes import ACCOUNT, REGION, EventSource, Function

QUEUE = "bench"
BATCH = 10
_WARM_BATCHES = 20
_NAME, _FIRST = "Bench", "Bench0"
_HANDLER = "bench.jobs_our_worker.handler"
_DONE = b'{"batchItemFailures": []}'


@dataclass(frozen=True)
class Ours:
    """`environment` is the worker's and, inside `as_environment`, this process's."""

    database: Database
    environment: dict[str, str]
    emulator: str
    folder: Path

    @asynccontextmanager
    async def environments(self, number: int = 1, **more: str) -> AsyncIterator[Functions]:
        """So many execution environments of the worker, each under a name of its own."""
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        given, layers = {**self.environment, **more}, (ROOT / "layers" / "shared",)
        names = [f"{_NAME}{n}" for n in range(number)]
        functions = Functions(
            {
                name: Function(name, name, _HANDLER, ROOT / "functions", layers, given, 512, 60, 1, True)
                for name in names
            },
            given["AWS_ENDPOINT_URL"],
            logs,
        )
        await functions.warm(names)
        started = [environment for pool in functions.pools.values() for environment in pool.environments]
        try:
            yield functions
        finally:
            await functions.stop()
            await asyncio.gather(*(environment._watcher for environment in started))

    def enqueue(self, first: int, number: int) -> list[str]:
        """In one transaction; the ids of the jobs."""
        from bai import db, jobs

        with db.transaction() as session:
            rows = [
                jobs.enqueue(session, "bench_jobs.note", {"account": n % ACCOUNTS}, user_id=None)
                for n in range(first, first + number)
            ]
        return [str(row["id"]) for row in rows]

    async def throughput(self, jobs: int, environments: int) -> Work:
        """Each environment takes a batch after the other; counted once each has had some."""
        ids = [job_id for start in range(0, jobs, 100) for job_id in self.enqueue(start, 100)]
        self.database.server.execute("ANALYZE jobs", database="bai")  # as autovacuum has done it long ago in a real one
        events = iter([_event(ids[start : start + BATCH]) for start in range(0, jobs, BATCH)])
        warm = _WARM_BATCHES // environments
        async with self.environments(environments) as functions:
            workers = [_process_of(functions, name) for name in functions.pools]
            await asyncio.gather(
                *(self._take(functions, name, itertools.islice(events, warm)) for name in functions.pools)
            )
            before = self._now(workers)
            await asyncio.gather(*(self._take(functions, name, events) for name in functions.pools))
            seconds, own, postgres, pooler = (
                after - earlier for after, earlier in zip(self._now(workers), before, strict=True)
            )
        counted = jobs - warm * environments * BATCH
        return Work(counted, seconds, own, {"postgres": postgres, "pgbouncer": pooler})

    async def _take(self, functions: Functions, name: str, events: Iterator[bytes]) -> None:
        for event in events:
            outcome = await functions.invoke(name, event)
            if outcome.error or outcome.payload != _DONE:
                raise SystemExit(f"the worker answered {outcome.payload!r}; see {self.folder}/logs")

    def _now(self, workers: list[int]) -> tuple[float, float, float, float]:
        pooler = self.database.pooler
        pooling = cpu(pooler.process.pid) if pooler and pooler.process else 0.0
        return time.perf_counter(), sum(map(cpu, workers)), cpu_of_family(self.database.process_id), pooling

    def polling(self, batches: int = 30) -> float:
        """CPU seconds a job of a worker that had to receive and delete its batches itself: two calls of boto3."""
        from bai import aws, settings

        url, sqs = settings.queue_url("jobs"), aws.sqs()
        aws.send_messages(url, [{"Id": str(n), "MessageBody": "x" * 100} for n in range(batches * BATCH)])
        began, jobs = time.process_time(), 0
        for _ in range(batches):
            received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=BATCH).get("Messages", [])
            entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(received)]
            sqs.delete_message_batch(QueueUrl=url, Entries=entries)  # type: ignore[arg-type]
            jobs += len(received)
        return (time.process_time() - began) / jobs

    async def latency(self, samples: int) -> list[float]:
        """Milliseconds from before the enqueueing transaction to after the job's COMMIT, one at a time."""
        ears, port = await listen()
        taken = []
        async with self.environments(BENCH_PORT=str(port)) as functions, self._polling(functions):
            for n in [*range(ACCOUNTS - 5, ACCOUNTS), *range(samples)]:
                await asyncio.sleep(random.random() * 0.1)
                began = time.perf_counter()
                await asyncio.to_thread(self.enqueue, n, 1)
                taken.append((await ears.hear(str(n)) - began) * 1000)
        return taken[5:]

    @asynccontextmanager
    async def _polling(self, functions: Functions) -> AsyncIterator[None]:
        """The local cloud's event source on the queue, and its front, through which this process sends meanwhile."""
        front, port = AwsFront(int(self.emulator.rsplit(":", 1)[1]), Calls()), free_port()
        address, sent_to = f"{self.emulator}/{ACCOUNT}/{QUEUE}", f"http://127.0.0.1:{port}"
        source = EventSource(_FIRST, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}", BATCH, 0, True, None)
        through = {**self.environment, "AWS_ENDPOINT_URL": sent_to, "BENCH_QUEUE_URL": f"{sent_to}/{ACCOUNT}/{QUEUE}"}
        async with aiohttp.ClientSession() as session:
            aws = Aws(self.emulator, session)
            await aws.call("sqs", "PurgeQueue", QueueUrl=address)
            poller = Poller(source, address, aws, functions)
            front.when_sent(QUEUE, poller.wake)
            await front.start(port)
            poller.start()
            try:
                with as_environment(through):
                    yield
            finally:
                await poller.stop()
                await front.stop()

    async def idle_statements(self, seconds: float) -> tuple[float, float]:
        """Statements per second of an idle worker, and its CPU seconds per second."""
        ids = self.enqueue(0, 20)
        async with self.environments() as functions:
            await self._take(functions, _FIRST, iter([_event(ids[:10])]))
            worker, before = _process_of(functions, _FIRST), self._statements()
            own = cpu(worker)
            await asyncio.sleep(seconds)
            asked, spent = self._statements() - before, cpu(worker) - own
            await self._take(functions, _FIRST, iter([_event(ids[10:])]))
        return asked / seconds, spent / seconds

    def sweep_statements(self) -> int:
        """Of one pass of the sweeper that finds nothing."""
        for _ in range(2):  # the first begins the schedules
            before = self._statements()
            command = [sys.executable, "-m", "bench.jobs_our_worker"]
            subprocess.run(
                command, cwd=ROOT, env={**os.environ, **self.environment}, check=True, stdout=subprocess.DEVNULL
            )
        return self._statements() - before

    def _statements(self) -> int:
        """All that the functions' role has asked, BEGIN and COMMIT included."""
        counted = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE userid = 'bai'::regrole"
        return int(self.database.server.execute(counted, database="bai")[0][0])


def _process_of(functions: Functions, name: str) -> int:
    (environment,) = functions.pools[name].environments
    assert environment.process is not None
    return environment.process.pid


def _event(ids: list[str]) -> bytes:
    """As the event source makes it of ten messages."""
    records = [
        {
            "messageId": job_id,
            "receiptHandle": job_id * 4,
            "body": json.dumps(
                {"job_id": job_id, "type": "bench_jobs.note", "correlation_id": ""}, separators=(",", ":")
            ),
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1795391000000",
                "SenderId": ACCOUNT,
                "ApproximateFirstReceiveTimestamp": "1795391000001",
                "MessageGroupId": "system",
            },
            "messageAttributes": {},
            "md5OfBody": "0" * 32,
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUE}",
            "awsRegion": REGION,
        }
        for job_id in ids
    ]
    return json.dumps({"Records": records}).encode()
