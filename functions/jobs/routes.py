"""HTTP surface of jobs: a client's own, and for admins everybody's with the queues they wait in."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, RedirectResponse, Response

from bai.http import CallerAloneDep, CallerDep, SessionDep, lambda_for
from bai.paging import Cursor, Limit
from jobs import dead_letters, health, redrive
from jobs.schemas import jobs as shapes
from jobs.schemas import queues as queue_shapes
from jobs.schemas import redrive as redrive_shapes
from jobs.schemas.fields import EffectState, Moment, Scope, State, Word
from jobs.service import changing, outcomes, queues, reading

router = APIRouter(prefix="/jobs", tags=["jobs"])

_RESULT: Any = {
    200: {
        "description": "The job's result as it made it.",
        "content": {"application/json": {"schema": {"title": "Result", "description": "Any JSON."}}},
    },
    307: {"description": "The result is large: Location is an address to fetch it from within five minutes."},
}


@router.get("", response_model=shapes.JobsOut)
async def list_jobs(  # noqa: PLR0913 - the filters, by name
    session: SessionDep,
    caller: CallerDep,
    state: State | None = None,
    job_type: Annotated[Word | None, Query(alias="type")] = None,
    queue: Word | None = None,
    subject_id: Annotated[str | None, Query(max_length=64)] = None,
    parent_id: Annotated[str | None, Query(max_length=64)] = None,
    q: Annotated[
        Word | None, Query(description="The start of an id or subject, or a part of a type or message.")
    ] = None,
    since: Annotated[Moment | None, Query(description="Created at this moment or later.")] = None,
    scope: Scope = "own",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    sought = reading.Sought(state, job_type, queue, subject_id, parent_id, q, since, everybody=scope == "all")
    return reading.list_jobs(session, caller, sought, limit=limit, cursor=cursor)


@router.get("/queues", response_model=queue_shapes.QueuesOut)
async def list_queues(session: SessionDep, caller: CallerDep, scope: Scope = "own") -> Any:
    return queues.list_queues(session, caller, everybody=scope == "all")


@router.post("/queues/{name}/pause", response_model=queue_shapes.QueueOut)
async def pause_queue(name: str, body: queue_shapes.PauseIn, session: SessionDep, caller: CallerDep) -> Any:
    return queues.pause_queue(session, caller, name, body.reason)


@router.post("/queues/{name}/resume", response_model=queue_shapes.QueueOut)
async def resume_queue(name: str, session: SessionDep, caller: CallerDep) -> Any:
    return queues.resume_queue(session, caller, name)


@router.get("/effects", response_model=shapes.EffectsOut)
async def list_effects(
    session: SessionDep,
    caller: CallerDep,
    state: EffectState = "unknown",
    scope: Scope = "own",
    limit: Annotated[Limit, Query(description="Of so many jobs at the most, with all such effects of each.")] = 50,
    cursor: Cursor = None,
) -> Any:
    everybody = scope == "all"
    return outcomes.list_effects(session, caller, state, everybody=everybody, limit=limit, cursor=cursor)


@router.get("/health", response_model=queue_shapes.HealthOut)
async def read_health(caller: CallerAloneDep) -> Any:
    return health.read_health(caller)


@router.post("/redrive", response_model=redrive_shapes.RedriveOut)
async def redrive_jobs(body: redrive_shapes.RedriveIn, caller: CallerAloneDep) -> Any:
    return redrive.redrive_jobs(caller, body)


@router.get("/dead-letters", response_model=queue_shapes.DeadLettersOut)
async def list_dead_letters(caller: CallerAloneDep, queue: Word | None = None) -> Any:
    return dead_letters.list_dead_letters(caller, queue)


@router.post("/dead-letters/redrive", response_model=queue_shapes.DeadLetterRedriveOut)
async def redrive_dead_letters(body: queue_shapes.DeadLetterRedriveIn, caller: CallerAloneDep) -> Any:
    return dead_letters.redrive_dead_letters(caller, body.queue, body.message_ids, dry_run=body.dry_run)


@router.get("/{job_id}", response_model=shapes.JobDetailOut)
async def read_job(job_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return reading.read_job(session, caller, job_id)


@router.get("/{job_id}/result", responses=_RESULT, response_class=Response)
async def read_result(job_id: str, session: SessionDep, caller: CallerDep) -> Response:
    result, address = outcomes.read_result(session, caller, job_id)
    return JSONResponse(result) if address is None else RedirectResponse(address["url"], 307)


@router.get("/{job_id}/result/address", response_model=shapes.ResultAddressOut)
async def read_result_address(job_id: str, session: SessionDep, caller: CallerDep) -> Any:
    """For a browser, which opens the address instead of following a redirect; 404 when the result is in the job itself."""
    return outcomes.read_result_address(session, caller, job_id)


@router.post("/{job_id}/cancel", status_code=202, response_model=shapes.ChangedJobOut)
async def cancel_job(job_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return {"job": changing.cancel_job(session, caller, job_id)}


@router.post("/{job_id}/retry", status_code=202, response_model=shapes.ChangedJobOut)
async def retry_job(job_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return {"job": changing.retry_job(session, caller, job_id)}


@router.post("/{job_id}/replay", status_code=202, response_model=shapes.ChangedJobOut)
async def replay_job(job_id: str, body: shapes.ReplayIn, session: SessionDep, caller: CallerDep) -> Any:
    """Answers the new job."""
    return {"job": changing.replay_job(session, caller, job_id, body.payload)}


@router.post("/{job_id}/effects/{name}/reconcile", status_code=202, response_model=shapes.ChangedJobOut)
async def reconcile_effect(
    job_id: str, name: str, body: shapes.ReconcileIn, session: SessionDep, caller: CallerDep
) -> Any:
    return {"job": changing.reconcile_effect(session, caller, job_id, name, happened=body.happened, result=body.result)}


handler = lambda_for(router)
