"""Jobs per second and per core, enqueue to done, and the cost of being idle: our engine against Arq, in one run.

The job is two statements, an INSERT and an UPDATE, in PostgreSQL. Arq runs it with asyncpg, its best driver; ours as an atomic
job, ten to a transaction. Throughput: both queues are full beforehand. Ours gets its batches handed over as Lambda's event
source does it, since receiving and deleting are that poller's work; the runtime client that takes them is counted. The jobs
are hidden: nobody's screen is told, as with Arq.
Last line: `jobs ratio_default=R1 ratio_tuned=R2 per_core_ratio_tuned=R3`.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench.jobs_arq_side import Arq
from bench.jobs_measure import Work, at
from bench.jobs_our_side import QUEUE, Ours
from bench.jobs_work import TABLES
from local import arq_ground, postgres
from local.processes import NotAvailable

# Jobs of a round. Compared is one worker process of each; Lambda starts more of ours by itself, the last row shows five.
JOBS = {"Arq default": 1_200, "Arq tuned": 2_200, "ours": 3_200, "ours, five": 3_200}
COUNTED = {"shared_preload_libraries": "pg_stat_statements"}


async def throughput(arq: Arq, ours: Ours, rounds: int) -> dict[str, list[Work]]:
    """In turns, so that a slow minute of the machine is everybody's."""
    runs: dict[str, list[Work]] = {name: [] for name in JOBS}
    for _ in range(rounds):
        for name, jobs in JOBS.items():
            if name.startswith("Arq"):
                work = await arq.throughput(jobs, tuned=name.endswith("tuned"))
            else:
                work = await ours.throughput(jobs, environments=5 if "five" in name else 1)
            runs[name].append(work)
    return runs


def check_that_all_was_done(database: arq_ground.Database, runs: dict[str, list[Work]]) -> None:
    done = sum(JOBS[name] * len(works) for name, works in runs.items())
    counted = "SELECT (SELECT count(*) FROM bench_notes), (SELECT sum(notes) FROM bench_accounts)"
    found = database.server.execute(counted, database=arq_ground.DATABASE)[0]
    if found != (done, done):
        raise SystemExit(f"{done} jobs were to write one note each, {found} were written")


def report_throughput(runs: dict[str, list[Work]]) -> dict[str, tuple[float, float]]:
    """Prints each one's best round, since whatever else runs here only adds; name -> (jobs a second, per CPU second)."""
    print(
        f"{'two-statement job':<18}{'jobs/s':>7}{'per core':>10}   CPU us a job: worker, helpers; per core in each round"
    )
    best = {}
    for name, works in runs.items():
        rate, least = max(work.rate for work in works), max(works, key=lambda work: work.per_core)
        helpers = ", ".join(f"{helper} {spent / least.jobs * 1e6:.0f}" for helper, spent in least.helpers.items())
        rounds = " ".join(f"{work.per_core:.0f}" for work in works)
        print(f"{name:<18}{rate:>7.0f}{least.per_core:>10.0f}   worker {1e6 / least.per_core:.0f}, {helpers}; {rounds}")
        best[name] = rate, least.per_core
    return best


async def report_latency(arq: Arq, ours: Ours, samples: int) -> None:
    taken = {
        "Arq default": await arq.latency(samples // 2, tuned=False),
        "Arq tuned": await arq.latency(samples, tuned=True),
        "ours": await ours.latency(samples),
    }
    print("\nenqueue -> done, ms, one at a time (ours through the local cloud's queue, MiniStack)")
    for name, values in taken.items():
        print(f"{name:<17}p50 {at(values, 0.5):>7.1f}   p95 {at(values, 0.95):>7.1f}   of {len(values)}")


async def report_idle(arq: Arq, ours: Ours, seconds: float) -> None:
    print(f"\nidle for {seconds:.0f} s, commands or statements per second")
    for name, tuned in (("Arq default", False), ("Arq tuned", True)):
        print(f"{name:<17}{await arq.idle_commands(seconds, tuned=tuned):>7.1f}  Redis commands of one worker")
    asked, spent = await ours.idle_statements(seconds)
    print(f"{'ours':<17}{asked:>7.1f}  statements of one worker, {spent * 100:.1f} % of a core")
    print(f"{'':<17}the sweeper asks {ours.sweep_statements()} statements each minute, for the whole suite;")
    print(f"{'':<17}Lambda's poller asks SQS (billed, some 15 long polls a minute and queue), not the worker")


async def measure(folder: Path, database: arq_ground.Database, ours: Ours, options: argparse.Namespace) -> None:
    with arq_ground.redis_server(folder / "redis") as (port, process):
        arq = Arq(database, port, process, folder)
        runs = await throughput(arq, ours, options.rounds)
        check_that_all_was_done(database, runs)
        best = report_throughput(runs)
        print(
            f"Lambda's poller receives and deletes; a worker that did so itself would pay {ours.polling() * 1e6:.0f} us a job more"
        )
        await report_latency(arq, ours, options.samples)
        await report_idle(arq, ours, options.idle)
    (default, _), (tuned, tuned_core), (rate, core) = list(best.values())[:3]
    print(
        f"jobs ratio_default={rate / default:.2f} ratio_tuned={rate / tuned:.2f}"
        f" per_core_ratio_tuned={core / tuned_core:.2f}"
    )


def run(folder: Path, options: argparse.Namespace) -> None:
    arq_ground.find_redis()
    with (
        arq_ground.database(folder / "postgres", COUNTED) as database,
        arq_ground.queues(folder / "queues") as emulator,
    ):
        environment = arq_ground.worker_environment(
            database, emulator, (QUEUE, "jobs"), LOG_LEVEL="INFO", POWERTOOLS_SERVICE_NAME="bench"
        )
        arq_ground.migrate(database, environment)
        for statement in (*TABLES, "CREATE EXTENSION pg_stat_statements"):
            database.server.execute(statement, database=arq_ground.DATABASE)
        with arq_ground.as_environment(environment):
            from bench import jobs_our_worker

            jobs_our_worker.declare()
            asyncio.run(measure(folder, database, Ours(database, environment, emulator, folder), options))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of throughput, in turns; the best counts")
    parser.add_argument("--samples", type=int, default=60, help="of latency")
    parser.add_argument("--idle", type=float, default=4, help="seconds")
    options = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # the ended environments' requests for more work
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="bai-bench-", dir="/var/tmp"))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}", flush=True)
    try:
        run(folder, options)
    except NotAvailable as missing:
        raise SystemExit(str(missing)) from None
    finally:
        postgres.forget(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)
    print(f"({time.monotonic() - began:.0f} s)", file=sys.stderr)


if __name__ == "__main__":
    main()
