"""The states of a job, what each means and the JSON that clients see, pushed at each change. Holds no SQL."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from bai import clock, push
from bai.db import Session

QUEUED: Final = "queued"  # committed; a message is on its way, or its turn has not come (parked)
DEFERRED: Final = "deferred"  # not before wake_at
RUNNING: Final = "running"  # a worker holds it until wake_at
WAITING: Final = "waiting_callback"  # an outside system or its own children have until wake_at
RETRYING: Final = "retrying"  # failed once; again at wake_at
SUCCEEDED: Final = "succeeded"
FAILED: Final = "failed"  # the domain said no; trying again would not help
CANCELLED: Final = "cancelled"
EXPIRED: Final = "expired"  # its deadline passed
DEAD: Final = "dead"  # out of attempts; in the dead-letter queue

OPEN: Final = (QUEUED, DEFERRED, RUNNING, WAITING, RETRYING)
FINAL: Final = (SUCCEEDED, FAILED, CANCELLED, EXPIRED, DEAD)
ALL: Final = OPEN + FINAL

RESEND_AFTER: Final = timedelta(seconds=60)
MAX_DELAY_SECONDS: Final = 900  # the longest delay SQS knows


# A job as its module is told of it: the row, its payload in the type's present version.
JobRow = RowMapping | dict[str, Any]


def describe(job: RowMapping) -> dict[str, Any]:
    """The job as GET /jobs/{id} and the event job.updated show it."""
    return {
        "id": str(job["id"]),
        "type": job["type"],
        "queue": job["queue"],
        "state": job["state"],
        "progress": job["progress"],
        "message": job["message"],
        "attempts": job["attempt"],
        "max_attempts": job["max_attempts"],
        "result": _result(job),
        "error": job["error"],
        "subject": {"kind": job["subject_kind"], "id": str(job["subject_id"])} if job["subject_id"] else None,
        "parent_id": _text(job["parent_id"]),
        "replay_of": _text(job["replay_of"]),
        "children_open": job["children_open"],
        "cancel_requested": job["cancel_requested_at"] is not None,
        "waits_for_turn": job["parked_at"] is not None,
        "correlation_id": job["correlation_id"],
        "created_at": clock.to_wire(job["created_at"]),
        "ready_at": clock.to_wire(job["ready_at"]),
        "started_at": clock.to_wire(job["started_at"]),
        "finished_at": clock.to_wire(job["finished_at"]),
        "deadline_at": clock.to_wire(job["deadline_at"]),
        "next_attempt_at": clock.to_wire(job["wake_at"]) if job["state"] in (RETRYING, DEFERRED) else None,
        "cost_usd": None if job["cost_usd"] is None else float(job["cost_usd"]),
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _result(job: RowMapping) -> Any:
    """A result kept outside the row is named by its size and fetched from its own address."""
    if job["result_ref"] is None:
        return job["result"]
    return {"bytes": job["result_ref"]["bytes"], "url": f"/api/v1/jobs/{job['id']}/result"}


def announce(session: Session, job: RowMapping, **changed: Any) -> None:
    """Pushes job.updated to the job's owner with what changed (step=, effect=, attempt=); hidden jobs are silent."""
    if not job["hidden"]:
        push.tell(session, str(job["user_id"]), "job.updated", {**describe(job), **changed})
