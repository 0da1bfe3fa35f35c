"""What moves a job from outside its worker: cancel, retry, replay, the answer of a callback. Refuses to know modules.

Whatever ends here has its module told by a message: the worker settles it (see bai.worker), the sweeper repeats it.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, text

from bai import clock
from bai.db import Session
from bai.errors import Conflict, NotFound
from bai.ids import is_id
from bai.jobs import children, limits, outbox, states
from bai.jobs.signals import EffectInDoubt
from bai.jobs.types import find

_LOCK = text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid) FOR UPDATE")
_END = text("""
    UPDATE jobs SET state = :state, error = CAST(:error AS jsonb), finished_at = now(), parked_at = NULL, children_open = 0,
           cancel_requested_at = CASE WHEN :state = 'cancelled' THEN now() ELSE cancel_requested_at END,
           wake_at = now() + interval '60 seconds'
    WHERE id = CAST(:id AS uuid) RETURNING *
""")
_REQUEST_CANCEL = text("""
    UPDATE jobs SET cancel_requested_at = coalesce(cancel_requested_at, now()), message = 'Stopping'
    WHERE id = CAST(:id AS uuid) RETURNING *
""")
_RETRY = text("""
    UPDATE jobs SET state = 'queued', error = NULL, finished_at = NULL, settled_at = NULL, cancel_requested_at = NULL,
           children_open = 0, message = '', max_attempts = attempt + :more, retried_at = now(), ready_at = now(),
           wake_at = now() + interval '60 seconds',
           deadline_at = CAST(:deadline AS timestamptz)
    WHERE id = CAST(:id AS uuid) RETURNING *
""")
# What an outside system was asked, and an answer that was an error, are asked anew; a usable answer is kept. The
# ledger's round goes up, so that the other side does not take the new request for a repetition.
_ASK_ANEW = text("""
    WITH refused AS (
        SELECT 1 FROM job_steps WHERE job_id = CAST(:id AS uuid) AND name = 'callback' AND jsonb_exists(result, 'error')
        UNION ALL
        SELECT 1 FROM job_steps h WHERE h.job_id = CAST(:id AS uuid) AND h.name = 'hand-off' AND h.state = 'done'
          AND NOT EXISTS (SELECT 1 FROM job_steps c WHERE c.job_id = h.job_id AND c.name = 'callback')
    ), forgotten AS (
        DELETE FROM job_steps WHERE job_id = CAST(:id AS uuid) AND name IN ('hand-off', 'callback')
        AND EXISTS (SELECT 1 FROM refused) RETURNING name
    )
    INSERT INTO job_effects (job_id, name, round, mode, state, attempt, planned_at)
    SELECT e.job_id, e.name, e.round + 1, e.mode, 'planned', e.attempt, now()
    FROM job_effects e JOIN forgotten f ON f.name = e.name
    WHERE e.job_id = CAST(:id AS uuid) AND e.state IN ('confirmed', 'sent')
    ORDER BY e.round DESC LIMIT 1
""")
_ANSWER = text("""
    INSERT INTO job_steps (job_id, name, state, attempt, result, started_at, finished_at)
    VALUES (CAST(:id AS uuid), 'callback', 'done', :attempt, CAST(:answer AS jsonb), now(), now())
    ON CONFLICT DO NOTHING RETURNING name
""")
_WAKE = text("""
    UPDATE jobs SET state = 'queued', ready_at = now(), wake_at = now() + interval '60 seconds',
           message = 'Answer received'
    WHERE id = CAST(:id AS uuid) AND state = 'waiting_callback' AND children_open = 0 RETURNING *
""")
_UNKNOWN_EFFECT = text("""
    SELECT * FROM job_effects WHERE job_id = CAST(:id AS uuid) AND name = :name AND state = 'unknown' FOR UPDATE
""")
_RECONCILE = text("""
    UPDATE job_effects SET state = :state, result = CAST(:result AS jsonb), settled_at = now(), error = NULL
    WHERE job_id = CAST(:id AS uuid) AND name = :name AND round = :round
""")
CANCELLED = {"code": "cancelled", "detail": "Cancelled on request."}


def lock(session: Session, job_id: str) -> RowMapping:
    """The job's row, locked until COMMIT. Raises NotFound."""
    job = session.row(_LOCK, {"id": job_id}) if is_id(job_id) else None
    if job is None:
        raise NotFound("job")
    return job


def cancel(session: Session, job: RowMapping) -> RowMapping:
    """Cancels a locked job: at once while nobody runs it, at its next step or heartbeat while a worker does.

    Its children go with it. Raises Conflict for a job that has ended.
    """
    if job["state"] in states.FINAL:
        raise Conflict(f"The job is already {job['state']}; there is nothing to cancel.")
    if job["state"] == states.RUNNING:
        row = session.execute(_REQUEST_CANCEL, {"id": job["id"]}).mappings().one()
        states.announce(session, row)
        return row
    row = end(session, job, states.CANCELLED, CANCELLED)
    for child in children.open_children(session, str(job["id"])):
        cancel(session, child)
    return row


def end(session: Session, job: RowMapping, state: str, error: dict[str, Any]) -> RowMapping:
    """Puts a locked job into a final state from outside its worker and has its module told."""
    row = session.execute(_END, {"id": job["id"], "state": state, "error": json.dumps(error)}).mappings().one()
    if job["state"] == states.RUNNING:
        limits.release(session, row)
    states.announce(session, row)
    outbox.send_after_commit(session, row)
    return row


def retry(session: Session, job: RowMapping) -> RowMapping:
    """Queues a locked job again; finished steps keep their results, so nothing is paid twice. Raises Conflict."""
    if job["state"] in states.OPEN:
        raise Conflict(f"The job is still {job['state']}; it can be retried once it has ended.")
    if job["state"] == states.SUCCEEDED:
        raise Conflict("The job succeeded; there is nothing to retry.")
    if job["settled_at"] is None:
        raise Conflict("The job is still being wound up; try again in a moment.")
    if job["parent_id"] is not None:
        raise Conflict(f"The job is a part of {job['parent_id']}; retry that one, it runs what is missing.")
    if children.open_children(session, str(job["id"])):
        raise Conflict("Parts of the job are still stopping; try again in a moment.")
    session.execute(_ASK_ANEW, {"id": job["id"]})
    allowed = min(max(job["deadline_at"] - job["created_at"], timedelta(minutes=10)), timedelta(hours=24))
    fields = {"id": job["id"], "deadline": clock.now() + allowed, "more": find(job["type"]).retries.unknown}
    row = session.execute(_RETRY, fields).mappings().one()
    states.announce(session, row)
    outbox.send_after_commit(session, row)
    return row


def replay(session: Session, job: RowMapping, payload: Mapping[str, Any] | None) -> RowMapping:
    """A new job like an ended one, with another payload if one is given, linked to it. Raises Conflict, Invalid."""
    if job["state"] in states.OPEN:
        raise Conflict(f"The job is still {job['state']}; cancel it before you replay it.")
    if job["parent_id"] is not None:
        raise Conflict(f"The job is a part of {job['parent_id']}; replay that one.")
    job_type = find(job["type"])
    given = job_type.read_payload(job["payload"], job["payload_version"]) if payload is None else payload
    return outbox.enqueue(
        session,
        job["type"],
        given,
        user_id=str(job["user_id"]) if job["user_id"] else None,
        subject=(job["subject_kind"], str(job["subject_id"])) if job["subject_id"] else None,
        feature=job["feature"],
        hidden=job["hidden"],
        replay_of=str(job["id"]),
    )


def reconcile(session: Session, job: RowMapping, name: str, *, happened: bool, result: Any = None) -> RowMapping:
    """A person says whether an effect in doubt happened; a job that failed by the doubt goes on from there.

    For a part of a job it is the whole that goes on. `job` need not be locked: the parent's lock has to come first.
    Raises NotFound, Conflict.
    """
    parent = lock(session, str(job["parent_id"])) if job["parent_id"] else None
    job = lock(session, str(job["id"]))
    doubt = session.row(_UNKNOWN_EFFECT, {"id": job["id"], "name": name})
    if doubt is None:
        raise NotFound("effect in doubt")
    state, kept = ("confirmed", json.dumps(result)) if happened else ("planned", None)
    fields = {"id": job["id"], "name": name, "round": doubt["round"]}
    session.execute(_RECONCILE, {**fields, "state": state, "result": kept})
    if _failed_by_doubt(job):
        if parent is None:
            retry(session, job)
        elif _failed_by_doubt(parent):
            retry(session, parent)
    return lock(session, str(job["id"]))


def _failed_by_doubt(job: RowMapping) -> bool:
    return job["state"] == states.FAILED and (job["error"] or {}).get("code") == EffectInDoubt.code


def answer(session: Session, job: RowMapping, content: dict[str, Any]) -> bool:
    """Takes an outside system's answer for a locked job, once; False when it already had one or has ended.

    The answer may come before the worker has begun to wait: it is kept as the step `callback`, which the worker finds.
    """
    if job["state"] in states.FINAL or job["deadline_at"] <= clock.now():
        return False
    fields = {"id": job["id"], "attempt": job["attempt"], "answer": json.dumps(content)}
    if session.row(_ANSWER, fields) is None:
        return False
    row = session.row(_WAKE, {"id": job["id"]})
    if row is not None:
        states.announce(session, row)
        outbox.send_after_commit(session, row)
    return True
