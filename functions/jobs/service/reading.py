"""Jobs as their owner sees them, and as an admin sees everybody's: lists and one in detail.

A job that is not the caller's is not there; an admin's is every job, the suite's own upkeep included.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, false, func, or_, select, text

from bai import auth, clock, jobs, paging, prices
from bai.auth import Caller
from bai.db import Session
from bai.errors import NotFound
from bai.ids import is_id
from bai.jobs import effects, states
from bai.tables import job_effects, job_steps, users
from bai.tables import jobs as table

_MAX_CHILDREN = 200
_ID_START = re.compile(r"[0-9a-f]{4}[0-9a-f-]{0,32}")

_PARTS = text("""
    SELECT count(*) AS number, coalesce(sum(cost_usd), 0) AS usd FROM jobs WHERE parent_id = CAST(:id AS uuid)
""")


@dataclass(frozen=True, slots=True)
class Sought:
    """The conditions of a list of jobs; None is any. Parts of a job are listed when their parent is named."""

    state: str | None = None
    job_type: str | None = None
    queue: str | None = None
    subject_id: str | None = None
    parent_id: str | None = None
    q: str | None = None
    since: datetime | None = None
    everybody: bool = False


def list_jobs(session: Session, caller: Caller, sought: Sought, *, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of jobs, newest first; `counts` are per state over all in the same scope, whatever the other filters."""
    in_scope = [*scope_of(caller, everybody=sought.everybody), _family(sought.parent_id)]
    query = select(table).where(*in_scope, *_conditions(sought))
    rows, next_cursor = paging.newest_first(session, table, query, limit, cursor)
    counts = session.execute(select(table.c.state, func.count().label("n")).where(*in_scope).group_by(table.c.state))
    owners = owners_of(session, rows) if sought.everybody else {}
    return {
        "items": [{**jobs.describe(row), "owner": owners.get(row["user_id"])} for row in rows],
        "next_cursor": next_cursor,
        "counts": {row.state: row.n for row in counts},
    }


def scope_of(caller: Caller, *, everybody: bool) -> list[ColumnElement[bool]]:
    """The conditions of what the caller may see of the table of jobs. Raises Forbidden."""
    if everybody:
        auth.require_admin(caller)
        return []
    return [table.c.user_id == caller.id, table.c.hidden.is_(False)]


def _family(parent_id: str | None) -> ColumnElement[bool]:
    if parent_id is None:
        return table.c.parent_id.is_(None)
    return _is(table.c.parent_id, parent_id)


def _is(column: ColumnElement[Any], given: str) -> ColumnElement[bool]:
    """What is no id is nobody's."""
    return column == given if is_id(given) else false()


def _conditions(sought: Sought) -> Iterable[ColumnElement[bool]]:
    for column, value in (
        (table.c.state, sought.state),
        (table.c.type, sought.job_type),
        (table.c.queue, sought.queue),
    ):
        if value:
            yield column == value
    if sought.subject_id:
        yield _is(table.c.subject_id, sought.subject_id)
    if sought.since:
        yield table.c.created_at >= sought.since
    if sought.q:
        yield _matches(sought.q.strip())


def _matches(q: str) -> ColumnElement[bool]:
    """The start of an id or of a subject's kind, or a part of the type or the message."""
    ways: list[ColumnElement[bool]] = [
        table.c.type.icontains(q, autoescape=True),
        table.c.message.icontains(q, autoescape=True),
        table.c.subject_kind.istartswith(q, autoescape=True),
    ]
    if _ID_START.fullmatch(q.lower()):
        low, high = (q.lower().replace("-", "").ljust(32, digit)[:32] for digit in "0f")
        ways += [table.c.id.between(low, high), table.c.subject_id.between(low, high)]
    return or_(*ways)


def read_job(session: Session, caller: Caller, job_id: str) -> dict[str, Any]:
    """Everything about one job. Raises NotFound."""
    row = visible(session, caller, job_id)
    steps = select(job_steps).where(job_steps.c.job_id == row["id"]).order_by(job_steps.c.started_at)
    ledger = select(job_effects).where(job_effects.c.job_id == row["id"]).order_by(job_effects.c.planned_at)
    children = select(table).where(table.c.parent_id == row["id"]).order_by(table.c.created_at, table.c.id)
    parts = session.execute(_PARTS, {"id": row["id"]}).one()
    return {
        **jobs.describe(row),
        "owner": owners_of(session, [row]).get(row["user_id"]) if caller.role == "admin" else None,
        "payload": row["payload"],
        **_times(row),
        "steps": [_describe_step(step) for step in session.rows(steps)],
        "effects": [effects.describe(effect) for effect in session.rows(ledger)],
        "history": row["history"],
        "children": [_describe_child(child) for child in session.rows(children.limit(_MAX_CHILDREN))],
        "children_total": parts.number,
        "cost": _cost(row["meter"], parts.usd),
    }


def visible(session: Session, caller: Caller, job_id: str) -> RowMapping:
    """The job, if the caller may see it. Raises NotFound."""
    query = select(table).where(table.c.id == job_id, *scope_of(caller, everybody=caller.role == "admin"))
    row = session.row(query) if is_id(job_id) else None
    if row is None:
        raise NotFound("job")
    return row


def owners_of(session: Session, rows: Sequence[RowMapping]) -> dict[Any, dict[str, str]]:
    """By user id; the suite's own jobs have none."""
    ids = {row["user_id"] for row in rows if row["user_id"]}
    if not ids:
        return {}
    found = session.rows(select(users.c.id, users.c.email).where(users.c.id.in_(ids)))
    return {row["id"]: {"id": str(row["id"]), "email": row["email"]} for row in found}


def _times(row: RowMapping) -> dict[str, int | None]:
    """Over all attempts: how long it waited for a worker, how long it ran. The running attempt counts up to now."""
    waits = [entry["wait_ms"] or 0 for entry in row["history"]]
    runs = [entry["run_ms"] or 0 for entry in row["history"]]
    if row["state"] == states.RUNNING:
        waits.append(max(0, round((row["claimed_at"] - row["ready_at"]).total_seconds() * 1000)))
        runs.append(max(0, round((clock.now() - row["claimed_at"]).total_seconds() * 1000)))
    return {"wait_ms": sum(waits) if waits else None, "run_ms": sum(runs) if runs else None}


def _cost(meter: dict[str, float], parts: Any) -> dict[str, Any]:
    own = prices.cost(meter) if meter else None
    return {
        "usd": None if own is None else float(own),
        "with_children_usd": None if own is None else float(own + parts),
        "prices_as_of": prices.as_of(),
        "lines": prices.lines(meter),
    }


def _describe_step(step: RowMapping) -> dict[str, Any]:
    return {
        "name": step["name"],
        "state": step["state"],
        "attempt": step["attempt"],
        "started_at": clock.to_wire(step["started_at"]),
        "finished_at": clock.to_wire(step["finished_at"]),
    }


_OF_A_CHILD = (
    "id",
    "type",
    "state",
    "progress",
    "message",
    "attempts",
    "error",
    "started_at",
    "finished_at",
    "cost_usd",
)


def _describe_child(child: RowMapping) -> dict[str, Any]:
    whole = jobs.describe(child)
    return {name: whole[name] for name in _OF_A_CHILD}
