"""Shapes of a job: in a list, in detail, with its steps, effects, attempts, parts and cost."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel

from jobs.schemas.fields import Body, EffectMode, EffectState, State, shallow


class SubjectOut(BaseModel):
    kind: str
    id: str


class OwnerOut(BaseModel):
    id: str
    email: str


class JobErrorOut(BaseModel):
    code: str
    detail: str
    attempt: int | None = None


class JobOut(BaseModel):
    id: str
    type: str
    queue: str
    state: State
    progress: int
    message: str
    attempts: int
    max_attempts: int
    result: Any
    error: JobErrorOut | None
    subject: SubjectOut | None
    parent_id: str | None
    replay_of: str | None
    children_open: int
    cancel_requested: bool
    waits_for_turn: bool
    correlation_id: str
    created_at: str
    ready_at: str
    started_at: str | None
    finished_at: str | None
    deadline_at: str
    next_attempt_at: str | None
    cost_usd: float | None


class ListedJobOut(JobOut):
    """`owner` is told to an admin who asks for everybody's; null for the suite's own upkeep."""

    owner: OwnerOut | None = None


class StepOut(BaseModel):
    name: str
    state: Literal["started", "done"]
    attempt: int
    started_at: str
    finished_at: str | None


class EffectErrorOut(BaseModel):
    detail: str
    at: str | None = None


class EffectOut(BaseModel):
    name: str
    key: str
    mode: EffectMode
    state: EffectState
    attempt: int
    result: Any
    error: EffectErrorOut | None
    planned_at: str
    sent_at: str | None
    settled_at: str | None


class AttemptOut(BaseModel):
    attempt: int
    started_at: str
    ended_at: str
    wait_ms: int | None
    run_ms: int | None
    outcome: Literal[
        "succeeded",
        "failed",
        "retrying",
        "waiting",
        "continued",
        "cancelled",
        "expired",
        "dead",
        "worker_lost",
    ]
    code: str | None
    detail: str | None


class ChildOut(BaseModel):
    id: str
    type: str
    state: State
    progress: int
    message: str
    attempts: int
    error: JobErrorOut | None
    started_at: str | None
    finished_at: str | None
    cost_usd: float | None


class CostLineOut(BaseModel):
    unit: str
    quantity: float
    usd: float | None


class CostOut(BaseModel):
    """`usd` is this job's own, by the lines; `with_children_usd` adds what its parts cost."""

    usd: float | None
    with_children_usd: float | None
    prices_as_of: str
    lines: list[CostLineOut]


class JobDetailOut(ListedJobOut):
    """`wait_ms` and `run_ms` are sums over the attempts, null before the first; `children` are at most 200."""

    payload: Any
    wait_ms: int | None
    run_ms: int | None
    steps: list[StepOut]
    effects: list[EffectOut]
    history: list[AttemptOut]
    children: list[ChildOut]
    children_total: int
    cost: CostOut


class JobsOut(BaseModel):
    items: list[ListedJobOut]
    next_cursor: str | None
    counts: dict[State, int]


class ChangedJobOut(BaseModel):
    job: JobOut


class ResultAddressOut(BaseModel):
    url: str
    bytes: int
    expires_in: int


class ReplayIn(Body):
    """Without a payload the new job gets the old one's."""

    payload: Annotated[dict[str, Any], AfterValidator(shallow)] | None = None


class ReconcileIn(Body):
    """What a person found out: the effect happened (and gave this result), or it did not and may be done."""

    happened: bool
    result: Annotated[Any, AfterValidator(shallow)] = None


class ListedEffectOut(EffectOut):
    job_id: str
    job_type: str
    job_state: State
    job_subject: SubjectOut | None
    owner: OwnerOut | None = None


class EffectsOut(BaseModel):
    items: list[ListedEffectOut]
    next_cursor: str | None
