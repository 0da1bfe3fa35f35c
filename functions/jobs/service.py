"""A client's view of its jobs, and the two things it may do to one: cancel and retry."""

from typing import Any

from sqlalchemy import RowMapping, func, select

from bai import auth, clock, jobs, paging
from bai.auth import Caller
from bai.db import Session
from bai.errors import NotFound
from bai.ids import is_id
from bai.tables import job_steps
from bai.tables import jobs as table


def list_jobs(  # noqa: PLR0913 - the filters, by name
    session: Session,
    caller: Caller,
    *,
    state: str | None,
    job_type: str | None,
    subject_id: str | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """A page of the caller's jobs; `counts` are per state over all of them, whatever the filter."""
    own = (table.c.user_id == caller.id, table.c.hidden.is_(False))
    query = select(table).where(*own)
    if state:
        query = query.where(table.c.state == state)
    if job_type:
        query = query.where(table.c.type == job_type)
    if subject_id:
        query = query.where(table.c.subject_id == (subject_id if is_id(subject_id) else None))
    rows, next_cursor = paging.newest_first(session, table, query, limit, cursor)
    counts = session.execute(select(table.c.state, func.count().label("number")).where(*own).group_by(table.c.state))
    return {
        "items": [jobs.describe(row) for row in rows],
        "next_cursor": next_cursor,
        "counts": {row.state: row.number for row in counts},
    }


def read_job(session: Session, caller: Caller, job_id: str) -> dict[str, Any]:
    row = _own(session, caller, job_id)
    steps = session.rows(select(job_steps).where(job_steps.c.job_id == row["id"]).order_by(job_steps.c.started_at))
    return {**jobs.describe(row), "steps": [_describe_step(step) for step in steps]}


def cancel_job(session: Session, caller: Caller, job_id: str) -> dict[str, Any]:
    """Cancels at once what nobody runs, at its next step what a worker runs. Raises NotFound, Conflict."""
    job = _own(session, caller, job_id)
    return jobs.describe(jobs.cancel(session, jobs.lock(session, str(job["id"]))))


def retry_job(session: Session, caller: Caller, job_id: str) -> dict[str, Any]:
    """Queues an ended job again with its finished steps kept. Raises NotFound, Conflict, ReadOnly,
    FeatureForbidden for what the plan no longer includes.
    """
    job = _own(session, caller, job_id)
    if job["feature"]:
        auth.require_feature(caller, job["feature"])
    auth.require_writable(caller)
    return jobs.describe(jobs.retry(session, jobs.lock(session, str(job["id"]))))


def _own(session: Session, caller: Caller, job_id: str) -> RowMapping:
    query = select(table).where(table.c.id == job_id, table.c.user_id == caller.id, table.c.hidden.is_(False))
    row = session.row(query) if is_id(job_id) else None
    if row is None:
        raise NotFound("job")
    return row


def _describe_step(step: RowMapping) -> dict[str, Any]:
    return {
        "name": step["name"],
        "state": step["state"],
        "attempt": step["attempt"],
        "started_at": clock.to_wire(step["started_at"]),
        "finished_at": clock.to_wire(step["finished_at"]),
    }
