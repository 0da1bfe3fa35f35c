"""Shapes of the jobs endpoints."""

from typing import Any, Literal

from pydantic import BaseModel

State = Literal[
    "queued",
    "deferred",
    "running",
    "waiting_callback",
    "retrying",
    "succeeded",
    "failed",
    "cancelled",
    "expired",
    "dead",
]


class SubjectOut(BaseModel):
    kind: str
    id: str


class JobErrorOut(BaseModel):
    code: str
    detail: str
    attempt: int | None = None


class JobOut(BaseModel):
    id: str
    type: str
    state: State
    progress: int
    message: str
    attempts: int
    max_attempts: int
    result: Any
    error: JobErrorOut | None
    subject: SubjectOut | None
    cancel_requested: bool
    created_at: str
    started_at: str | None
    finished_at: str | None
    deadline_at: str
    next_attempt_at: str | None
    cost_usd: float | None


class StepOut(BaseModel):
    name: str
    state: Literal["started", "done"]
    attempt: int
    started_at: str
    finished_at: str | None


class JobDetailOut(JobOut):
    steps: list[StepOut]


class JobsOut(BaseModel):
    items: list[JobOut]
    next_cursor: str | None
    counts: dict[State, int]


class ChangedJobOut(BaseModel):
    job: JobOut
