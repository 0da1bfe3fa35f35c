"""Arq's worker of the comparison: the functions and the settings that `python -m arq local.arq_worker.Settings` runs.

Everything that is not named here has Arq's own default. What a worker differs in comes from its environment.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from arq import cron
from arq.connections import RedisSettings
from arq.worker import Function, func

from local.arq_outside import happened

# Arq forgets a dead worker's job after the longest timeout of its functions and ten seconds; its default is 300 + 10.
TIMEOUT_SECONDS = 2
LONG_SECONDS = 1.5

Context = dict[str, Any]


async def two_steps(ctx: Context, tag: str) -> str:
    """Killed in the second step the first time."""
    happened("paid call", tag)
    if happened("second step", tag) == 1:
        await asyncio.sleep(LONG_SECONDS)
    happened("end", tag)
    return "done"


async def quick(ctx: Context, tag: str) -> str:
    happened("run", tag)
    return "done"


async def not_so_quick(ctx: Context, tag: str) -> str:
    happened("run", tag)
    await asyncio.sleep(0.8)
    return "done"


async def long(ctx: Context, tag: str) -> str:
    happened("run", tag)
    await asyncio.sleep(LONG_SECONDS)
    happened("end", tag)
    return "done"


async def too_slow_once(ctx: Context, tag: str) -> str:
    if happened("run", tag) == 1:
        await asyncio.sleep(60)
    return "done"


async def blocked_once(ctx: Context, tag: str) -> str:
    """A call that does not await, such as a driver's or a large computation."""
    if happened("run", tag) == 1:
        time.sleep(TIMEOUT_SECONDS + 2)  # noqa: ASYNC251 - that is what is looked at
    happened("end", tag)
    return "done"


async def fails_once(ctx: Context, tag: str) -> str:
    if happened("run", tag) == 1:
        raise ConnectionError("the other side hung up")
    return "done"


async def tick(ctx: Context) -> None:
    happened("tick", ctx["job_id"])


async def killed_tick(ctx: Context) -> None:
    happened("killed tick", "cron")
    await asyncio.sleep(LONG_SECONDS)
    happened("end", "cron")


def _settings() -> dict[str, Any]:
    role = os.environ.get("COMPARE_ARQ_ROLE", "plain")
    settings: dict[str, Any] = {
        "redis_settings": RedisSettings(port=int(os.environ.get("COMPARE_REDIS_PORT", "6379"))),
        "queue_name": f"arq:{role}",
        "functions": _functions(),
        "job_timeout": TIMEOUT_SECONDS,
        "allow_abort_jobs": role.endswith("abort"),
    }
    if role == "cron":
        settings["cron_jobs"] = [cron(tick, second=set(range(60)), unique=True)]
    if role == "killed-cron":
        settings["cron_jobs"] = [cron(killed_tick, second=int(os.environ["COMPARE_CRON_SECOND"]))]
    return settings


def _functions() -> list[Function]:
    given = (two_steps, quick, not_so_quick, long, too_slow_once, blocked_once, fails_once)
    return [func(function) for function in given]


Settings = _settings()
