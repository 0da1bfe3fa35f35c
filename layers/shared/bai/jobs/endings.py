"""How an attempt ends: waiting, retrying, going on in another invocation, or for good. All fenced by the attempt.

Each writes the attempt into the job's history with what it used and gives its place to the next parked job.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, TextClause, text

from bai import clock
from bai.db import Session
from bai.jobs import attempts, children, control, limits, outbox, states
from bai.jobs.running import Running
from bai.jobs.signals import CancelRequested, LostLease

_OWN = "WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running'"
_WAIT = text(f"""
    UPDATE jobs SET message = :message, wake_at = :until, max_attempts = max_attempts + 1, {attempts.CLOSE},
           state = CASE WHEN EXISTS (SELECT 1 FROM job_steps WHERE job_id = jobs.id AND name = 'callback')
                        THEN 'queued' ELSE 'waiting_callback' END
    {_OWN} RETURNING *
""")  # noqa: S608 - constants
_RETRY = text(f"""
    UPDATE jobs SET state = 'retrying', error = CAST(:error AS jsonb), wake_at = :due, ready_at = :due, {attempts.CLOSE}
    {_OWN} RETURNING *
""")  # noqa: S608 - constants
_GO_ON = text(f"""
    UPDATE jobs SET state = 'queued', max_attempts = max_attempts + 1, wake_at = now() + interval '60 seconds',
           ready_at = now(), {attempts.CLOSE}
    {_OWN} RETURNING *
""")  # noqa: S608 - constants
# A cancel that came before this commit wins over every other end: whoever asked was told that it would stop. A dead job
# is settled by a message of its own, which first puts the copy into the dead-letter queue.
_END = text(f"""
    UPDATE jobs SET state = :state, result = CAST(:result AS jsonb), result_ref = CAST(:ref AS jsonb),
           error = CAST(:error AS jsonb), finished_at = now(),
           settled_at = CASE WHEN :state = 'dead' THEN NULL ELSE now() END, wake_at = now() + interval '60 seconds',
           progress = CASE WHEN :state = 'succeeded' THEN 100 ELSE progress END, {attempts.CLOSE}
    {_OWN} AND (cancel_requested_at IS NULL OR :state = 'cancelled') RETURNING *
""")  # noqa: S608 - constants
_CANCEL_REQUESTED = text(f"SELECT 1 FROM jobs {_OWN} AND cancel_requested_at IS NOT NULL")  # noqa: S608 - constants


def wait(session: Session, job: Running, until: datetime, message: str) -> RowMapping:
    """From running to waiting for the callback, or back to the queue when the answer was faster than we were.

    The attempt that ends by waiting is not held against the job.
    """
    # Locked by a statement of its own, so that the next one sees an answer committed while this waited for the row.
    if control.lock(session, job.id)["cancel_requested_at"] is not None:
        raise CancelRequested(job.id)
    fields = {"until": min(until, job.deadline_at), "message": message}
    row = _close(session, job, _WAIT, "waiting", fields)
    if row["state"] == states.QUEUED:
        outbox.send_after_commit(session, row)
    return row


def go_on_later(session: Session, job: Running) -> None:
    """Back to the queue with all finished steps kept; the extra attempt is not held against the job."""
    outbox.send_after_commit(session, _close(session, job, _GO_ON, "continued", {}))


def retry_later(session: Session, job: Running, seconds: float, error: dict[str, Any]) -> None:
    """Once more after so many seconds. Raises CancelRequested, LostLease."""
    children.lock_parent(session, job.parent_id)
    due = clock.now() + timedelta(seconds=seconds)
    row = _close(session, job, _RETRY, "retrying", {"due": due, "error": json.dumps(error)}, error)
    if row["cancel_requested_at"] is not None:
        raise CancelRequested(job.id)
    children.show_retry(session, row)
    outbox.send_after_commit(session, row, due)


def end(session: Session, job: Running, state: str, *, result: Any = None, error: Any = None) -> RowMapping:
    """The job's last write; the caller settles it in the same transaction. Raises LostLease, CancelRequested.

    `result` is the pair that bai.jobs.results.store made of it.
    """
    children.lock_parent(session, job.parent_id)
    kept, reference = result or (None, None)
    fields = {"state": state, "result": kept, "ref": reference, "error": json.dumps(error)}
    return _close(session, job, _END, state, fields, error)


def _close(
    session: Session, job: Running, statement: TextClause, outcome: str, fields: dict[str, Any], error: Any = None
) -> RowMapping:
    own = {"id": job.id, "attempt": job.attempt}
    closing = attempts.closing(job, outcome, error)
    row = session.row(statement, {**own, **fields, **closing})
    if row is None:
        if session.value(_CANCEL_REQUESTED, own) is not None:
            raise CancelRequested(job.id)
        raise LostLease(job.id)
    limits.release(session, row)
    states.announce(session, row, attempt=json.loads(closing["entry"]))
    return row
