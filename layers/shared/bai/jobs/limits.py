"""How many of a type, and of a client's, may run at once or start in a while. Refuses to know why.

A job over a limit of concurrency is parked: its message is used up, and the end of one that runs brings it back. One
over a rate is deferred to the moment that the rate allows. So a client with a long backlog holds its share of the
workers and no more, and everybody else's jobs find the rest free.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, text

from bai import clock
from bai.db import Session
from bai.jobs import outbox, states
from bai.jobs.types import JobType, Rate, find

# Held to COMMIT by whoever starts or ends a job under the limit: the count and the parking can't pass each other.
_GATE = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 21))")
_RUNNING = text("""
    SELECT count(*) AS of_type, count(*) FILTER (WHERE user_id IS NOT DISTINCT FROM CAST(:user AS uuid)) AS of_client
    FROM jobs WHERE type = :type AND state = 'running'
""")
_PARK = text("""
    UPDATE jobs SET state = 'queued', parked_at = now(), wake_at = now() + interval '10 minutes',
           message = 'Waiting for its turn'
    WHERE id = CAST(:id AS uuid) RETURNING *
""")
_DEFER = text("""
    UPDATE jobs SET state = 'deferred', wake_at = :due, message = 'Waiting for its turn' WHERE id = CAST(:id AS uuid)
    RETURNING *
""")
# Of the clients that have a slot free, the one with the fewest running comes first; within it the oldest job. The
# clients are found by hopping through the index: one of them may have a hundred thousand jobs parked.
_NEXT = text("""
    WITH RECURSIVE clients AS (
        (SELECT user_id FROM jobs WHERE type = :type AND parked_at IS NOT NULL ORDER BY user_id LIMIT 1)
        UNION ALL
        SELECT (SELECT j.user_id FROM jobs j WHERE j.type = :type AND j.parked_at IS NOT NULL AND j.user_id > c.user_id
                ORDER BY j.user_id LIMIT 1)
        FROM clients c WHERE c.user_id IS NOT NULL
    ), busy AS (
        SELECT user_id, count(*) AS running FROM jobs WHERE type = :type AND state = 'running' GROUP BY user_id
    ), heads AS (
        SELECT head.id, head.ready_at, coalesce(b.running, 0) AS running
        FROM (SELECT user_id FROM clients WHERE user_id IS NOT NULL UNION ALL SELECT NULL) c
        LEFT JOIN busy b ON b.user_id IS NOT DISTINCT FROM c.user_id
        CROSS JOIN LATERAL (
            SELECT id, ready_at FROM jobs p
            WHERE p.type = :type AND p.parked_at IS NOT NULL
              AND (p.user_id = c.user_id OR (c.user_id IS NULL AND p.user_id IS NULL))
            ORDER BY p.ready_at LIMIT 1
        ) head
        WHERE :per_client = 0 OR coalesce(b.running, 0) < :per_client
    ), chosen AS (
        SELECT id FROM jobs WHERE id = (SELECT id FROM heads ORDER BY running, ready_at LIMIT 1) FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET parked_at = NULL, wake_at = now() + interval '60 seconds', message = ''
    FROM chosen WHERE jobs.id = chosen.id RETURNING jobs.*
""")
# Generic cell rate algorithm (ITU-T I.371): one moment per bucket says when it will be full again.
_TAKE = text("""
    INSERT INTO job_rates AS r (scope, type, arrives_at)
    VALUES (:scope, :type, CAST(:now AS timestamptz) + :step * interval '1 second')
    ON CONFLICT (scope, type) DO UPDATE
    SET arrives_at = greatest(r.arrives_at, excluded.arrives_at - :step * interval '1 second') + :step * interval '1 second'
    WHERE r.arrives_at <= CAST(:now AS timestamptz) + :burst * interval '1 second'
    RETURNING arrives_at
""")
_ARRIVES = text("SELECT arrives_at FROM job_rates WHERE scope = :scope AND type = :type")


def admit(session: Session, job_type: JobType, job: RowMapping) -> bool:
    """True when a locked job may start now; otherwise it has been parked or deferred."""
    if job_type.client_concurrency or job_type.type_concurrency:
        session.execute(_GATE, {"what": job_type.name})
        busy = session.row(_RUNNING, {"type": job_type.name, "user": job["user_id"]})
        assert busy is not None  # noqa: S101 - an aggregate has a row
        full = job_type.type_concurrency is not None and busy["of_type"] >= job_type.type_concurrency
        client_full = job_type.client_concurrency is not None and busy["of_client"] >= job_type.client_concurrency
        if full or client_full:
            _announce_change(session, job, session.row(_PARK, {"id": job["id"]}))
            return False
    due = _rate_due(session, job_type, job)
    if due is None:
        return True
    held = session.row(_DEFER, {"id": job["id"], "due": due})
    _announce_change(session, job, held)
    if held is not None:
        outbox.send_after_commit(session, held, due)
    return False


def _announce_change(session: Session, before: RowMapping, after: RowMapping | None) -> None:
    if after is not None and (before["state"] != after["state"] or before["parked_at"] is None):
        states.announce(session, after)


def _rate_due(session: Session, job_type: JobType, job: RowMapping) -> Any:
    """None when each rate has room (and took one from it); else the moment from which it has."""
    for scope, rate in ((str(job["user_id"] or "system"), job_type.client_rate), ("", job_type.type_rate)):
        if rate is None:
            continue
        step, burst = _bucket(rate)
        fields = {"scope": scope, "type": job_type.name}
        if session.value(_TAKE, {**fields, "now": clock.now(), "step": step, "burst": burst}) is None:
            return session.value(_ARRIVES, fields) - timedelta(seconds=burst)
    return None


def _bucket(rate: Rate) -> tuple[float, float]:
    step = rate.per.total_seconds() / rate.count
    return step, step * (rate.count - 1)


def release(session: Session, job: RowMapping) -> None:
    """Called in the transaction in which a job stops running: brings back the parked job whose turn it is."""
    job_type = find(job["type"])
    if not (job_type.client_concurrency or job_type.type_concurrency):
        return
    session.execute(_GATE, {"what": job_type.name})
    turn = session.row(_NEXT, {"type": job_type.name, "per_client": job_type.client_concurrency or 0})
    if turn is not None:
        states.announce(session, turn)
        outbox.send_after_commit(session, turn)
