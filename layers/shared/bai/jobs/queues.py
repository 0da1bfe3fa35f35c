"""Pausing a queue: nothing new is claimed from it, what runs goes on, what comes is kept. Knows no SQS."""

from sqlalchemy import RowMapping, text

from bai.db import Session

_PAUSE = text("""
    INSERT INTO job_queues AS q (name, paused_at, paused_by, reason) VALUES (:name, now(), :by, :reason)
    ON CONFLICT (name) DO UPDATE
    SET paused_at = coalesce(q.paused_at, now()), paused_by = excluded.paused_by, reason = excluded.reason
    RETURNING *
""")
_RESUME = text("UPDATE job_queues SET paused_at = NULL, paused_by = '', reason = '' WHERE name = :name")
# Messages that came meanwhile were used up: the sweeper sends what was ready, and does not wait for the next minute's.
_WAKE = text("""
    UPDATE jobs SET wake_at = now()
    WHERE queue = :name AND finished_at IS NULL AND state = 'queued' AND parked_at IS NULL
""")
_READ = text("SELECT * FROM job_queues WHERE paused_at IS NOT NULL")


def pause(session: Session, name: str, *, by: str, reason: str) -> None:
    """Holds at the next claim, in every worker. Pausing a paused queue changes its reason."""
    session.execute(_PAUSE, {"name": name, "by": by, "reason": reason})


def resume(session: Session, name: str) -> None:
    """Jobs that were held start again within the sweeper's next minute."""
    session.execute(_RESUME, {"name": name})
    session.execute(_WAKE, {"name": name})


def paused(session: Session) -> dict[str, RowMapping]:
    """The paused queues by name."""
    return {row["name"]: row for row in session.rows(_READ)}
