"""HTTP surface of jobs."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from bai.http import CallerDep, SessionDep, lambda_for
from bai.paging import Cursor, Limit
from jobs import service
from jobs.schemas import ChangedJobOut, JobDetailOut, JobsOut, State

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("", response_model=JobsOut)
async def list_jobs(  # noqa: PLR0913 - the filters, by name
    session: SessionDep,
    caller: CallerDep,
    state: State | None = None,
    job_type: Annotated[str | None, Query(alias="type", max_length=80)] = None,
    subject_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    filters = {"state": state, "job_type": job_type, "subject_id": subject_id}
    return service.list_jobs(session, caller, **filters, limit=limit, cursor=cursor)


@router.get("/{job_id}", response_model=JobDetailOut)
async def read_job(job_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return service.read_job(session, caller, job_id)


@router.post("/{job_id}/cancel", status_code=202, response_model=ChangedJobOut)
async def cancel_job(job_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return {"job": service.cancel_job(session, caller, job_id)}


@router.post("/{job_id}/retry", status_code=202, response_model=ChangedJobOut)
async def retry_job(job_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return {"job": service.retry_job(session, caller, job_id)}


handler = lambda_for(router)
