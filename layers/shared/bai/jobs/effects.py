"""The ledger of outside effects: planned, sent, confirmed or unknown, and what each mode does about doubt.

`planned` is committed before anything is sent and `sent` right before it: whoever finds `planned` knows that nothing
happened, whoever finds `sent` knows that it may have. Refuses to know what the effects are.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import RowMapping, text

from bai import clock
from bai.db import Session, transaction
from bai.jobs import results
from bai.jobs.alarm import Limit
from bai.jobs.signals import EffectInDoubt, LostLease, NotDone, StepTimeout

if TYPE_CHECKING:
    from bai.jobs.running import Running

Mode = Literal["keyed", "probe", "at_most_once", "at_least_once"]
Send = Callable[[str], Any]
Probe = Callable[[str], Any]

# The open round of this effect, or a new one when the last was given up.
_PLAN = text("""
    INSERT INTO job_effects AS e (job_id, name, round, mode, state, attempt, planned_at)
    VALUES (CAST(:id AS uuid), :name, :round, :mode, 'planned', :attempt, now())
    ON CONFLICT (job_id, name, round) DO UPDATE SET mode = excluded.mode
    RETURNING *
""")
_LAST_ROUND = text("SELECT max(round) FROM job_effects WHERE job_id = CAST(:id AS uuid) AND name = :name")
_SENT = text("""
    WITH held AS (
        SELECT id FROM jobs WHERE id = CAST(:id AS uuid) AND attempt = :attempt AND state = 'running' FOR UPDATE
    )
    UPDATE job_effects e SET state = 'sent', attempt = :attempt, sent_at = now(), error = NULL FROM held
    WHERE e.job_id = held.id AND name = :name AND round = :round AND e.state IN ('planned', 'sent', 'unknown')
    RETURNING e.*
""")
_NOT_SENT = text("""
    UPDATE job_effects e SET state = :state, error = CAST(:error AS jsonb),
           settled_at = CASE WHEN :state = 'unknown' THEN now() END
    WHERE job_id = CAST(:id AS uuid) AND name = :name AND round = :round AND state = 'sent' AND attempt = :attempt
""")
_LEAVE = text("""
    UPDATE job_effects SET state = 'unknown', settled_at = now(), error = CAST(:error AS jsonb)
    WHERE job_id = CAST(:id AS uuid) AND state = 'sent'
""")
_CONFIRM = text("""
    UPDATE job_effects SET state = 'confirmed', result = CAST(:result AS jsonb), settled_at = now(), error = NULL
    WHERE job_id = CAST(:id AS uuid) AND name = :name AND round = :round RETURNING *
""")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger as this attempt found it."""

    job_id: str
    name: str
    round: int
    mode: Mode
    state: str
    result: Any

    @property
    def key(self) -> str:
        return key_of(self.job_id, self.name, self.round)


def key_of(job_id: Any, name: str, number: int) -> str:
    """What the other side tells repetitions by: the same for every attempt of a round."""
    return f"{job_id}/{name}/{number}"


def plan(session: Session, job: "Running", name: str, mode: Mode) -> Entry:
    number = session.value(_LAST_ROUND, {"id": job.id, "name": name}) or 1
    row = session.row(_PLAN, {"id": job.id, "name": name, "round": number, "mode": mode, "attempt": job.attempt})
    assert row is not None  # noqa: S101 - RETURNING of an upsert
    return Entry(job.id, name, row["round"], mode, row["state"], row["result"])


def bring_about(job: "Running", entry: Entry, send: Send, probe: Probe | None, limit: Limit) -> Any:
    """Does what the ledger leaves to do and returns the effect's JSON. Raises EffectInDoubt, LostLease, StepTimeout."""
    if entry.state == "confirmed":  # a person said so
        return entry.result
    if entry.state == "unknown" and entry.mode == "at_most_once":
        raise EffectInDoubt(_doubt(entry))
    if entry.state in ("sent", "unknown"):
        if entry.mode == "at_most_once":
            _settle(job, entry, "unknown", "The worker stopped after the request went out.", attempt=None)
            raise EffectInDoubt(_doubt(entry))
        limit.require()
        if probe is not None and (found := probe(entry.key)) is not None:
            return found
    _mark_sent(job, entry)
    try:
        limit.require()  # a worker that was frozen since must not act beside its successor
    except StepTimeout:
        _settle(job, entry, "planned" if entry.state == "planned" else entry.state, "Not sent: the time was over.")
        raise
    try:
        return send(entry.key)
    except NotDone as refusal:
        _settle(job, entry, "planned", str(refusal))
        raise refusal.__cause__ or refusal from None
    except Exception as error:
        if entry.mode != "at_most_once":
            raise
        _settle(job, entry, "unknown", f"{type(error).__name__} after the request went out.")
        raise EffectInDoubt(_doubt(entry)) from error


def _doubt(entry: Entry) -> str:
    return f"Nobody knows whether {entry.name} happened; say so at the job, and it goes on from there."


def _mark_sent(job: "Running", entry: Entry) -> None:
    with transaction() as session:
        if session.row(_SENT, _fields(entry, job.attempt)) is None:
            raise LostLease(job.id)


def _settle(job: "Running", entry: Entry, state: str, why: str, *, attempt: int | None = 0) -> None:
    error = json.dumps({"detail": why[:500], "at": clock.to_wire(clock.now())})
    with transaction() as session:
        if attempt is None:  # found as an earlier attempt left it: make it ours first
            session.row(_SENT, _fields(entry, job.attempt))
        session.execute(_NOT_SENT, {**_fields(entry, job.attempt), "state": state, "error": error})


def confirm(session: Session, entry: Entry, made: Any) -> dict[str, Any]:
    row = session.row(_CONFIRM, {**_fields(entry, 0), "result": results.as_json(made)})
    assert row is not None  # noqa: S101 - it was planned in this run
    return describe(row)


def leave_in_doubt(session: Session, job_id: str) -> None:
    """For a job that ended without a result: what was sent and never heard of is listed, until somebody says what it was."""
    why = {"detail": "The job ended after the request went out and before its answer was recorded."}
    session.execute(_LEAVE, {"id": job_id, "error": json.dumps(why)})


def _fields(entry: Entry, attempt: int) -> dict[str, Any]:
    return {"id": entry.job_id, "name": entry.name, "round": entry.round, "attempt": attempt}


def describe(row: RowMapping) -> dict[str, Any]:
    """The ledger's row as the job's page shows it."""
    return {
        "name": row["name"],
        "key": key_of(row["job_id"], row["name"], row["round"]),
        "mode": row["mode"],
        "state": row["state"],
        "attempt": row["attempt"],
        "result": row["result"],
        "error": row["error"],
        "planned_at": clock.to_wire(row["planned_at"]),
        "sent_at": clock.to_wire(row["sent_at"]),
        "settled_at": clock.to_wire(row["settled_at"]),
    }
