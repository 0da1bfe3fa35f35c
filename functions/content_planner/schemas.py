"""Shapes of the planner's endpoints; bounds are the API's and the console repeats them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from content_planner.drafts import Hashtag, PieceDraft, PlatformId, Script
from content_planner.fields import Metadata, Moment, Month, Plain, Short, Storable, VersionNumber, different

CampaignStatus = Literal[
    "pending",
    "in_progress",
    "waiting_callback",
    "review_ready",
    "changes_requested",
    "approved",
    "completed",
    "failed",
    "cancelled",
]
Engine = Literal["template", "openai", "n8n"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LaunchIn(_Body):
    month: Month
    tone_of_voice: Annotated[Plain, Field(max_length=100)]
    themes: Annotated[
        list[Annotated[Plain, Field(max_length=120)]], Field(min_length=1, max_length=10), AfterValidator(different)
    ]
    target_platforms: Annotated[list[PlatformId], Field(min_length=1, max_length=5), AfterValidator(different)]
    language: Literal["es", "en"] = "es"
    campaign_metadata: Metadata = Field(default_factory=dict)
    scheduled_at: Moment | None = None


class PieceEditIn(_Body):
    version: Annotated[
        int, Field(ge=1, le=2**31 - 1, description="The version that was edited; 409 when it has moved on.")
    ]
    text: Annotated[Storable, Field(min_length=1, max_length=5000)] | None = None
    hashtags: Annotated[list[Hashtag], Field(max_length=30)] | None = None
    media_brief: Annotated[Storable, Field(max_length=1000)] | None = None
    script: Script | None = None
    scheduled_for: Moment | None = None


class RegenerateIn(_Body):
    instruction: Annotated[Short, Field(max_length=500)]
    version: VersionNumber


class ChangesIn(_Body):
    comment: Annotated[Short, Field(max_length=1000)]
    piece_ids: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=5)] = Field(default_factory=list)


class GeneratedContent(BaseModel):
    pieces: Annotated[list[PieceDraft], Field(min_length=1, max_length=20)]


class CallbackIn(BaseModel):
    campaign_id: Annotated[str, Field(max_length=64)]
    callback_id: Annotated[str, Field(max_length=64)] | None = None
    generated_content: GeneratedContent | None = None
    error: Annotated[Storable, Field(max_length=2000)] | None = None


class CallbackOut(BaseModel):
    success: bool
    message: str
    campaign_id: str


class LaunchOut(BaseModel):
    campaign_id: str
    job_id: str
    status: Literal["queued"] = "queued"


class ErrorOut(BaseModel):
    code: str
    detail: str


class WarningOut(BaseModel):
    code: str
    level: Literal["error", "warning"]
    detail: str


class LimitsOut(BaseModel):
    max_chars: int
    max_hashtags: int | None
    chars: int


class PieceOut(BaseModel):
    id: str
    campaign_id: str
    kind: Literal["post", "reel"]
    position: int
    platform: str
    theme: str
    text: str
    hashtags: list[str]
    media_brief: str
    script: Script | None
    scheduled_for: str
    version: int
    status: Literal["draft", "regenerating", "changes_requested", "approved"]
    warnings: list[WarningOut]
    limits: LimitsOut
    engine: Engine


class CalendarPieceOut(PieceOut):
    campaign_status: CampaignStatus


class CampaignRowOut(BaseModel):
    id: str
    month: str
    tone_of_voice: str
    themes: list[str]
    target_platforms: list[str]
    language: Literal["es", "en"]
    campaign_metadata: dict[str, Any]
    status: CampaignStatus
    engine: Engine
    progress: int
    pieces_ready: int
    message: str
    job_id: str | None
    error: ErrorOut | None
    review_comment: str | None
    created_at: str
    started_at: str | None
    completed_at: str | None
    deadline_at: str


class CampaignOut(CampaignRowOut):
    pieces: list[PieceOut]


class CampaignsOut(BaseModel):
    items: list[CampaignRowOut]
    next_cursor: str | None


class StatusOut(BaseModel):
    id: str
    status: CampaignStatus
    progress: int
    message: str
    pieces_ready: int
    job_id: str | None


class VersionOut(BaseModel):
    version: int
    author: Literal["engine", "client", "restore"]
    engine: Engine
    instruction: str | None
    text: str
    hashtags: list[str]
    media_brief: str
    script: Script | None
    created_at: str


class VersionsOut(BaseModel):
    items: list[VersionOut]
    next_cursor: str | None


class RegenerateOut(BaseModel):
    job_id: str
    piece: PieceOut


class CalendarOut(BaseModel):
    month: str
    items: list[CalendarPieceOut]


class PlatformOut(BaseModel):
    id: str
    name: str
    max_chars: int
    max_hashtags: int | None
    recommended_hashtags: int
    source: str
    checked_on: str


class PlatformsOut(BaseModel):
    items: list[PlatformOut]
    next_cursor: str | None


class EngineOut(BaseModel):
    engine: Engine
    label: str
    cost_per_campaign_usd: float | None
