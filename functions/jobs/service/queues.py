"""The queues that jobs wait in: how deep, how long, held or not. A client sees its own jobs in them."""

from typing import Any

from sqlalchemy import RowMapping, text

from bai import auth, clock, telemetry
from bai.auth import Caller
from bai.db import Session
from bai.errors import NotFound
from bai.jobs import queues, types

# Ended jobs are many and say nothing about a queue, so two partial indexes answer this: the open ones and the dead.
_DEPTHS = text("""
    SELECT queue, state, count(*) AS jobs, count(parked_at) AS parked,
           min(ready_at) FILTER (WHERE state = 'queued' AND parked_at IS NULL) AS oldest
    FROM jobs
    WHERE finished_at IS NULL
      AND (:everybody OR (user_id = CAST(:user AS uuid) AND NOT hidden))
    GROUP BY queue, state
""")
_DEAD = text("""
    SELECT queue, count(*) AS jobs FROM jobs
    WHERE state = 'dead' AND (:everybody OR (user_id = CAST(:user AS uuid) AND NOT hidden)) GROUP BY queue
""")


def names() -> list[str]:
    """Every job queue, by the types that use it."""
    return sorted({job_type.queue for job_type in types.all_types()})


def list_queues(session: Session, caller: Caller, *, everybody: bool) -> dict[str, Any]:
    """Each queue with the caller's jobs in it, or with everybody's for an admin. Raises Forbidden."""
    if everybody:
        auth.require_admin(caller)
    whose = {"everybody": everybody, "user": caller.id}
    depths = session.rows(_DEPTHS, whose)
    dead = {row["queue"]: row["jobs"] for row in session.rows(_DEAD, whose)}
    held = queues.paused(session)
    return {
        "items": [
            _describe(name, [row for row in depths if row["queue"] == name], dead.get(name, 0), held.get(name))
            for name in names()
        ]
    }


def pause_queue(session: Session, caller: Caller, name: str, reason: str) -> dict[str, Any]:
    """Nothing new is taken from it; what runs goes on, what comes is kept. Raises Forbidden, NotFound."""
    _require(caller, name)
    queues.pause(session, name, by=caller.email, reason=reason)
    telemetry.logger().warning("queue paused", queue=name, by=caller.id, reason=reason)
    return _read(session, caller, name)


def resume_queue(session: Session, caller: Caller, name: str) -> dict[str, Any]:
    """What was held starts within the sweeper's next minute. Raises Forbidden, NotFound."""
    _require(caller, name)
    queues.resume(session, name)
    telemetry.logger().warning("queue resumed", queue=name, by=caller.id)
    return _read(session, caller, name)


def _require(caller: Caller, name: str) -> None:
    auth.require_admin(caller)
    if name not in names():
        raise NotFound("job queue")


def _read(session: Session, caller: Caller, name: str) -> dict[str, Any]:
    items = list_queues(session, caller, everybody=True)["items"]
    return next(dict(item) for item in items if item["name"] == name)


def _describe(name: str, depths: list[RowMapping], dead: int, held: RowMapping | None) -> dict[str, Any]:
    oldest = min((row["oldest"] for row in depths if row["oldest"]), default=None)
    waited = None if oldest is None else max(0, int((clock.now() - oldest).total_seconds()))
    return {
        "name": name,
        "paused": held is not None,
        "paused_at": clock.to_wire(held["paused_at"]) if held else None,
        "paused_reason": held["reason"] if held else "",
        "counts": {row["state"]: row["jobs"] for row in depths},
        "parked": sum(row["parked"] for row in depths),
        "oldest_seconds": waited,
        "dead": dead,
    }
