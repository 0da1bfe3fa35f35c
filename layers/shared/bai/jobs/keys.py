"""Unique keys: of all who enqueue a job type under one key, one gets a job. Knows no queue.

Nothing is written when a key is released: whether its job still holds it is looked up when somebody asks again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from sqlalchemy import RowMapping, text

from bai import clock
from bai.db import Session
from bai.errors import Conflict
from bai.jobs import states
from bai.jobs.types import JobType

MAX_KEY_CHARS: Final = 200

_HAND_OVER = text("""
    INSERT INTO job_keys AS k (scope, type, key, job_id, until, expires_at)
    VALUES (:scope, :type, :key, CAST(:job AS uuid), :until, CAST(:expires AS timestamptz))
    ON CONFLICT (scope, type, key) DO UPDATE
    SET job_id = excluded.job_id, until = excluded.until, expires_at = excluded.expires_at
""")
# Serialises those who ask for one key at once, also the very first, when there is no row to lock yet.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 20))")
_HOLDER = text("""
    SELECT j.*, k.until AS key_until, k.expires_at AS key_expires_at
    FROM job_keys k JOIN jobs j ON j.id = k.job_id WHERE k.scope = :scope AND k.type = :type AND k.key = :key
""")


class DuplicateJob(Conflict):
    code = "duplicate_job"


@dataclass(frozen=True, slots=True)
class Unique:
    """`until` says how long a job holds the key: until it runs, until it has ended, or for `ttl` from its enqueueing.

    `on_conflict`: return the job that holds it, reject with DuplicateJob, or replace it (the older one is cancelled).
    """

    key: str
    until: Literal["running", "finished", "ttl"] = "finished"
    on_conflict: Literal["return", "replace", "reject"] = "return"
    ttl: timedelta | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= MAX_KEY_CHARS:
            raise ValueError(f"a unique key has 1 to {MAX_KEY_CHARS} characters")
        if (self.ttl is None) == (self.until == "ttl"):
            raise ValueError("ttl is given exactly when until is 'ttl'")


def take(session: Session, scope: str, job_type: JobType, unique: Unique) -> RowMapping | None:
    """Locks the key until COMMIT; returns the job that holds it, or None when it is free.

    Raises DuplicateJob for on_conflict='reject'; cancels the holder for 'replace'.
    """
    from bai.jobs import control  # noqa: PLC0415 - control enqueues too

    session.execute(_LOCK, {"what": f"{scope}|{job_type.name}|{unique.key}"})
    held = session.row(_HOLDER, {"scope": scope, "type": job_type.name, "key": unique.key})
    if held is None or not _still_holds(held):
        return None
    if unique.on_conflict == "reject":
        raise DuplicateJob(
            f"The job {held['id']} is already there for this; wait for it or cancel it.", job_id=str(held["id"])
        )
    if unique.on_conflict == "replace":
        older = control.lock(session, str(held["id"]))
        if older["state"] in states.OPEN:
            control.cancel(session, older)
    return held


def _still_holds(held: RowMapping) -> bool:
    if held["key_until"] == "ttl":
        return bool(held["key_expires_at"] > clock.now())
    if held["key_until"] == "running":
        return held["started_at"] is None and held["state"] in states.OPEN
    return held["state"] in states.OPEN


def hand_over(session: Session, job: RowMapping, unique: Unique) -> None:
    """The key is this job's from now on."""
    expires = clock.now() + unique.ttl if unique.ttl else None
    fields: dict[str, Any] = {"scope": str(job["user_id"] or ""), "type": job["type"], "key": unique.key}
    session.execute(_HAND_OVER, {**fields, "job": job["id"], "until": unique.until, "expires": expires})
