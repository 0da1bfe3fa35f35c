"""The planner's jobs, by name: what each is given and how it may be tried. Light: routes read it when they enqueue."""

from datetime import timedelta

from pydantic import BaseModel, Field

from bai.jobs import JobType, Retries


class CreateCampaign(BaseModel):
    campaign_id: str


class WritePiece(BaseModel):
    campaign_id: str
    position: int = Field(ge=1, le=5)


class RegeneratePiece(BaseModel):
    """`version` and `status_before` are the piece's when the client asked: it is changed from there or not at all."""

    piece_id: str
    instruction: str = Field(max_length=500)
    version: int
    status_before: str


class CloseCampaign(BaseModel):
    campaign_id: str


CREATE_CAMPAIGN = JobType("content_planner.create_campaign", payload=CreateCampaign)
# A client with a year of months in the making leaves workers for the others (20 in all, see template.yaml; 10 locally).
WRITE_PIECE = JobType("content_planner.write_piece", payload=WritePiece, client_concurrency=8)
# Somebody sits and waits for it, so it does not stand behind whole months.
REGENERATE_PIECE = JobType("content_planner.regenerate_piece", payload=RegeneratePiece, queue="content_planner_urgent")
CLOSE_CAMPAIGN = JobType(
    "content_planner.close_campaign",
    payload=CloseCampaign,
    deadline=timedelta(days=30),
    retries=Retries(retryable=50, unknown=50),
    hidden=True,
)
JOB_TYPES = (CREATE_CAMPAIGN, WRITE_PIECE, REGENERATE_PIECE, CLOSE_CAMPAIGN)
