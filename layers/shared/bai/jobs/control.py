"""What moves a job from outside its worker: cancel, retry, the answer of a callback. Refuses to know modules.

Whatever ends here has its module told by a message: the worker settles it (see bai.worker), the sweeper repeats it.
"""

import json
from typing import Any

from sqlalchemy import RowMapping, text

from bai import clock
from bai.db import Session
from bai.errors import Conflict, NotFound
from bai.ids import is_id
from bai.jobs import outbox, states

_LOCK = text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid) FOR UPDATE")
_END = text("""
    UPDATE jobs SET state = :state, error = CAST(:error AS jsonb), finished_at = now(),
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
           message = '', max_attempts = attempt + 5, wake_at = now() + interval '60 seconds',
           deadline_at = now() + least(greatest(deadline_at - created_at, interval '10 minutes'), interval '24 hours')
    WHERE id = CAST(:id AS uuid) RETURNING *
""")
# What an outside system was asked, and an answer that was an error, are asked anew; a usable answer is kept.
_ASK_ANEW = text("""
    DELETE FROM job_steps WHERE job_id = CAST(:id AS uuid) AND name IN ('hand-off', 'callback') AND NOT EXISTS (
        SELECT 1 FROM job_steps c
        WHERE c.job_id = CAST(:id AS uuid) AND c.name = 'callback' AND NOT jsonb_exists(c.result, 'error'))
""")
_ANSWER = text("""
    INSERT INTO job_steps (job_id, name, state, attempt, result, finished_at)
    VALUES (CAST(:id AS uuid), 'callback', 'done', :attempt, CAST(:answer AS jsonb), now())
    ON CONFLICT DO NOTHING RETURNING name
""")
_WAKE = text("""
    UPDATE jobs SET state = 'queued', wake_at = now() + interval '60 seconds', message = 'Answer received'
    WHERE id = CAST(:id AS uuid) AND state = 'waiting_callback' RETURNING *
""")


def lock(session: Session, job_id: str) -> RowMapping:
    """The job's row, locked until COMMIT. Raises NotFound."""
    job = session.row(_LOCK, {"id": job_id}) if is_id(job_id) else None
    if job is None:
        raise NotFound("job")
    return job


def cancel(session: Session, job: RowMapping) -> RowMapping:
    """Cancels a locked job: at once while nobody runs it, at its next step while a worker does. Final states stay."""
    if job["state"] in states.FINAL:
        raise Conflict(f"The job is already {job['state']}; there is nothing to cancel.")
    if job["state"] == states.RUNNING:
        row = session.execute(_REQUEST_CANCEL, {"id": job["id"]}).mappings().one()
        states.announce(session, row)
        return row
    return end(session, job, states.CANCELLED, {"code": "cancelled", "detail": "Cancelled on request."})


def end(session: Session, job: RowMapping, state: str, error: dict[str, Any]) -> RowMapping:
    """Puts a locked job into a final state from outside its worker and has its module told."""
    row = session.execute(_END, {"id": job["id"], "state": state, "error": json.dumps(error)}).mappings().one()
    states.announce(session, row)
    outbox.send_after_commit(session, row)
    return row


def retry(session: Session, job: RowMapping) -> RowMapping:
    """Queues a locked job again; finished steps keep their results, so nothing is paid twice."""
    if job["state"] in states.OPEN:
        raise Conflict(f"The job is still {job['state']}; it can be retried once it has ended.")
    if job["state"] == states.SUCCEEDED:
        raise Conflict("The job succeeded; there is nothing to retry.")
    if job["settled_at"] is None:
        raise Conflict("The job is still being wound up; try again in a moment.")
    session.execute(_ASK_ANEW, {"id": job["id"]})
    row = session.execute(_RETRY, {"id": job["id"]}).mappings().one()
    states.announce(session, row)
    outbox.send_after_commit(session, row)
    return row


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
