"""Shapes of a redrive: which jobs, and what trying each again would mean."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from jobs.schemas.fields import Body, Fate, JobId, Moment, Scope, State, Verdict, Word
from jobs.schemas.jobs import EffectOut, JobErrorOut

Ended = Literal["dead", "failed", "expired", "cancelled"]


class RedriveIn(Body):
    """Which jobs: these ids, or all in `states` that meet every other condition given. Nothing runs unless dry_run is false."""

    ids: Annotated[list[JobId], Field(min_length=1, max_length=500)] | None = None
    type: Word | None = None
    queue: Word | None = None
    error_code: Word | None = None
    before: Moment | None = None
    states: list[Ended] = Field(["dead"], min_length=1, max_length=4)
    scope: Scope = "own"
    limit: Annotated[int, Field(ge=1, le=500)] = 500
    dry_run: bool = True


class RedriveEffectOut(EffectOut):
    """`fate` is what a retry would do about it; `job_id` is the job's own or a part's."""

    job_id: str
    fate: Fate


class RedriveItemOut(BaseModel):
    """`verdict` is what a retry would mean, `reason` why it is refused or doubtful, `detail` the same in words."""

    id: str
    type: str
    queue: str
    state: State
    error: JobErrorOut | None
    attempts: int
    finished_at: str | None
    because_of: list[str]
    steps_done: list[str]
    effects: list[RedriveEffectOut]
    verdict: Verdict
    reason: str | None
    detail: str
    redriven: bool


class RedriveOut(BaseModel):
    """`missing` are ids of no such job; `more` says that others match too: ask again for the next ones."""

    dry_run: bool
    items: list[RedriveItemOut]
    redriven: int
    refused: int
    missing: list[str]
    more: bool
