"""What one engine was seen to do in one situation, and the situations themselves. Both sides answer the same list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SITUATIONS = {
    "exception": "An exception in the first attempt; a second would have worked",
    "timeout": "The first attempt waits longer than the time limit (2 s); a second would be quick",
    "blocked": "The same in a call that does not await",
    "crash": "SIGKILL of the worker in a job's second step; the first paid for an outside call",
    "duplicate": "Twenty enqueue the same key at once, from four processes",
    "again": "The same key once more, after that job has succeeded",
    "cancel_queued": "Cancel a job that is to run later, while no worker is there; then workers come",
    "cancel_running": "Cancel a job that is running",
    "expiry": "No worker was there until after the job's expiry (1 s)",
    "unknown": "Enqueue a name that no worker knows",
    "payload": "Enqueue a payload that the function cannot take",
    "cron": "A schedule on two workers (ours: two schedulers)",
    "cron_missed": "Three more ticks pass while no worker is there; then both come back",
    "cron_crash": "SIGKILL of the worker in a scheduled job",
}


@dataclass(frozen=True)
class Seen:
    """A sentence made of what was counted, and the counts."""

    text: str
    facts: Mapping[str, object] = field(default_factory=dict)


def times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def ran(number: int) -> str:
    return "never ran" if number == 0 else f"ran {times(number)}"
