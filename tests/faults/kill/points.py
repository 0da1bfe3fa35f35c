"""Where a worker can be made to die: by watching seams that are there anyway, so production code carries no hooks.

Statements are told by their text as they leave for the database; the process kills itself with SIGKILL at the point, which
is what the kernel does to it: no handler runs, no buffer is flushed, every socket is closed by the kernel.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from bai import aws, dialect

CLAIM = ("SET state = 'running'", "UPDATE jobs SET attempt = attempt + 1")
LEDGER = ("SET state = 'confirmed'",)
END = (
    "settled_at = CASE WHEN",
    "m.entry",
    "ELSE 'waiting_callback' END",
    "SET state = 'waiting_callback', children_open",
)
EVENTS = ("INSERT INTO events",)
BEAT = ("\n    UPDATE jobs SET wake_at = now() + make_interval",)  # a step's begins inside a WITH

UNDELIVERED = "batch response undelivered"
# point -> (statements that it follows, where it strikes); None for those that are no statement's.
POINTS: dict[str, tuple[tuple[str, ...], str] | None] = {
    "before the claim": (CLAIM, "before"),
    "claim uncommitted": (CLAIM, "after"),
    "claim committed": (CLAIM, "committed"),
    "before the call": None,
    "request sent": None,
    "answer not recorded": None,
    "ledger written": (LEDGER, "after"),
    "state committed": (END, "committed"),
    "event appended": (EVENTS, "after"),
    "event pushed": None,
    UNDELIVERED: None,
    "heartbeat": (BEAT, "after"),
}
# An event is appended and pushed when a job is claimed too; the second one tells of the work itself.
NTH = {"event appended": 2, "event pushed": 2}
# What a kind never comes by; everything else is expected to strike.
_OUTSIDE = {"before the call", "request sent", "answer not recorded", "ledger written"}
NEVER = {
    "write": _OUTSIDE | {"heartbeat"},
    "waiting": {"state committed"},
    "family": _OUTSIDE | {"heartbeat", "state committed"},
}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, nth: int = 1, deed: Callable[[], None] = die) -> Callable[[str], None]:
    """Makes this process die (or do another deed) at the nth time it comes to the point; returns what the job's functions report to."""
    left = nth

    def strike() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            deed()

    where = POINTS[point]
    if where is not None:
        _watch_statements(*where, strike)
    if point == "event pushed":
        _watch_pushes(strike)
    return lambda reached: strike() if reached == point else None


def _watch_statements(texts: tuple[str, ...], when: str, strike: Callable[[], None]) -> None:
    one_trip, execute_simple = dialect.Connection.one_trip, dialect.Connection.execute_simple
    seen = False

    def watched(self: Any, statement: str, *arguments: Any, **options: Any) -> Any:
        nonlocal seen
        found = any(text in statement for text in texts)
        if found and when == "before":
            strike()
        context = one_trip(self, statement, *arguments, **options)
        if found and when == "after":
            strike()
        seen = seen or found
        return context

    def watched_simple(self: Any, sql: str) -> Any:
        nonlocal seen
        answer = execute_simple(self, sql)
        if sql == "commit" and seen and when == "committed":
            seen = False
            strike()
        return answer

    dialect.Connection.one_trip = watched  # type: ignore[method-assign]
    dialect.Connection.execute_simple = watched_simple


def _watch_pushes(strike: Callable[[], None]) -> None:
    send = aws.send_messages

    def watched(queue_url: str, entries: Any) -> list[str]:
        refused = send(queue_url, entries)
        if queue_url.endswith(".fifo"):
            strike()
        return refused

    aws.send_messages = watched
