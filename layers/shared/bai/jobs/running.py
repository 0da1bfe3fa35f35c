"""A job in the hands of a worker: steps, outside effects, heartbeats, children. Every write is fenced by the attempt.

A worker that lost its lease (frozen, too slow, replaced) finds no row to write and raises LostLease: it changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import RowMapping, text

from bai import clock, meter, settings
from bai.db import Session, transaction
from bai.jobs import children, effects, results, states
from bai.jobs.alarm import at_most
from bai.jobs.children import Child
from bai.jobs.effects import Mode, Probe, Send
from bai.jobs.signals import CancelRequested, DeadlinePassed, LostLease, OutOfTime
from bai.jobs.types import JobType

T = TypeVar("T")
_MARGIN_SECONDS: Final = 5  # between a step's own bound and the loss of its lease


_ENTER_STEP = text("""
    SELECT j.state, j.attempt, j.cancel_requested_at, j.deadline_at, s.state AS step_state, s.result
    FROM jobs j LEFT JOIN job_steps s ON s.job_id = j.id AND s.name = :name
    WHERE j.id = CAST(:id AS uuid) FOR UPDATE OF j
""")
_START_STEP = text("""
    WITH held AS (
        UPDATE jobs SET wake_at = now() + make_interval(secs => :lease),
               message = CASE WHEN :message = '' THEN message ELSE :message END
        WHERE id = CAST(:id AS uuid) RETURNING *
    ), step AS (
        INSERT INTO job_steps (job_id, name, state, attempt, started_at)
        SELECT id, :name, 'started', attempt, now() FROM held
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
_BEAT = text("""
    UPDATE jobs SET wake_at = now() + make_interval(secs => :lease), progress = greatest(progress, :progress),
           message = CASE WHEN :message = '' THEN message ELSE :message END
    WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' RETURNING *
""")


@dataclass(frozen=True, slots=True)
class Running:
    """What a job's function gets. `payload` is the type's model; all waiting on the outside happens in a step."""

    id: str
    user_id: str
    type: JobType
    payload: Any
    attempt: int
    max_attempts: int
    subject_id: str
    parent_id: str
    deadline_at: datetime
    ready_at: datetime
    claimed_at: datetime
    retried_at: datetime | None
    used_before: Mapping[str, float]
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

        `apply` writes what follows in the same transaction. `work` is interrupted after `seconds` (StepTimeout, tried
        again). For what changes the outside world use `effect`. Raises CancelRequested, DeadlinePassed, OutOfTime or
        LostLease instead of starting.
        """
        with transaction() as session:
            done, kept = self.enter(session, name, seconds, message)
        if done:
            return kept  # type: ignore[no-any-return]
        with at_most(seconds, name):
            made = work()
        with transaction() as session:
            self._finish(session, name, made, apply, progress)
        return made

    def effect(  # noqa: PLR0913 - each is a property of the effect, given by name
        self,
        name: str,
        send: Send,
        *,
        mode: Mode,
        probe: Probe | None = None,
        apply: Callable[[Session, Any], None] | None = None,
        seconds: float = 20,
        progress: int = 0,
        message: str = "",
    ) -> Any:
        """A step that changes the outside world: `send(key)` does it and returns JSON; the ledger tells what is known.

        mode keyed: the other side drops a second request with the same key. probe: `probe(key)` returns what was done,
        or None (a worker frozen in the very request, for longer than its lease, can still double it). at_most_once: never repeated; in doubt the job fails with EffectInDoubt until a person says what
        happened. at_least_once: may happen twice when a worker dies in the middle; nothing can promise more there.
        """
        if (mode == "probe") != (probe is not None):
            raise ValueError("a probe is given exactly in mode 'probe'")
        with transaction() as session:
            done, made = self.enter(session, name, seconds, message)
            if done:
                return made
            entry = effects.plan(session, self, name, mode)
        with at_most(seconds, name) as limit:
            made = effects.bring_about(self, entry, send, probe, limit)
        with transaction() as session:
            self._finish(session, name, made, apply, progress, confirmed=entry)
        return made

    def enter(self, session: Session, name: str, seconds: float, message: str) -> tuple[bool, Any]:
        """Begins a step in the caller's transaction; (True, result) when an earlier attempt finished it."""
        job = session.row(_ENTER_STEP, {"id": self.id, "name": name})
        if job is None or job["attempt"] != self.attempt or job["state"] != states.RUNNING:
            raise LostLease(self.id)
        if job["step_state"] == "done":
            return True, job["result"]
        self._require_time(job, seconds)
        fields = {"id": self.id, "name": name, "lease": seconds + _MARGIN_SECONDS, "message": message}
        row = session.row(_START_STEP, fields)
        if row is not None:
            self.tell(session, row, step={"name": name, "state": "started", "attempt": self.attempt})
        return False, None

    def _require_time(self, job: RowMapping, seconds: float) -> None:
        if job["cancel_requested_at"] is not None:
            raise CancelRequested(self.id)
        if job["deadline_at"] <= clock.now():
            raise DeadlinePassed(self.id)
        if self.seconds_left() < seconds:
            raise OutOfTime(self.id)

    def _finish(
        self,
        session: Session,
        name: str,
        made: Any,
        apply: Callable[[Session, Any], None] | None,
        progress: int,
        confirmed: effects.Entry | None = None,
    ) -> None:
        fields = {"id": self.id, "attempt": self.attempt, "name": name, "lease": settings.lease_seconds()}
        job = session.row(_FINISH_STEP, {**fields, "progress": progress, "result": results.as_json(made)})
        if job is None:
            raise LostLease(self.id)
        changed: dict[str, Any] = {"step": {"name": name, "state": "done", "attempt": self.attempt}}
        if confirmed is not None:
            changed["effect"] = effects.confirm(session, confirmed, made)
        if apply is not None:
            apply(session, made)
        self.tell(session, job, **changed)

    def heartbeat(self, *, progress: int = 0, message: str = "", seconds: float | None = None) -> None:
        """Within a long step: keeps the lease for `seconds` more (the usual lease unless given), shows progress.

        Raises CancelRequested, DeadlinePassed or LostLease.
        """
        lease = settings.lease_seconds() if seconds is None else seconds
        fields = {"id": self.id, "attempt": self.attempt, "lease": lease, "progress": progress, "message": message}
        with transaction() as session:
            job = session.row(_BEAT, fields)
            if job is None:
                raise LostLease(self.id)
            self._require_time(job, 0)
            self.tell(session, job)

    def fan_out(self, name: str, given: Sequence[Child], *, message: str = "") -> list[Any]:
        """Runs each child as a job of its own, at the same time, and returns their results in the given order.

        The parent waits in waiting_callback and holds no worker meanwhile. Raises ChildFailed once all have ended, when
        one ended without a result (those that have not begun are then cancelled); a retry of the parent runs only what is
        missing.
        """
        return children.fan_out(self, name, given, message)

    def result_of(self, name: str) -> Any:
        """The kept result of a finished step, or None."""
        with transaction() as session:
            return session.value(_RESULT_OF, {"id": self.id, "name": name})

    def tell(self, session: Session, job: RowMapping, **changed: Any) -> None:
        meter.add("socket_messages", 1)
        states.announce(session, job, **changed)
