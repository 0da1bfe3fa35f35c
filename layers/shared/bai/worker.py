"""The only file that knows SQS records: turns a batch of messages into runs of a module's job types.

What a job raises decides its fate here, in one place; SQS' own redelivery is only for what could not be recorded.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import RowMapping, text

from bai import telemetry
from bai.db import Session, transaction
from bai.errors import DomainError, Unavailable
from bai.jobs import outbox, running, states
from bai.jobs.running import Running
from bai.jobs.signals import CancelRequested, DeadlinePassed, LostLease, OutOfTime, Retry, WaitForCallback


class Settle(Protocol):
    """Told once, in the transaction of the job's end, whichever final state it reached."""

    def __call__(self, session: Session, job: RowMapping) -> None: ...


class OnWait(Protocol):
    def __call__(self, session: Session, job: RowMapping) -> None: ...


@dataclass(frozen=True, slots=True)
class JobType:
    """`run` does the work and returns the JSON result; `settle` brings the subject to its own end."""

    name: str
    run: Callable[[Running], Any]
    settle: Settle
    on_wait: OnWait | None = None


Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_SETTLE = text("""
    UPDATE jobs SET settled_at = now()
    WHERE id = CAST(:id AS uuid) AND settled_at IS NULL AND finished_at IS NOT NULL RETURNING *
""")


def worker_for(types: Sequence[JobType]) -> Handler:
    """The Lambda handler of a job queue with ReportBatchItemFailures."""
    by_name = {job_type.name: job_type for job_type in types}

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        failures = []
        for record in event["Records"]:
            try:
                _process(by_name, record, lambda: context.get_remaining_time_in_millis() / 1000)
            except Exception:
                telemetry.logger().exception("message goes back to the queue", message_id=record["messageId"])
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}

    return handler


def _process(by_name: dict[str, JobType], record: dict[str, Any], seconds_left: Callable[[], float]) -> None:
    body = json.loads(record["body"])
    job_id, job_type = str(body["job_id"]), by_name[body["type"]]
    telemetry.set_correlation_id(str(body.get("correlation_id", "")))
    taken = running.claim([job_id])
    if not taken:
        _settle_if_ended(job_type, job_id)
        return
    job = running.hold(taken[0], seconds_left)
    log = telemetry.logger()
    log.info("job started", job_id=job.id, job_type=job.type, attempt=job.attempt)
    outcome = _run(job_type, job)
    log.info("job stopped", job_id=job.id, job_type=job.type, attempt=job.attempt, outcome=outcome)
    telemetry.count("JobOutcome", job_type=job.type, outcome=outcome)


def _settle_if_ended(job_type: JobType, job_id: str) -> None:
    """For a job that was ended from outside (cancelled, expired): its module is told once."""
    with transaction() as session:
        row = session.row(_SETTLE, {"id": job_id})
        if row is not None:
            job_type.settle(session, row)


def _run(job_type: JobType, job: Running) -> str:
    """Runs the job and records its outcome; raises only when the outcome could not be recorded."""
    try:
        try:
            return _attempt(job_type, job)
        except (CancelRequested, DeadlinePassed) as stop:  # also found when it was to wait or to be tried later
            return _end(job_type, job, *_final(stop))
    except LostLease:
        telemetry.logger().warning("lease lost; nothing written", job_id=job.id, attempt=job.attempt)
        return "lost_lease"


def _attempt(job_type: JobType, job: Running) -> str:
    try:
        result = job_type.run(job)
    except WaitForCallback as waiting:
        return _wait(job_type, job, waiting)
    except OutOfTime:
        with transaction() as session:
            running.go_on_later(session, job)
        return states.QUEUED
    except Unavailable as error:
        return _try_later(job_type, job, error)
    except DomainError as refusal:
        return _end(job_type, job, *_final(refusal))
    except (CancelRequested, DeadlinePassed, LostLease):
        raise
    except Exception as error:
        telemetry.logger().exception("job raised", job_id=job.id, attempt=job.attempt)
        return _try_later(job_type, job, error)
    return _end(job_type, job, states.SUCCEEDED, result=result)


def _wait(job_type: JobType, job: Running, waiting: WaitForCallback) -> str:
    with transaction() as session:
        row = running.wait(session, job, waiting.until, waiting.message)
        if job_type.on_wait is not None:
            job_type.on_wait(session, row)
    return str(row["state"])


def _final(refusal: Exception) -> tuple[str, dict[str, Any]]:
    match refusal:
        case CancelRequested():
            return states.CANCELLED, {"code": "cancelled", "detail": "Cancelled on request."}
        case DeadlinePassed():
            return states.EXPIRED, {"code": "expired", "detail": "The job's deadline passed before it was done."}
        case DomainError():
            return states.FAILED, {"code": refusal.code, "detail": refusal.detail}
    raise refusal


def _end(job_type: JobType, job: Running, state: str, error: Any = None, *, result: Any = None) -> str:
    with transaction() as session:
        row = running.end(session, job, state, result=result, error=error)
        job_type.settle(session, row)
        if state == states.DEAD:
            outbox.send_dead_letter_after_commit(session, row)
    return state


def _try_later(job_type: JobType, job: Running, error: Exception) -> str:
    """Capped exponential backoff with full jitter; out of attempts, the job is dead and in the dead-letter queue."""
    code = error.code if isinstance(error, DomainError) else "internal_error"
    shown = error.detail if isinstance(error, DomainError) else f"{type(error).__name__} while the job ran."
    described = {"code": code, "detail": shown, "attempt": job.attempt}
    if job.attempt >= job.max_attempts:
        return _end(job_type, job, states.DEAD, described)
    ceiling = states.backoff_ceiling(job.attempt)
    seconds = error.after if isinstance(error, Retry) else random.uniform(0.5, ceiling)  # noqa: S311 - jitter, no secret
    with transaction() as session:
        running.retry_later(session, job, seconds, described)
    return states.RETRYING
