"""Runs ended jobs again, many at a time, after saying what that would mean for each. Knows no HTTP.

A part of a job is redriven by its parent, which runs what is missing. Each few jobs have a transaction of their own, so
what has been redriven stays so when the database goes away in the middle.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, select, text

from bai import clock, jobs, telemetry
from bai.auth import Caller
from bai.db import Session, transaction
from bai.errors import DomainError
from bai.ids import is_id
from bai.jobs import Unique
from bai.tables import jobs as table
from jobs import redrive_verdicts
from jobs.schemas.redrive import RedriveIn
from jobs.service import changing, reading

_CHUNK = 20
_SECONDS = 9.0  # the API gives an answer 14
# Until the parents that go on have started their parts again, whose copies are cleared away too.
_TIDY_AFTER = timedelta(seconds=60)
_ROOTS = text("""
    WITH RECURSIVE up AS (
        SELECT id AS part, id, parent_id FROM jobs WHERE id = ANY(CAST(:ids AS uuid[]))
        UNION ALL SELECT up.part, j.id, j.parent_id FROM up JOIN jobs j ON j.id = up.parent_id
    )
    SELECT part, id AS root FROM up WHERE parent_id IS NULL
""")


def redrive_jobs(caller: Caller, wanted: RedriveIn) -> dict[str, Any]:
    """Each chosen job with what a retry would mean; unless dry_run, retries those that nothing speaks against.

    Raises Forbidden for scope=all without being an admin.
    """
    with transaction() as session:
        chosen, missing, more = _choose(session, caller, wanted)
    ends, items = time.monotonic() + _SECONDS, []
    ids = list(chosen)
    for start in range(0, len(ids), _CHUNK):
        if time.monotonic() > ends:
            more = True
            break
        with transaction() as session:
            items += _redrive(session, caller, ids[start : start + _CHUNK], dry_run=wanted.dry_run)
    for item in items:
        item["because_of"] = [part for part in chosen[item["id"]] if part != item["id"]]
    redriven = [item for item in items if item["redriven"]]
    if redriven:
        _tidy_later({item["queue"] for item in redriven}, [part for item in redriven for part in item["because_of"]])
        telemetry.logger().info("jobs redriven", by=caller.id, jobs=len(redriven))
    return {
        "dry_run": wanted.dry_run,
        "items": items,
        "redriven": len(redriven),
        "refused": sum(item["verdict"] in ("refused", "in_doubt") for item in items),
        "missing": missing,
        "more": more,
    }


def _choose(session: Session, caller: Caller, wanted: RedriveIn) -> tuple[dict[str, list[str]], list[str], bool]:
    """Job id -> the chosen jobs for whose sake it is redriven (itself or its parts), oldest end first."""
    scope = reading.scope_of(caller, everybody=wanted.scope == "all")
    query = select(table.c.id).where(*scope)
    if wanted.ids is not None:
        query = query.where(table.c.id.in_([job_id for job_id in wanted.ids if is_id(job_id)]))
    else:
        query = query.where(table.c.state.in_(wanted.states))
    for column, value in ((table.c.type, wanted.type), (table.c.queue, wanted.queue)):
        if value is not None:
            query = query.where(column == value)
    if wanted.error_code is not None:
        query = query.where(table.c.error["code"].astext == wanted.error_code)
    if wanted.before is not None:
        query = query.where(table.c.finished_at < wanted.before)
    found = session.rows(query.order_by(table.c.finished_at, table.c.id).limit(wanted.limit + 1))
    ids = [str(row["id"]) for row in found[: wanted.limit]]
    roots = {str(row["part"]): str(row["root"]) for row in session.rows(_ROOTS, {"ids": ids})}
    chosen: dict[str, list[str]] = {}
    for job_id in ids:
        chosen.setdefault(roots[job_id], []).append(job_id)
    missing = [job_id for job_id in wanted.ids or () if job_id not in set(ids)]
    return chosen, missing, len(found) > wanted.limit


def _redrive(session: Session, caller: Caller, ids: Sequence[str], *, dry_run: bool) -> list[dict[str, Any]]:
    query = select(table).where(table.c.id.in_(ids)).order_by(table.c.id)
    rows = {str(row["id"]): row for row in session.rows(query if dry_run else query.with_for_update())}
    known = redrive_verdicts.look(session, list(rows))
    items = []
    for job_id in ids:
        if (job := rows.get(job_id)) is None:
            continue  # its time of keeping ended this moment
        item = {**_summary(job), **redrive_verdicts.judge(job, known), "redriven": False}
        if item["verdict"] not in ("refused", "in_doubt"):
            _try(session, caller, job, item, dry_run=dry_run)
        items.append(item)
    return items


def _try(session: Session, caller: Caller, job: RowMapping, item: dict[str, Any], *, dry_run: bool) -> None:
    """The owner's plan may refuse, and then nothing has been written."""
    try:
        changing.require_plan(session, caller, job)
        if not dry_run:
            jobs.retry(session, job)
            item["redriven"] = True
    except DomainError as refusal:
        item.update(verdict="refused", reason=refusal.code, detail=refusal.detail)


def _summary(job: RowMapping) -> dict[str, Any]:
    return {
        "id": str(job["id"]),
        "type": job["type"],
        "queue": job["queue"],
        "state": job["state"],
        "error": job["error"],
        "attempts": job["attempt"],
        "finished_at": clock.to_wire(job["finished_at"]),
    }


def _tidy_later(queues: set[str], parts: Sequence[str]) -> None:
    """The dead-letter copies of what runs again are cleared away, so that the alarm falls silent."""
    with transaction() as session:
        if parts:
            query = select(table.c.queue).where(table.c.id.in_(parts)).distinct()
            queues = queues | {str(row["queue"]) for row in session.rows(query)}
        for queue in sorted(queues):
            jobs.enqueue(
                session,
                "jobs.tidy_dead_letters",
                {"queue": queue},
                user_id=None,
                not_before=_TIDY_AFTER,
                unique=Unique(key=queue, until="running"),
            )
