"""Who may run a job now: claims with a lease and a fence, one by one or a batch at a time. Refuses to know what runs.

A claim counts the attempt, which from then on is the fence of every write. A paused queue gives nothing out.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import RowMapping, text

from bai import meter, settings
from bai.db import Session, transaction
from bai.jobs import limits, states
from bai.jobs.running import Running
from bai.jobs.types import JobType

_CLAIMABLE: Final = """
    (state = 'queued' OR (state IN ('deferred', 'retrying') AND wake_at <= now() + interval '1 second'))
    AND deadline_at > now()
    AND NOT EXISTS (SELECT 1 FROM job_queues q WHERE q.name = jobs.queue AND q.paused_at IS NOT NULL)
"""
_LOCK = text(f"SELECT * FROM jobs WHERE id = CAST(:id AS uuid) AND {_CLAIMABLE} FOR UPDATE")  # noqa: S608 - constants
_CLAIM = text(f"""
    WITH ready AS (SELECT id FROM jobs WHERE id = CAST(:id AS uuid) AND {_CLAIMABLE} FOR UPDATE)
    UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, now()), claimed_at = now(),
           parked_at = NULL, wake_at = now() + make_interval(secs => :lease), error = NULL
    FROM ready WHERE jobs.id = ready.id RETURNING jobs.*
""")  # noqa: S608 - constants
_CLAIM_MANY = text(f"""
    WITH ready AS (
        SELECT id FROM jobs
        WHERE id IN (SELECT CAST(jsonb_array_elements_text(CAST(:ids AS jsonb)) AS uuid)) AND {_CLAIMABLE}
          AND parent_id IS NULL AND cancel_requested_at IS NULL
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET attempt = attempt + 1, started_at = coalesce(started_at, now()), claimed_at = now(), parked_at = NULL
    FROM ready WHERE jobs.id = ready.id RETURNING jobs.*
""")  # noqa: S608 - constants


def claim(job_type: JobType, job_id: str) -> RowMapping | None:
    """Takes the job if it is due, free and within its limits; None otherwise.

    Waits for a row that a callback or a cancel holds for a moment: skipping it would use up its only message.
    """
    with transaction() as session:
        if job_type.limited:
            waiting = session.row(_LOCK, {"id": job_id})
            if waiting is None or not limits.admit(session, job_type, waiting):
                return None
        job = session.row(_CLAIM, {"id": job_id, "lease": settings.lease_seconds()})
        if job is not None:
            states.announce(session, job)
        return job


def claim_many(session: Session, ids: Sequence[str]) -> Sequence[RowMapping]:
    """Takes a batch for one transaction that also ends them: they never show as running, the row locks are the lease.

    Rows that somebody holds at the moment are left out, and children, whose end has its own order of locks; the
    caller takes those one by one.
    """
    return session.rows(_CLAIM_MANY, {"ids": json.dumps(list(ids))})


def hold(job_type: JobType, job: RowMapping, seconds_left: Callable[[], float]) -> Running:
    """What the job's function gets. `seconds_left` says how long the invocation may still run.

    Raises UnreadablePayload for a payload that a newer release wrote.
    """
    payload = job_type.read_payload(job["payload"], job["payload_version"])
    return _hold(job_type, job, payload, seconds_left)


def hold_unread(job_type: JobType, job: RowMapping, seconds_left: Callable[[], float]) -> Running:
    """The same for a job that can only be put back, because its payload can't be read."""
    return _hold(job_type, job, None, seconds_left)


def _hold(job_type: JobType, job: RowMapping, payload: Any, seconds_left: Callable[[], float]) -> Running:
    meter.start()
    return Running(
        id=str(job["id"]),
        user_id=str(job["user_id"] or ""),
        type=job_type,
        payload=payload,
        attempt=job["attempt"],
        max_attempts=job["max_attempts"],
        subject_id=str(job["subject_id"] or ""),
        parent_id=str(job["parent_id"] or ""),
        deadline_at=job["deadline_at"],
        ready_at=job["ready_at"],
        claimed_at=job["claimed_at"],
        retried_at=job["retried_at"],
        used_before=job["meter"],
        seconds_left=seconds_left,
    )
