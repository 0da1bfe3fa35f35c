"""What is done to one job: cancel, retry, replay, saying what became of an effect in doubt.

A client changes its own jobs, an admin everybody's; what the owner's plan no longer includes is refused to both.
"""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import RowMapping

from bai import auth, jobs
from bai.auth import Caller
from bai.db import Session
from bai.errors import Conflict
from bai.jobs import types
from jobs.service import reading


def cancel_job(session: Session, caller: Caller, job_id: str) -> dict[str, Any]:
    """Cancels at once what nobody runs, at its next step what a worker runs. Raises NotFound, Conflict."""
    return jobs.describe(jobs.cancel(session, _locked(session, caller, job_id)))


def retry_job(session: Session, caller: Caller, job_id: str) -> dict[str, Any]:
    """Queues an ended job again with its finished steps kept. Raises NotFound, Conflict, ReadOnly, FeatureForbidden."""
    job = _locked(session, caller, job_id)
    _require_known(job)
    require_plan(session, caller, job)
    return jobs.describe(jobs.retry(session, job))


def replay_job(session: Session, caller: Caller, job_id: str, payload: dict[str, Any] | None) -> dict[str, Any]:
    """A new job like this ended one, with another payload if one is given. For admins: a payload is no client's to write.

    Raises Forbidden, NotFound, Conflict, Invalid, ReadOnly, FeatureForbidden.
    """
    auth.require_admin(caller)
    job = _locked(session, caller, job_id)
    _require_known(job, payload_too=payload is None)
    require_plan(session, caller, job)
    return jobs.describe(jobs.replay(session, job, payload))


def reconcile_effect(
    session: Session, caller: Caller, job_id: str, name: str, *, happened: bool, result: Any
) -> dict[str, Any]:
    """Says whether an effect in doubt happened; the job goes on from there. Raises NotFound, Conflict, as retry_job."""
    job = _locked(session, caller, job_id)
    _require_known(job)
    require_plan(session, caller, job)
    return jobs.describe(jobs.reconcile(session, job, name, happened=happened, result=result))


def require_plan(session: Session, caller: Caller, job: RowMapping) -> None:
    """What runs a job again needs its owner's plan to include it, whoever asks. Raises ReadOnly, FeatureForbidden."""
    if job["user_id"] is None:
        return
    owner_id = str(job["user_id"])
    owner = caller if owner_id == caller.id else auth.load_caller(session, owner_id)
    if job["feature"]:
        auth.require_feature(owner, job["feature"])
    auth.require_writable(owner)


def _require_known(job: RowMapping, *, payload_too: bool = False) -> None:
    """Releases come and go: this one may not have the job's type, or not read its payload any more. Raises Conflict."""
    try:
        job_type = types.find(job["type"])
    except types.UnknownJob:
        raise Conflict(f"There is no job {job['type']} any more.") from None
    try:
        if payload_too:
            job_type.read_payload(job["payload"], job["payload_version"])
    except (types.UnreadablePayload, ValidationError):
        raise Conflict("The payload can't be read by this release; give one.") from None


def _locked(session: Session, caller: Caller, job_id: str) -> RowMapping:
    return jobs.lock(session, str(reading.visible(session, caller, job_id)["id"]))
