"""The planner's jobs, by name."""

from typing import Any

from sqlalchemy import RowMapping

from bai.db import Session
from bai.jobs import Running
from bai.worker import JobType, worker_for
from content_planner.service import campaigns, generation, pieces


def close_campaign(job: Running) -> dict[str, Any]:
    """All there is to do is one transaction, so it is done where the job ends, however it ends."""
    return {"campaign_id": job.subject_id}


def settle_closing(session: Session, job: RowMapping) -> None:
    campaigns.close_campaign(session, str(job["subject_id"]))


JOBS = (
    JobType(
        "content_planner.create_campaign",
        run=generation.create_campaign,
        settle=generation.settle_creation,
        on_wait=generation.begin_waiting,
    ),
    JobType("content_planner.regenerate_piece", run=generation.regenerate_piece, settle=pieces.end_regeneration),
    JobType("content_planner.close_campaign", run=close_campaign, settle=settle_closing),
)

handler = worker_for(JOBS)
