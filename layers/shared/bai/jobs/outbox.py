"""A job is a row in the business transaction, then an SQS message with its id. Refuses to know who runs it.

If the process dies between COMMIT and the message, the sweeper sends it: the row's wake_at says from when.
"""

import json
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import RowMapping, insert

from bai import aws, clock, settings, telemetry
from bai.db import Session
from bai.ids import new_id
from bai.jobs import keys, states
from bai.jobs.keys import Unique
from bai.jobs.types import JobType, find
from bai.tables import jobs


def enqueue(  # noqa: PLR0913 - each is a property of the job, given by name
    session: Session,
    name: str,
    payload: BaseModel | Mapping[str, Any],
    *,
    user_id: str | None,
    subject: tuple[str, str] | None = None,
    not_before: datetime | timedelta | None = None,
    deadline: timedelta | None = None,
    message: str = "",
    feature: str = "",
    hidden: bool | None = None,
    unique: Unique | None = None,
    parent: tuple[str, str] | None = None,
    replay_of: str | None = None,
) -> RowMapping:
    """Writes the job `module.verb` and sends it after COMMIT; returns its row, or with `unique` the key's holder's.

    `subject` is (kind, id) of what it works on, `not_before` a moment or a wait; `deadline` counts from then. `feature`
    is what the owner's plan must include for a retry, `hidden` the suite's own upkeep, `parent` (id, step) of the job it
    is a part of. Raises UnknownJob, Invalid for a payload that is not the type's, DuplicateJob.
    """
    job_type = find(name)
    now = clock.now()
    due = _due(now, not_before)
    row = {
        **_from_type(job_type, payload, due or now, deadline),
        "user_id": user_id,
        "state": states.DEFERRED if due else states.QUEUED,
        "subject_kind": subject[0] if subject else "",
        "subject_id": subject[1] if subject else None,
        "parent_id": parent[0] if parent else None,
        "parent_step": parent[1] if parent else "",
        "replay_of": replay_of,
        "message": message,
        "feature": feature,
        "hidden": job_type.hidden if hidden is None else hidden,
        "created_at": now,
        "wake_at": due or now + states.RESEND_AFTER,
    }
    if unique is None:
        return _write(session, row, due)
    # The key's row is locked from here to COMMIT, so of many who ask at once one writes and the others see its job.
    held = keys.take(session, user_id or "", job_type, unique)
    if held is not None and unique.on_conflict == "return":
        return held
    job = _write(session, row, due)
    keys.hand_over(session, job, unique)
    return job


def _due(now: datetime, not_before: datetime | timedelta | None) -> datetime | None:
    moment = now + not_before if isinstance(not_before, timedelta) else not_before
    return moment if moment is not None and moment > now else None


def _from_type(
    job_type: JobType, payload: BaseModel | Mapping[str, Any], starts: datetime, deadline: timedelta | None
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "type": job_type.name,
        "queue": job_type.queue,
        "payload": job_type.write_payload(payload),
        "payload_version": job_type.version,
        "max_attempts": job_type.retries.unknown,
        "retention_seconds": int(job_type.retention.total_seconds()),
        "correlation_id": telemetry.correlation_id(),
        "ready_at": starts,
        "deadline_at": starts + (deadline or job_type.deadline),
    }


def _write(session: Session, row: dict[str, Any], due: datetime | None) -> RowMapping:
    job = session.execute(insert(jobs).values(row).returning(jobs)).mappings().one()
    states.announce(session, job)
    send_after_commit(session, job, due)
    return job


def send_after_commit(session: Session, job: RowMapping, due: datetime | None = None) -> None:
    """Plans the message of a job whose row was written in this transaction; further off than 15 min it is the sweeper's."""
    delay = 0 if due is None else math.ceil((due - clock.now()).total_seconds())
    if delay > states.MAX_DELAY_SECONDS:
        return
    body = {"job_id": str(job["id"]), "type": job["type"], "correlation_id": job["correlation_id"]}
    _plan(session, settings.queue_url(job["queue"]), body, max(delay, 0), str(job["user_id"] or "system"))


def send_dead_letter(job: RowMapping) -> None:
    """Puts a copy of a job that ran out of attempts into its dead-letter queue, where the alarm looks.

    At once and before the job is settled, so that none is forgotten; twice does no harm. Raises RuntimeError.
    """
    body = {"job_id": str(job["id"]), "type": job["type"], "error": job["error"]}
    entry: Any = {"Id": "0", "MessageBody": json.dumps(body, separators=(",", ":"))}
    if aws.send_messages(settings.dead_letter_url(job["queue"]), [entry]):
        raise RuntimeError("SQS refused a dead letter")
    telemetry.count("JobDead", job_type=job["type"])


def _plan(session: Session, url: str, body: dict[str, Any], delay: int, group: str) -> None:
    """The group makes SQS' fair queues hand out the messages of quiet clients before those of a loud one."""
    session.info.setdefault("outbox", []).append((url, body, delay, group))
    session.after_commit("jobs", _send)


def _send(session: Session) -> None:
    by_queue: dict[str, list[Any]] = {}
    for url, body, delay, group in session.info.pop("outbox"):
        entries = by_queue.setdefault(url, [])
        text = json.dumps(body, separators=(",", ":"))
        entry = {"Id": str(len(entries)), "MessageBody": text, "DelaySeconds": delay, "MessageGroupId": group}
        entries.append(entry)
    refused = sum(len(aws.send_messages(url, entries)) for url, entries in by_queue.items())
    if refused:
        raise RuntimeError(f"SQS refused {refused} job messages; the sweeper sends them")
