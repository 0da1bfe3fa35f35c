"""Deletes what is past keeping: events, idempotency keys, ended jobs. In small bites, so that nobody waits for a lock."""

from functools import partial
from typing import Any

from sqlalchemy import TextClause, text

from bai import settings
from bai.db import transaction
from bai.jobs import Running

_BITE = 2000
_BITES = 25
_FORGET = {
    "events": text("""
        DELETE FROM events WHERE (user_id, seq) IN (
            SELECT user_id, seq FROM events WHERE at < now() - make_interval(days => :days) ORDER BY at LIMIT :bite)
    """),
    "idempotency_keys": text("""
        DELETE FROM idempotency_keys WHERE (user_id, key) IN (
            SELECT user_id, key FROM idempotency_keys
            WHERE created_at < now() - interval '24 hours' AND :days > 0 ORDER BY created_at LIMIT :bite)
    """),
    # Children go with their parent, effects and steps with their job; what is in doubt stays until somebody has said.
    "jobs": text("""
        DELETE FROM jobs WHERE id IN (
            SELECT id FROM jobs j
            WHERE settled_at IS NOT NULL AND finished_at < now() - make_interval(secs => retention_seconds) AND :days > 0
              AND parent_id IS NULL
              AND NOT EXISTS (SELECT 1 FROM job_effects e WHERE e.job_id = j.id AND e.state = 'unknown')
            ORDER BY finished_at LIMIT :bite)
    """),
}


def forget_old(job: Running) -> dict[str, Any]:
    """Answers how many of each were deleted; what is left over is the next hour's."""
    return {name: job.step(name, partial(_forget, job, statement), seconds=25) for name, statement in _FORGET.items()}


def _forget(job: Running, statement: TextClause) -> int:
    deleted = 0
    for _ in range(_BITES):
        with transaction() as session:
            gone = session.execute(statement, {"days": settings.realtime().retention_days, "bite": _BITE}).rowcount
        deleted += gone
        if gone < _BITE or job.seconds_left() < 15:
            break
    return deleted
