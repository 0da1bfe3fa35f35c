"""Once a minute: whatever was committed and then forgotten goes on.

Sends what was never sent or never picked up, runs what is due, takes back lost leases, ends what passed its deadline,
announces each busy user's newest event again, and enqueues what the clock asks for. Safe to run twice at once.
"""

import json
from typing import Any

from sqlalchemy import RowMapping, text

from bai import clock, push, telemetry
from bai.db import Session, transaction
from bai.jobs import attempts, control, limits, outbox, scheduler, states, types

_BATCH = 200
_MAX_BATCHES = 50

# An ever older job is sent again ever less often: a long queue must not fill with copies of itself.
_DUE = text("""
    WITH due AS (
        SELECT id FROM jobs
        WHERE settled_at IS NULL AND wake_at <= now()
          AND (finished_at IS NOT NULL OR (state IN ('queued', 'deferred', 'retrying') AND deadline_at > now()
               AND NOT EXISTS (SELECT 1 FROM job_queues q WHERE q.name = jobs.queue AND q.paused_at IS NOT NULL)))
        ORDER BY wake_at LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = CASE WHEN finished_at IS NULL THEN 'queued' ELSE state END,
           wake_at = now() + least(interval '1 hour', greatest(interval '1 minute', now() - coalesce(finished_at, wake_at)))
    FROM due WHERE jobs.id = due.id RETURNING jobs.*
""")
_LOST = text(f"""
    WITH lost AS (
        SELECT id FROM jobs WHERE settled_at IS NULL AND state = 'running' AND wake_at <= now() AND deadline_at > now()
        ORDER BY wake_at LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                                 WHEN attempt >= max_attempts THEN 'dead' ELSE 'queued' END,
           finished_at = CASE WHEN cancel_requested_at IS NOT NULL OR attempt >= max_attempts THEN now() END,
           error = CASE WHEN cancel_requested_at IS NOT NULL THEN CAST(:cancelled AS jsonb) ELSE CAST(:error AS jsonb) END,
           wake_at = now() + interval '1 minute', ready_at = now(), history = {attempts.LOST_HISTORY}
    FROM lost WHERE jobs.id = lost.id RETURNING jobs.*
""")  # noqa: S608 - constants
_OVERDUE = text(f"""
    WITH over AS (
        SELECT id, CASE WHEN children_open > 0 THEN 'children' ELSE state END AS was FROM jobs
        WHERE finished_at IS NULL AND (deadline_at <= now() OR (state = 'waiting_callback' AND wake_at <= now()))
        ORDER BY deadline_at LIMIT :batch FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                                 WHEN over.was = 'waiting_callback' THEN 'failed' ELSE 'expired' END, finished_at = now(),
           parked_at = NULL, children_open = 0, wake_at = now() + interval '1 minute',
           history = CASE WHEN over.was = 'running' THEN {attempts.LOST_HISTORY} ELSE history END,
           error = CASE WHEN cancel_requested_at IS NOT NULL THEN CAST(:cancelled AS jsonb) WHEN over.was = 'waiting_callback' THEN CAST(:silent AS jsonb) ELSE CAST(:expired AS jsonb) END
    FROM over WHERE jobs.id = over.id RETURNING jobs.*
""")  # noqa: S608 - constants
_HEADS = text("""
    SELECT user_id, seq FROM event_counters
    WHERE told_at BETWEEN now() - interval '150 seconds' AND now() - interval '3 seconds'
      AND listening_at > now() - interval '125 minutes'
    ORDER BY told_at LIMIT 5000
""")
_LEASE_LOST = {
    "code": "worker_lost",
    "detail": "The worker stopped without a word; the job goes on with its next step.",
}
_SILENT = {"code": "callback_timeout", "detail": "The outside system that was asked did not answer in time."}
_EXPIRED = {"code": "expired", "detail": "The job's deadline passed before it was done."}


def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Answers how many of each it moved. What it could not do in this minute it does in the next."""
    errors = {"silent": _SILENT, "expired": _EXPIRED, "cancelled": control.CANCELLED}
    ends = {name: json.dumps(error) for name, error in errors.items()}
    swept = {
        "overdue": _in_batches(_OVERDUE, ends, context),
        "lost": _in_batches(_LOST, {"error": json.dumps(_LEASE_LOST), "cancelled": ends["cancelled"]}, context),
        "due": _in_batches(_DUE, {}, context),
        "heads": _tell_heads(),
        "ticks": _tick(),
    }
    for name, number in swept.items():
        if number:
            telemetry.count("Swept", number, what=name)
    telemetry.logger().info("swept", extra=swept)
    return swept


def _in_batches(statement: Any, fields: dict[str, Any], context: Any) -> int:
    moved = 0
    for _ in range(_MAX_BATCHES):
        with transaction() as session:
            rows = session.rows(statement, {**fields, "batch": _BATCH})
            for job in rows:
                _send_on(session, job)
        moved += len(rows)
        if len(rows) < _BATCH or context.get_remaining_time_in_millis() < 15_000:
            break
    return moved


def _send_on(session: Session, job: RowMapping) -> None:
    """A final state goes to the module's worker too: it settles the subject."""
    states.announce(session, job)
    if job["claimed_at"] is not None:
        limits.release(session, job)
    outbox.send_after_commit(session, job)


def _tell_heads() -> int:
    with transaction() as session:
        heads = [(str(row.user_id), int(row.seq)) for row in session.execute(_HEADS)]
        push.tell_heads(session, heads)
    return len(heads)


def _tick() -> int:
    """Enqueues what the clock asks for; each tick once, however many sweepers run."""
    ticks = 0
    for job_type in types.all_types():
        if job_type.schedule is None:
            continue
        try:
            with transaction() as session:
                ticks += scheduler.tick(session, job_type, clock.now())
        except Exception:  # one schedule that can't be kept must not starve those after it
            telemetry.logger().exception("schedule not kept; tried again in a minute", job_type=job_type.name)
            telemetry.count("ScheduleFailed", job_type=job_type.name)
    return ticks
