"""What came of jobs: results, wherever they are kept, and the ledger of outside effects across jobs."""

from typing import Any

from sqlalchemy import RowMapping, select

from bai import jobs, paging
from bai.auth import Caller
from bai.db import Session
from bai.errors import Conflict, NotFound
from bai.jobs import effects, results, states
from bai.tables import job_effects
from bai.tables import jobs as table
from jobs.service import reading

_ADDRESS_SECONDS = 300


def read_result(session: Session, caller: Caller, job_id: str) -> tuple[Any, dict[str, Any] | None]:
    """(result, None), or (None, its address) for one that is kept outside its row. Raises NotFound, Conflict."""
    row = _with_result(session, caller, job_id)
    return (row["result"], None) if row["result_ref"] is None else (None, _address(row))


def read_result_address(session: Session, caller: Caller, job_id: str) -> dict[str, Any]:
    """Where a large result can be fetched for five minutes by whoever has the address. Raises NotFound, Conflict."""
    row = _with_result(session, caller, job_id)
    if row["result_ref"] is None:
        raise NotFound("address: the result is in the job itself")
    return _address(row)


def _with_result(session: Session, caller: Caller, job_id: str) -> RowMapping:
    row = reading.visible(session, caller, job_id)
    if row["state"] != states.SUCCEEDED:
        raise Conflict(f"The job is {row['state']}; only one that succeeded has a result.")
    return row


def _address(row: RowMapping) -> dict[str, Any]:
    url = results.address(row["result_ref"], seconds=_ADDRESS_SECONDS)
    return {"url": url, "bytes": row["result_ref"]["bytes"], "expires_in": _ADDRESS_SECONDS}


def list_effects(
    session: Session, caller: Caller, state: str, *, everybody: bool, limit: int, cursor: str | None
) -> dict[str, Any]:
    """The outside effects in a state, of a page of jobs, newest job first."""
    wanted = select(job_effects.c.job_id).where(job_effects.c.state == state)
    query = select(table).where(*reading.scope_of(caller, everybody=everybody), table.c.id.in_(wanted))
    rows, next_cursor = paging.newest_first(session, table, query, limit, cursor)
    by_id = {row["id"]: row for row in rows}
    found = select(job_effects).where(job_effects.c.job_id.in_(by_id), job_effects.c.state == state)
    ledger = session.rows(found.order_by(job_effects.c.job_id.desc(), job_effects.c.planned_at)) if rows else []
    owners = reading.owners_of(session, rows) if everybody else {}
    items = [_describe_effect(effect, by_id[effect["job_id"]], owners) for effect in ledger]
    return {"items": items, "next_cursor": next_cursor}


def _describe_effect(effect: RowMapping, job: RowMapping, owners: dict[Any, Any]) -> dict[str, Any]:
    about = jobs.describe(job)
    return {
        **effects.describe(effect),
        "job_id": about["id"],
        "job_type": about["type"],
        "job_state": about["state"],
        "job_subject": about["subject"],
        "owner": owners.get(job["user_id"]),
    }
