"""Types of the planner's request fields: what is accepted, within which bounds. Knows no endpoint."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

_MAX_METADATA_BYTES = 8_192
_MAX_METADATA_DEPTH = 10
_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>?")


def _storable(value: str) -> str:
    """PostgreSQL holds no NUL; a lone surrogate has no UTF-8 form."""
    if "\0" in value or (not value.isascii() and value.encode("utf-8", "replace").decode() != value):
        raise ValueError("must not hold control or broken characters")
    return value


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if _depth(value) > _MAX_METADATA_DEPTH:
        raise ValueError(f"must be nested at most {_MAX_METADATA_DEPTH} deep")
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > _MAX_METADATA_BYTES:  # a lone surrogate has no UTF-8 form and is refused here
        raise ValueError(f"must be at most {_MAX_METADATA_BYTES} bytes of JSON")
    if "\\u0000" in text:
        raise ValueError("must not hold NUL characters")
    return value


def _depth(value: Any) -> int:
    """How deep JSON is nested; level by level, because it may be deeper than Python's own stack."""
    depth, level = 0, [value]
    while level and depth <= _MAX_METADATA_DEPTH:
        depth += 1
        held = [part for part in level if isinstance(part, dict | list)]
        level = [child for part in held for child in (part.values() if isinstance(part, dict) else part)]
    return depth


def different(values: list[str]) -> list[str]:
    if len({value.casefold() for value in values}) != len(values):
        raise ValueError("must all be different")
    return values


def _plain(value: str) -> str:
    """The client's words end up as posts, where markup would be shown as it is: `a < b` and `<3` are fine, tags are not."""
    if _TAG.search(value):
        raise ValueError("must be plain text, without HTML")
    return value


Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_storable)]
Plain = Annotated[Short, AfterValidator(_plain)]
Storable = Annotated[str, AfterValidator(_storable)]
# Far from the ends of the calendar, where a change of time zone would leave it.
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
VersionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]
Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="YYYY-MM", examples=["2027-01"])]
Metadata = Annotated[dict[str, Any], AfterValidator(_small)]
