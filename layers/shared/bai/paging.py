"""Keyset pages: a cursor holds the last row's place, so page 100 costs what page 1 does. Knows no table."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import RowMapping, Select, Table, literal, tuple_

from bai.db import Session
from bai.errors import Invalid
from bai.ids import is_id

Limit = Annotated[int, Field(ge=1, le=100)]
Cursor = Annotated[str | None, Field(max_length=200)]


def newest_first(
    session: Session, table: Table, query: Select[Any], limit: int, cursor: str | None
) -> tuple[Sequence[RowMapping], str | None]:
    """A page of `query` by (created_at, id) descending, and the cursor of the next page or None."""
    at, key = table.c.created_at, table.c.id
    if cursor is not None:
        last_at, last_key = _decode(cursor)
        query = query.where(tuple_(at, key) < tuple_(literal(last_at, at.type), literal(last_key, key.type)))
    rows = session.rows(query.order_by(at.desc(), key.desc()).limit(limit + 1))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], _encode(last["created_at"], str(last["id"]))


def _encode(at: datetime, key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[datetime, str]:
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if not is_id(key) or moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC), key
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise Invalid("query.cursor", "is not a cursor of this list; take it from next_cursor") from None
