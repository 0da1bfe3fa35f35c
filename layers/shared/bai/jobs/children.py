"""Fan-out and fan-in: a parent starts children in one transaction and goes on when the last of them has ended.

Locks are taken from the parent downwards, everywhere, so an ending child and a cancelled parent can't wait for each
other. Knows no job type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from sqlalchemy import RowMapping, text

from bai import clock
from bai.db import Session, transaction
from bai.jobs import attempts, limits, outbox, results, states
from bai.jobs.signals import ChildFailed, ChildrenStarted, LostLease
from bai.jobs.types import find

if TYPE_CHECKING:
    from bai.jobs.running import Running

_MAX_CHILDREN = 200
_OF = text("""
    SELECT * FROM jobs WHERE parent_id = CAST(:id AS uuid) AND parent_step = :name ORDER BY created_at, id
""")
_OPEN_OF = text("""
    SELECT * FROM jobs WHERE parent_id = CAST(:id AS uuid) AND finished_at IS NULL ORDER BY id FOR UPDATE
""")
_BEGIN_WAIT = text(f"""
    UPDATE jobs SET state = 'waiting_callback', children_open = :open, wake_at = deadline_at,
           max_attempts = max_attempts + 1, {attempts.CLOSE}
    WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' RETURNING *
""")  # noqa: S608 - constants
_SHOW_RETRY = text("""
    UPDATE jobs SET message = 'Trying a part again'
    WHERE id = CAST(:id AS uuid) AND state = 'waiting_callback' AND message <> 'Trying a part again' RETURNING *
""")
_DONE = text("""
    UPDATE job_steps SET state = 'done', result = CAST(:result AS jsonb), finished_at = now()
    WHERE job_id = CAST(:id AS uuid) AND name = :name
""")
_LOCK_PARENT = text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid) FOR UPDATE")
_COUNT_DOWN = text("""
    UPDATE jobs p SET children_open = children_open - 1,
           progress = greatest(progress, CAST(floor(95.0 * c.ended / c.total) AS int)),
           state = CASE WHEN children_open <= 1 THEN 'queued' ELSE state END,
           ready_at = CASE WHEN children_open <= 1 THEN now() ELSE ready_at END,
           wake_at = CASE WHEN children_open <= 1 THEN now() + interval '60 seconds' ELSE wake_at END
    FROM (SELECT count(*) AS total, count(*) FILTER (WHERE finished_at IS NOT NULL) AS ended
          FROM jobs WHERE parent_id = CAST(:id AS uuid)) c
    WHERE p.id = CAST(:id AS uuid) AND p.state = 'waiting_callback' AND p.children_open > 0 RETURNING p.*
""")
_RETRY = text("""
    UPDATE jobs SET state = 'queued', error = NULL, finished_at = NULL, settled_at = NULL, cancel_requested_at = NULL,
           message = '', max_attempts = attempt + :more, retried_at = now(), ready_at = now(), wake_at = now() + interval '60 seconds',
           deadline_at = CAST(:deadline AS timestamptz)
    WHERE id = CAST(:id AS uuid) RETURNING *
""")


@dataclass(frozen=True, slots=True)
class Child:
    """One part of a job: the name of a job type and its payload."""

    name: str
    payload: BaseModel | Mapping[str, Any]
    message: str = ""


def fan_out(job: "Running", name: str, given: Sequence[Child], message: str) -> list[Any]:
    """See Running.fan_out: the first run starts the children, the run after the last one's end collects."""
    if not 0 < len(given) <= _MAX_CHILDREN:
        raise ValueError(f"a job has 1 to {_MAX_CHILDREN} children at a time, not {len(given)}")
    with transaction() as session:
        done, kept = job.enter(session, name, 5, message)
        if done:
            return list(kept)
        rows = session.rows(_OF, {"id": job.id, "name": name})
        unsettled = sum(row["settled_at"] is None for row in rows)
        stale = [row for row in rows if _is_stale(job, row)]
        if stale:
            _run_again(session, job, stale)
        if rows and not unsettled + len(stale):
            return _collect(session, job, name, rows)
        if rows:
            _wait(session, job, unsettled + len(stale))
        else:
            _start(session, job, name, given)
    raise ChildrenStarted(job.id)


def _start(session: Session, job: "Running", name: str, given: Sequence[Child]) -> None:
    parent = session.row(_LOCK_PARENT, {"id": job.id})
    assert parent is not None  # noqa: S101 - entered above
    for child in given:
        outbox.enqueue(
            session,
            child.name,
            child.payload,
            user_id=job.user_id or None,
            subject=(parent["subject_kind"], str(parent["subject_id"])) if parent["subject_id"] else None,
            deadline=job.deadline_at - clock.now(),
            message=child.message,
            feature=parent["feature"],
            hidden=parent["hidden"],
            parent=(job.id, name),
        )
    _wait(session, job, len(given))


def _wait(session: Session, job: "Running", number: int) -> None:
    fields = {"id": job.id, "attempt": job.attempt, "open": number, **attempts.closing(job, "waiting")}
    row = session.row(_BEGIN_WAIT, fields)
    if row is None:
        raise LostLease(job.id)
    limits.release(session, row)
    states.announce(session, row)


def _is_stale(job: "Running", child: RowMapping) -> bool:
    """It ended without a result before somebody asked for its parent to be tried again."""
    ended = child["settled_at"] is not None and child["state"] != states.SUCCEEDED
    return ended and job.retried_at is not None and child["finished_at"] <= job.retried_at


def _run_again(session: Session, job: "Running", ended: Sequence[RowMapping]) -> None:
    for row in ended:
        more = find(row["type"]).retries.unknown
        child = session.row(_RETRY, {"id": row["id"], "deadline": job.deadline_at, "more": more})
        assert child is not None  # noqa: S101 - read in this transaction
        states.announce(session, child)
        outbox.send_after_commit(session, child)


def _collect(session: Session, job: "Running", name: str, rows: Sequence[RowMapping]) -> list[Any]:
    unsuccessful = [row for row in rows if row["state"] != states.SUCCEEDED]
    if unsuccessful:
        cause = next((row for row in unsuccessful if row["state"] != states.CANCELLED), unsuccessful[0])
        raise ChildFailed(cause["error"] or {})
    made = [results.load(row) for row in rows]
    session.execute(_DONE, {"id": job.id, "name": name, "result": results.as_json(made)})
    return made


def lock_parent(session: Session, parent_id: str) -> None:
    """Before a child is ended: the parent's row comes first in the order of locks."""
    if parent_id:
        session.execute(_LOCK_PARENT, {"id": parent_id})


def count_down(session: Session, child: RowMapping) -> None:
    """Called once, in the transaction in which a child is settled; the last one wakes its parent."""
    if child["parent_id"] is None:
        return
    parent = session.row(_COUNT_DOWN, {"id": child["parent_id"]})
    if parent is None:
        return
    states.announce(session, parent)
    if parent["state"] == states.QUEUED:
        outbox.send_after_commit(session, parent)
    elif child["state"] not in (states.SUCCEEDED, states.CANCELLED):
        _stop_siblings(session, str(parent["id"]))


def _stop_siblings(session: Session, parent_id: str) -> None:
    """One failed for good, so the whole will: what has not begun is not paid for; a retry of the parent does it all."""
    from bai.jobs import control  # noqa: PLC0415 - control cancels children too

    for sibling in open_children(session, parent_id):
        control.cancel(session, sibling)


def show_retry(session: Session, child: RowMapping) -> None:
    """A parent that waits does not look healthy while one of its parts is being tried again."""
    parent = session.row(_SHOW_RETRY, {"id": child["parent_id"]}) if child["parent_id"] else None
    if parent is not None:
        states.announce(session, parent)


def open_children(session: Session, job_id: str) -> Sequence[RowMapping]:
    """The children that have not ended, locked."""
    return session.rows(_OPEN_OF, {"id": job_id})
