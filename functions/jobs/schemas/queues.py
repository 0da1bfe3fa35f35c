"""Shapes of what the people on call ask for: queues, health, dead letters."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from jobs.schemas.fields import Body, Said, State, Word


class QueueOut(BaseModel):
    """`counts` are of jobs that have not ended; `oldest_seconds` is the wait of the longest-waiting one that could run."""

    name: str
    paused: bool
    paused_at: str | None
    paused_reason: str
    counts: dict[State, int]
    parked: int
    oldest_seconds: int | None
    dead: int


class QueuesOut(BaseModel):
    items: list[QueueOut]


class PauseIn(Body):
    reason: Said


class CheckOut(BaseModel):
    """`value` is what was counted, or seconds; null when it could not be measured."""

    name: Literal[
        "oldest_queued",
        "dead_jobs",
        "lost_leases",
        "unsettled",
        "paused_queues",
        "effects_unknown",
        "dead_letters",
    ]
    ok: bool
    value: int | None
    detail: str


class HealthOut(BaseModel):
    status: Literal["ok", "degraded"]
    checked_at: str
    checks: list[CheckOut]


class DeadLetterOut(BaseModel):
    """`kind`: a dead job's copy, a leftover of a job that has gone on since, or poison, which no worker could take."""

    message_id: str
    queue: str
    kind: Literal["dead_job", "leftover", "poison"]
    body: str
    receives: int
    sent_at: str
    job_id: str | None
    job_state: State | None


class DeadLettersOut(BaseModel):
    """At most 300 of each queue; `more` says that a queue holds others."""

    items: list[DeadLetterOut]
    more: bool


class DeadLetterRedriveIn(Body):
    """Without ids every poison message of the queue goes back. Nothing is moved unless dry_run is false."""

    queue: Word
    message_ids: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=300)] | None = (
        None
    )
    dry_run: bool = True


class DeadLetterRedriveItemOut(DeadLetterOut):
    verdict: Literal["goes_back", "redrive_the_job", "cleared_away"]
    detail: str
    redriven: bool


class DeadLetterRedriveOut(BaseModel):
    dry_run: bool
    items: list[DeadLetterRedriveItemOut]
    redriven: int
    more: bool
