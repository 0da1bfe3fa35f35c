"""A job is a row in the business transaction, then an SQS message with its id. Refuses to know who runs it.

If the process dies between COMMIT and the message, the sweeper sends it: the row's wake_at says from when.
"""

import json
import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, insert

from bai import aws, clock, settings, telemetry
from bai.db import Session
from bai.ids import new_id
from bai.jobs import states
from bai.tables import jobs


def enqueue(  # noqa: PLR0913 - each is a property of the job, given by name
    session: Session,
    name: str,
    payload: dict[str, Any],
    *,
    user_id: str,
    subject: tuple[str, str] | None = None,
    not_before: datetime | None = None,
    deadline: timedelta = timedelta(minutes=30),
    max_attempts: int = 5,
    message: str = "",
    feature: str = "",
    hidden: bool = False,
) -> RowMapping:
    """Writes the job `module.verb` and sends it after COMMIT; returns its row.

    `subject` is (kind, id) of what the job works on. `deadline` counts from the moment the job may start. `feature`
    is what the owner's plan must include for a retry. `hidden` is for the suite's own upkeep, which clients neither see
    nor cancel.
    """
    now = clock.now()
    due = not_before if not_before and not_before > now else None
    row = {
        "id": new_id(),
        "user_id": user_id,
        "type": name,
        "queue": name.partition(".")[0],
        "state": states.DEFERRED if due else states.QUEUED,
        "payload": payload,
        "subject_kind": subject[0] if subject else "",
        "subject_id": subject[1] if subject else None,
        "max_attempts": max_attempts,
        "message": message,
        "feature": feature,
        "hidden": hidden,
        "correlation_id": telemetry.correlation_id(),
        "deadline_at": (due or now) + deadline,
        "wake_at": due or now + states.RESEND_AFTER,
    }
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
    session.info.setdefault("outbox", []).append((settings.queue_url(job["queue"]), max(delay, 0), body))
    session.after_commit("jobs", _send)


def send_dead_letter_after_commit(session: Session, job: RowMapping) -> None:
    """Plans a copy of a job that ran out of attempts for its dead-letter queue, where the alarm looks."""
    body = {"job_id": str(job["id"]), "type": job["type"], "error": job["error"]}
    session.info.setdefault("outbox", []).append((settings.dead_letter_url(job["queue"]), 0, body))
    session.after_commit("jobs", _send)


def _send(session: Session) -> None:
    by_queue: dict[str, list[Any]] = {}
    for url, delay, body in session.info.pop("outbox"):
        entries = by_queue.setdefault(url, [])
        text = json.dumps(body, separators=(",", ":"))
        entries.append({"Id": str(len(entries)), "MessageBody": text, "DelaySeconds": delay})
    refused = sum(len(aws.send_messages(url, entries)) for url, entries in by_queue.items())
    if refused:
        raise RuntimeError(f"SQS refused {refused} job messages; the sweeper sends them")
