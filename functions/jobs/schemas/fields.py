"""Types of the jobs' request fields and the words of the answers. Knows no endpoint."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

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
Scope = Literal["own", "all"]
EffectMode = Literal["keyed", "probe", "at_most_once", "at_least_once"]
EffectState = Literal["planned", "sent", "confirmed", "unknown"]
# What a retry would do about an effect.
Fate = Literal["not_repeated", "same_key", "asked_first", "may_repeat", "not_done_yet", "asked_anew", "in_doubt"]
Verdict = Literal["had_effect", "goes_on", "starts_over", "in_doubt", "refused"]

_MAX_DEPTH = 32


def _storable(value: str) -> str:
    """PostgreSQL holds no NUL; a lone surrogate has no UTF-8 form."""
    if "\0" in value or value.encode("utf-8", "replace").decode() != value:
        raise ValueError("must not hold control or broken characters")
    return value


def shallow(value: Any) -> Any:
    """What is nested deeper than Python's own stack could be stored and never be shown again."""
    level = [value]
    for _ in range(_MAX_DEPTH + 1):
        level = [held for held in level if isinstance(held, dict | list)]
        if not level:
            return value
        level = [inner for held in level for inner in (held.values() if isinstance(held, dict) else held)]
    raise ValueError(f"must be nested at most {_MAX_DEPTH} deep")


# Far from the ends of the calendar, where a change of time zone would leave it.
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
JobId = Annotated[str, Field(max_length=64)]
Word = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_storable)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_storable)]


class Body(BaseModel):
    """A slip in a field's name must not widen what is changed."""

    model_config = ConfigDict(extra="forbid")
