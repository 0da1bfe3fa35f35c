"""What becomes of an attempt: the classes of errors, the retries, the end. Knows no SQS and no module.

Permanent: a DomainError. Retryable: Unavailable, Retry, a step's time-out. Unknown: every other exception.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy import RowMapping

from bai import telemetry
from bai.db import Session, transaction
from bai.errors import DomainError, Unavailable
from bai.jobs import children, claims, control, effects, endings, outbox, results, states
from bai.jobs.running import Running
from bai.jobs.signals import (
    CancelRequested,
    ChildFailed,
    ChildrenStarted,
    DeadlinePassed,
    LostLease,
    OutOfTime,
    Retry,
    WaitForCallback,
)
from bai.jobs.states import JobRow
from bai.jobs.types import JobType, UnreadablePayload


class Told(Protocol):
    """Told of a job's row in the transaction that wrote it; `payload` is of the type's present version."""

    def __call__(self, session: Session, job: JobRow) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """A job type with its functions: `run` for work in steps, or `write` for work that is one database transaction.

    A `write` shares its transaction with its claim and its end, so it happens exactly once whatever dies. `settle` is
    told once, in the transaction of the job's end, whichever final state it reached.
    """

    type: JobType
    run: Callable[[Running], Any] | None = None
    write: Callable[[Session, Running], Any] | None = None
    settle: Told | None = None
    on_wait: Told | None = None

    def __post_init__(self) -> None:
        if (self.run is None) == (self.write is None):
            raise ValueError(f"{self.type.name} has either run or write")

    def told_of_the_end(self, session: Session, row: RowMapping) -> None:
        if self.settle is not None:
            self.settle(session, self.present(row))

    def present(self, row: RowMapping) -> JobRow:
        """The row with its payload brought to the present version."""
        if row["payload_version"] == self.type.version:
            return row
        payload = self.type.read_payload(row["payload"], row["payload_version"]).model_dump(mode="json")
        return {**dict(row), "payload": payload}


def run_to_its_end(bound: Job, row: RowMapping, seconds_left: Callable[[], float]) -> str:
    """Runs a claimed job and records its outcome; raises only when the outcome could not be recorded."""
    unreadable: Exception | None = None
    try:
        job = claims.hold(bound.type, row, seconds_left)
    except (UnreadablePayload, ValidationError) as error:
        unreadable, job = error, claims.hold_unread(bound.type, row, seconds_left)
    try:
        try:
            return _attempt(bound, job, unreadable)
        except DeadlinePassed as passed:
            return _end(bound, job, *_final(passed))
    except CancelRequested:  # whatever it was about to become
        return _cancel(bound, job)
    except LostLease:
        return _lost(job)


def _cancel(bound: Job, job: Running) -> str:
    try:
        return _end(bound, job, states.CANCELLED, control.CANCELLED)
    except LostLease:
        return _lost(job)


def _lost(job: Running) -> str:
    telemetry.logger().warning("lease lost; nothing written", job_id=job.id, attempt=job.attempt)
    return "lost_lease"


def _attempt(bound: Job, job: Running, unreadable: Exception | None) -> str:
    try:
        if unreadable is not None:
            raise unreadable
        if bound.write is not None:
            return _write(bound, job)
        assert bound.run is not None  # noqa: S101 - one of the two
        result = results.store(job.id, job.attempt, bound.run(job))
    except ChildrenStarted:
        return states.WAITING
    except WaitForCallback as waiting:
        return _wait(bound, job, waiting)
    except OutOfTime:
        with transaction() as session:
            endings.go_on_later(session, job)
        return states.QUEUED
    except Unavailable as error:
        return _try_later(bound, job, error)
    except DomainError as refusal:
        return _end(bound, job, *_final(refusal))
    except (CancelRequested, DeadlinePassed, LostLease):
        raise
    except Exception as error:
        telemetry.logger().exception("job raised", job_id=job.id, attempt=job.attempt)
        return _try_later(bound, job, error)
    return _end(bound, job, states.SUCCEEDED, result=result)


def _write(bound: Job, job: Running) -> str:
    """The work and the end in one transaction."""
    assert bound.write is not None  # noqa: S101 - asked by the caller
    with transaction() as session:
        children.lock_parent(session, job.parent_id)
        made = results.store(job.id, job.attempt, bound.write(session, job))
        _settle(bound, session, endings.end(session, job, states.SUCCEEDED, result=made))
    return states.SUCCEEDED


def _wait(bound: Job, job: Running, waiting: WaitForCallback) -> str:
    with transaction() as session:
        row = endings.wait(session, job, waiting.until, waiting.message)
        if bound.on_wait is not None:
            bound.on_wait(session, bound.present(row))
    return str(row["state"])


def _final(refusal: Exception) -> tuple[str, dict[str, Any]]:
    match refusal:
        case DeadlinePassed():
            return states.EXPIRED, {"code": "expired", "detail": "The job's deadline passed before it was done."}
        case ChildFailed():
            return states.FAILED, {"code": refusal.code, "detail": refusal.detail, **refusal.error}
        case DomainError():
            return states.FAILED, {"code": refusal.code, "detail": refusal.detail}
    raise refusal


def _end(bound: Job, job: Running, state: str, error: Any = None, *, result: Any = None) -> str:
    with transaction() as session:
        row = endings.end(session, job, state, result=result, error=error)
        if state == states.DEAD:
            outbox.send_after_commit(session, row)
            return state
        if state != states.SUCCEEDED:
            effects.leave_in_doubt(session, job.id)
        if state == states.CANCELLED:
            for child in children.open_children(session, job.id):
                control.cancel(session, child)
        _settle(bound, session, row)
    return state


def _settle(bound: Job, session: Session, row: RowMapping) -> None:
    bound.told_of_the_end(session, row)
    children.count_down(session, row)


def _try_later(bound: Job, job: Running, error: Exception) -> str:
    """Capped exponential backoff with full jitter; out of attempts, the job is dead and in the dead-letter queue."""
    retries = bound.type.retries
    retryable = isinstance(error, Unavailable | Retry)
    code = error.code if isinstance(error, DomainError) else "internal_error"
    shown = error.detail if isinstance(error, DomainError) else f"{type(error).__name__} while the job ran."
    if isinstance(error, Retry):
        code, shown = "retry", str(error)[:300] or shown
    described = {"code": code, "detail": shown, "attempt": job.attempt}
    allowed = job.max_attempts + (retries.retryable - retries.unknown if retryable else 0)
    if job.attempt >= allowed:
        return _end(bound, job, states.DEAD, described)
    # The ceiling follows the attempts since the last retry by hand, whose count max_attempts carries.
    since = max(1, job.attempt - (job.max_attempts - retries.unknown))
    seconds = error.after if isinstance(error, Retry) else random.uniform(0.5, retries.ceiling(since))  # noqa: S311 - jitter
    if isinstance(error, Unavailable) and not isinstance(error, Retry):
        seconds = max(seconds, float(min(error.retry_after, retries.cap_seconds)))
    with transaction() as session:
        endings.retry_later(session, job, seconds, described)
    return states.RETRYING
