"""A campaign's life: launch, progress, the ends it can come to. Every state that is not final has who ends it.

pending, in_progress, waiting_callback: the job and its deadline. review_ready, changes_requested, approved: the hidden
job close_campaign, due when the month is over.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, insert, select, update

from bai import auth, clock, jobs, push, settings
from bai.auth import Caller
from bai.db import Session
from bai.errors import Conflict, Invalid
from bai.ids import new_id
from bai.tables import jobs as jobs_table
from content_planner.job_types import CloseCampaign, CreateCampaign
from content_planner.schemas import LaunchIn
from content_planner.service.reading import describe_campaign, find_campaign
from content_planner.tables import campaigns

_MONTHS_AHEAD = 24
_GENERATION = timedelta(minutes=30)
_N8N_GENERATION = timedelta(hours=24)
_REVIEW_AT_LEAST = timedelta(days=3)
_IN_THE_MAKING = ("pending", "in_progress", "waiting_callback")
_ENDED = ("completed", "failed", "cancelled")


def launch_campaign(session: Session, caller: Caller, body: LaunchIn) -> dict[str, Any]:
    """Writes the campaign and its job. Raises FeatureForbidden, ReadOnly, Invalid."""
    auth.require_feature(caller, "ai_content_generation")
    _check_month(caller, body.month)
    starts = _check_start(body)
    auth.use(session, caller, "campaigns")
    engine = settings.text().engine
    allowed = _N8N_GENERATION if engine == "n8n" else _GENERATION
    campaign_id = new_id()
    row = {
        **body.model_dump(exclude={"scheduled_at"}),
        "id": campaign_id,
        "user_id": caller.id,
        "engine": engine,
        "status": "pending",
        "deadline_at": (starts or clock.now()) + allowed,
    }
    session.execute(insert(campaigns).values(row))
    job = jobs.enqueue(
        session,
        "content_planner.create_campaign",
        CreateCampaign(campaign_id=campaign_id),
        user_id=caller.id,
        subject=("campaign", campaign_id),
        not_before=starts,
        deadline=allowed,
        feature="ai_content_generation",
    )
    change_campaign(session, campaign_id, "campaign.created", job_id=job["id"])
    push.tell(session, caller.id, "usage.updated", auth.usage(session, caller))
    return {"campaign_id": campaign_id, "job_id": str(job["id"]), "status": "queued"}


def _check_month(caller: Caller, month: str) -> None:
    today = clock.now().astimezone(ZoneInfo(caller.time_zone))
    ahead = (int(month[:4]) - today.year) * 12 + int(month[5:]) - today.month
    if not 0 <= ahead <= _MONTHS_AHEAD:
        raise Invalid("body.month", f"must be this month or later, at most {_MONTHS_AHEAD} months ahead")


def _check_start(body: LaunchIn) -> datetime | None:
    if body.scheduled_at is None:
        return None
    starts = body.scheduled_at.astimezone(UTC)
    if starts < clock.now() - timedelta(minutes=1):
        raise Invalid("body.scheduled_at", "is in the past; leave it out to start now")
    if starts >= auth.month_ends(body.month):
        raise Invalid("body.scheduled_at", "is after the campaign's month")
    return starts


def change_campaign(session: Session, campaign_id: str, event: str, **changes: Any) -> RowMapping:
    """Writes the changes and tells the owner by `event`."""
    query = update(campaigns).where(campaigns.c.id == campaign_id).values(changes).returning(campaigns)
    row = session.execute(query).mappings().one()
    push.tell(session, str(row["user_id"]), event, describe_campaign(row))
    return row


def begin_campaign(session: Session, campaign_id: str, deadline_at: datetime) -> RowMapping | None:
    """Marks the start of the work (again, after a retry); None when the campaign was ended meanwhile."""
    row = session.row(select(campaigns).where(campaigns.c.id == campaign_id).with_for_update())
    if row is None or row["status"] in ("approved", "completed", "review_ready", "changes_requested"):
        return None
    return change_campaign(
        session,
        campaign_id,
        "campaign.progress",
        status="in_progress",
        started_at=row["started_at"] or clock.now(),
        completed_at=None,
        error=None,
        deadline_at=deadline_at,
    )


def finish_generation(session: Session, campaign_id: str) -> None:
    """All five pieces are there: the campaign waits for its client's yes until its month is over."""
    month = session.value(select(campaigns.c.month).where(campaigns.c.id == campaign_id))
    closes = max(auth.month_ends(month), clock.now() + _REVIEW_AT_LEAST)
    row = change_campaign(
        session,
        campaign_id,
        "campaign.review_ready",
        status="review_ready",
        progress=100,
        message="",
        deadline_at=closes,
    )
    jobs.enqueue(
        session,
        "content_planner.close_campaign",
        CloseCampaign(campaign_id=campaign_id),
        user_id=str(row["user_id"]),
        subject=("campaign", campaign_id),
        not_before=closes,
        unique=jobs.Unique(campaign_id, on_conflict="replace"),
    )


def end_generation(session: Session, job: jobs.JobRow) -> None:
    """The generating job ended without its five pieces: the campaign says why."""
    campaign_id = str(job["subject_id"])
    row = session.row(select(campaigns.c.status).where(campaigns.c.id == campaign_id).with_for_update())
    if row is None or row["status"] not in _IN_THE_MAKING:
        return
    ended = {"completed_at": clock.now(), "message": "", "error": job["error"]}
    if job["state"] == "cancelled":
        change_campaign(session, campaign_id, "campaign.cancelled", status="cancelled", **ended)
    else:
        change_campaign(session, campaign_id, "campaign.failed", status="failed", **ended)


def close_campaign(session: Session, job: jobs.Running) -> dict[str, Any]:
    """The month is over: what was approved is completed, what was never approved is cancelled."""
    campaign_id: str = job.payload.campaign_id
    status = session.value(select(campaigns.c.status).where(campaigns.c.id == campaign_id).with_for_update())
    if status == "approved":
        change_campaign(session, campaign_id, "campaign.progress", status="completed", completed_at=clock.now())
    if status in ("review_ready", "changes_requested"):
        error = {"code": "not_reviewed", "detail": "The month ended before the campaign was approved."}
        ended = {"status": "cancelled", "completed_at": clock.now(), "error": error}
        change_campaign(session, campaign_id, "campaign.cancelled", **ended)
    return {"campaign_id": campaign_id}


def cancel_campaign(session: Session, caller: Caller, campaign_id: str) -> dict[str, Any]:
    """Stops what is being made, or gives up what was made. Raises Conflict for what has ended."""
    row = find_campaign(session, caller, campaign_id, lock=False)
    if row["status"] in _ENDED:
        raise Conflict(f"The campaign is already {row['status']}.")
    # Jobs before the campaign's own row: workers lock in this order too.
    # A part is cancelled with its whole.
    open_jobs = select(jobs_table.c.id).where(
        jobs_table.c.subject_id == campaign_id,
        jobs_table.c.finished_at.is_(None),
        jobs_table.c.hidden.is_(False),
        jobs_table.c.parent_id.is_(None),
    )
    for job_id in session.execute(open_jobs).scalars().all():
        job = jobs.lock(session, job_id)
        if job["finished_at"] is None:
            jobs.cancel(session, job)
    row = find_campaign(session, caller, campaign_id, lock=True)
    if row["status"] in _ENDED:
        raise Conflict(f"The campaign is already {row['status']}.")
    if row["status"] in _IN_THE_MAKING:
        return describe_campaign(change_campaign(session, campaign_id, "campaign.progress", message="Stopping"))
    error = {"code": "cancelled", "detail": "Cancelled on request."}
    ended = {"status": "cancelled", "completed_at": clock.now(), "error": error}
    return describe_campaign(change_campaign(session, campaign_id, "campaign.cancelled", **ended))
