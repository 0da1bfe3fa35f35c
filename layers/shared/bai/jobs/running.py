"""A job in the hands of a worker: claim, steps, waiting, the end. Every write is fenced by the attempt.

A worker that lost its lease (frozen, too slow, replaced) finds no row to write and raises LostLease: it changes nothing.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import RowMapping, text

from bai import clock, settings
from bai.db import Session, transaction
from bai.jobs import control, outbox, states
from bai.jobs.signals import CancelRequested, DeadlinePassed, LostLease, OutOfTime

T = TypeVar("T")
_MARGIN_SECONDS = 5  # between a step's own bound and the loss of its lease


_CLAIM = text("""
    WITH ready AS (
        SELECT id FROM jobs
        WHERE id IN (SELECT CAST(jsonb_array_elements_text(CAST(:ids AS jsonb)) AS uuid))
          AND (state = 'queued' OR (state IN ('deferred', 'retrying') AND wake_at <= now() + interval '1 second'))
          AND deadline_at > now()
        ORDER BY id FOR UPDATE
    )
    UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, now()),
           wake_at = now() + make_interval(secs => :lease), error = NULL
    FROM ready WHERE jobs.id = ready.id RETURNING jobs.*
""")
_ENTER_STEP = text("""
    SELECT j.state, j.attempt, j.cancel_requested_at, j.deadline_at, s.state AS step_state, s.result
    FROM jobs j LEFT JOIN job_steps s ON s.job_id = j.id AND s.name = :name
    WHERE j.id = CAST(:id AS uuid) FOR UPDATE OF j
""")
_START_STEP = text("""
    WITH held AS (
        UPDATE jobs SET wake_at = now() + make_interval(secs => :lease), message = :message
        WHERE id = CAST(:id AS uuid) RETURNING *
    ), step AS (
        INSERT INTO job_steps (job_id, name, state, attempt)
        SELECT id, :name, 'started', attempt FROM held
        ON CONFLICT (job_id, name) DO UPDATE SET attempt = excluded.attempt, started_at = now()
    )
    SELECT * FROM held
""")
_FINISH_STEP = text("""
    WITH held AS (
        UPDATE jobs SET progress = greatest(progress, :progress), wake_at = now() + make_interval(secs => :lease)
        WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' RETURNING *
    ), step AS (
        UPDATE job_steps SET state = 'done', result = CAST(:result AS jsonb), finished_at = now()
        FROM held WHERE job_id = held.id AND name = :name
    )
    SELECT * FROM held
""")
_RESULT_OF = text("SELECT result FROM job_steps WHERE job_id = CAST(:id AS uuid) AND name = :name AND state = 'done'")
_WAIT = text("""
    UPDATE jobs SET message = :message, wake_at = :until,
           state = CASE WHEN EXISTS (SELECT 1 FROM job_steps WHERE job_id = jobs.id AND name = 'callback')
                        THEN 'queued' ELSE 'waiting_callback' END
    WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' RETURNING *
""")
_RETRY = text("""
    UPDATE jobs SET state = 'retrying', error = CAST(:error AS jsonb), wake_at = :due
    WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' RETURNING *
""")
_GO_ON = text("""
    UPDATE jobs SET state = 'queued', max_attempts = max_attempts + 1, wake_at = now() + interval '60 seconds'
    WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' RETURNING *
""")
_END = text("""
    UPDATE jobs SET state = :state, result = CAST(:result AS jsonb), error = CAST(:error AS jsonb), finished_at = now(),
           settled_at = now(), progress = CASE WHEN :state = 'succeeded' THEN 100 ELSE progress END
    WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' RETURNING *
""")


@dataclass(frozen=True, slots=True)
class Running:
    """What a job's function gets. All waiting on the outside happens in `step`."""

    id: str
    user_id: str
    type: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int
    subject_id: str
    deadline_at: datetime
    seconds_left: Callable[[], float]

    def step(
        self,
        name: str,
        work: Callable[[], T],
        *,
        apply: Callable[[Session, T], None] | None = None,
        seconds: float = 20,
        progress: int = 0,
        message: str = "",
    ) -> T:
        """Runs `work` once and keeps its JSON result: a later attempt gets the result without running it again.

        `apply` writes what follows in the same transaction. `work` must end within `seconds`, or the lease is lost.
        Raises CancelRequested, DeadlinePassed, OutOfTime or LostLease instead of starting.
        """
        done, result = self._enter(name, seconds, message)
        if done:
            return result  # type: ignore[no-any-return]
        made = work()
        with transaction() as session:
            lease = settings.lease_seconds()
            fields = {"id": self.id, "attempt": self.attempt, "name": name, "progress": progress, "lease": lease}
            job = session.row(_FINISH_STEP, {**fields, "result": json.dumps(made)})
            if job is None:
                raise LostLease(self.id)
            if apply is not None:
                apply(session, made)
            states.announce(session, job)
        return made

    def _enter(self, name: str, seconds: float, message: str) -> tuple[bool, Any]:
        with transaction() as session:
            job = session.row(_ENTER_STEP, {"id": self.id, "name": name})
            if job is None or job["attempt"] != self.attempt or job["state"] != states.RUNNING:
                raise LostLease(self.id)
            if job["step_state"] == "done":
                return True, job["result"]
            if job["cancel_requested_at"] is not None:
                raise CancelRequested(self.id)
            if job["deadline_at"] <= clock.now():
                raise DeadlinePassed(self.id)
            if self.seconds_left() < seconds:
                raise OutOfTime(self.id)
            lease = seconds + _MARGIN_SECONDS
            row = session.row(_START_STEP, {"id": self.id, "name": name, "lease": lease, "message": message})
            if row is not None:
                states.announce(session, row)
        return False, None

    def result_of(self, name: str) -> Any:
        """The kept result of a finished step, or None."""
        with transaction() as session:
            query = text(
                "SELECT result FROM job_steps WHERE job_id = CAST(:id AS uuid) AND name = :n AND state = 'done'"
            )
            return session.value(query, {"id": self.id, "n": name})


def claim(ids: Sequence[str]) -> list[RowMapping]:
    """Takes those of the jobs that are due and free, in one ordered statement; each gets a new attempt and a lease.

    Waits for rows that a callback or a cancel holds for a moment: skipping one would use up its only message.
    """
    with transaction() as session:
        taken = session.rows(_CLAIM, {"ids": json.dumps(list(ids)), "lease": settings.lease_seconds()})
        for job in taken:
            states.announce(session, job)
        return list(taken)


def hold(job: RowMapping, seconds_left: Callable[[], float]) -> Running:
    """`seconds_left` says how long the invocation may still run."""
    return Running(
        id=str(job["id"]),
        user_id=str(job["user_id"]),
        type=job["type"],
        payload=job["payload"],
        attempt=job["attempt"],
        max_attempts=job["max_attempts"],
        subject_id=str(job["subject_id"] or ""),
        deadline_at=job["deadline_at"],
        seconds_left=seconds_left,
    )


def wait(session: Session, job: Running, until: datetime, message: str) -> RowMapping:
    """From running to waiting for the callback, or back to the queue when the answer was faster than we were."""
    # Locked by a statement of its own, so that the next one sees an answer committed while this waited for the row.
    if control.lock(session, job.id)["cancel_requested_at"] is not None:
        raise CancelRequested(job.id)
    fields = {"id": job.id, "attempt": job.attempt, "until": min(until, job.deadline_at), "message": message}
    row = session.row(_WAIT, fields)
    if row is None:
        raise LostLease(job.id)
    states.announce(session, row)
    if row["state"] == states.QUEUED:
        outbox.send_after_commit(session, row)
    return row


def go_on_later(session: Session, job: Running) -> None:
    """Back to the queue with all finished steps kept; the extra attempt is not held against the job."""
    row = session.row(_GO_ON, {"id": job.id, "attempt": job.attempt})
    if row is None:
        raise LostLease(job.id)
    states.announce(session, row)
    outbox.send_after_commit(session, row)


def retry_later(session: Session, job: Running, seconds: float, error: dict[str, Any]) -> None:
    due = clock.now() + timedelta(seconds=seconds)
    row = session.row(_RETRY, {"id": job.id, "attempt": job.attempt, "due": due, "error": json.dumps(error)})
    if row is None:
        raise LostLease(job.id)
    if row["cancel_requested_at"] is not None:
        raise CancelRequested(job.id)
    states.announce(session, row)
    outbox.send_after_commit(session, row, due)


def end(session: Session, job: Running, state: str, *, result: Any = None, error: Any = None) -> RowMapping:
    """The job's last write; the caller settles it in the same transaction. Raises LostLease."""
    fields = {"state": state, "result": json.dumps(result), "error": json.dumps(error)}
    row = session.row(_END, {"id": job.id, "attempt": job.attempt, **fields})
    if row is None:
        raise LostLease(job.id)
    states.announce(session, row)
    return row
