"""The states of a job, what each means and the JSON that clients see, pushed at each change. Holds no SQL."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from bai import clock, push
from bai.db import Session

QUEUED: Final = "queued"  # committed; a message is on its way
DEFERRED: Final = "deferred"  # not before wake_at
RUNNING: Final = "running"  # a worker holds it until wake_at
WAITING: Final = "waiting_callback"  # an outside system was asked; it has until wake_at
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
_BACKOFF_FIRST, _BACKOFF_CAP = 2.0, 300.0


def backoff_ceiling(attempt: int) -> float:
    """Upper bound in seconds of the wait after the given attempt (1-based): 2, 4, 8 … 300. Jitter is drawn below it."""
    return min(_BACKOFF_CAP, _BACKOFF_FIRST * 2.0 ** min(attempt - 1, 16))


def describe(job: RowMapping) -> dict[str, Any]:
    """The job as GET /jobs/{id} and the event job.updated show it."""
    return {
        "id": str(job["id"]),
        "type": job["type"],
        "state": job["state"],
        "progress": job["progress"],
        "message": job["message"],
        "attempts": job["attempt"],
        "max_attempts": job["max_attempts"],
        "result": job["result"],
        "error": job["error"],
        "subject": {"kind": job["subject_kind"], "id": str(job["subject_id"])} if job["subject_id"] else None,
        "cancel_requested": job["cancel_requested_at"] is not None,
        "created_at": clock.to_wire(job["created_at"]),
        "started_at": clock.to_wire(job["started_at"]),
        "finished_at": clock.to_wire(job["finished_at"]),
        "deadline_at": clock.to_wire(job["deadline_at"]),
        "next_attempt_at": clock.to_wire(job["wake_at"]) if job["state"] in (RETRYING, DEFERRED) else None,
        "cost_usd": None if job["cost_usd"] is None else float(job["cost_usd"]),
    }


def announce(session: Session, job: RowMapping) -> None:
    """Pushes job.updated to the job's owner; hidden jobs are the suite's own and stay silent."""
    if not job["hidden"]:
        push.tell(session, str(job["user_id"]), "job.updated", describe(job))
