"""Arq's worker of bench/jobs.py: `python -m arq bench.jobs_arq_worker.Settings`.

The driver is asyncpg with a pool and its prepared statements, straight to PostgreSQL: the fastest that an Arq user can
choose (Arq is asyncio; SQLAlchemy or pg8000 in a thread would cost it more). Ours goes through SQLAlchemy and PgBouncer.
"""

from __future__ import annotations

import os
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from arq.connections import RedisSettings

from bench.jobs_work import BODY, INSERT, UPDATE, tell

_INSERT = INSERT.format(account="$1", body="$2")
_UPDATE = UPDATE.format(account="$1")
_MARKS = {int(number) for number in os.environ.get("BENCH_MARKS", "").split(",") if number}
_EACH = not _MARKS
# max_jobs, poll_delay and keep_result are the issue's; quiet logs are ours on top.
TUNED = {"max_jobs": 50, "poll_delay": 0.01, "keep_result": 0, "log_results": False}
QUIET = {"version": 1, "disable_existing_loggers": False}


async def note(ctx: dict[str, Any], account: int) -> None:
    async with ctx["database"].acquire() as connection, connection.transaction():
        await connection.execute(_INSERT, account, BODY)
        await connection.execute(_UPDATE, account)
    ctx["count"][0] += 1
    if _EACH or ctx["count"][0] in _MARKS:
        tell(str(account) if _EACH else f"done {ctx['count'][0]}")


async def start(ctx: dict[str, Any]) -> None:
    size = int(os.environ["BENCH_POOL"])
    ctx["count"] = [0]
    ctx["database"] = await asyncpg.create_pool(os.environ["BENCH_DSN"], min_size=size, max_size=size)


Settings = {
    "functions": [note],
    "on_startup": start,
    "redis_settings": RedisSettings(port=int(os.environ.get("BENCH_REDIS", "6379"))),
    **(TUNED if os.environ.get("BENCH_TUNED") else {}),
}
