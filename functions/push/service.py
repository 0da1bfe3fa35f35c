"""A user's event stream as it is stored: newest number, events after a number, who is listening."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from bai.db import Session
from bai.push import event_row
from bai.tables import event_counters, events

REPLAY_AT_MOST = 1_000

_LISTEN = text("""
    INSERT INTO event_counters (user_id, listening_at) VALUES (CAST(:user AS uuid), now())
    ON CONFLICT (user_id) DO UPDATE SET listening_at = now()
""")


@dataclass(frozen=True, slots=True)
class Missed:
    """`too_old`: the stream can't be joined at that number any more; take a fresh look at everything."""

    newest: int
    events: list[dict[str, Any]]
    too_old: bool
    more: bool


def note_listener(session: Session, user_id: str) -> None:
    session.execute(_LISTEN, {"user": user_id})


def read_missed(session: Session, user_id: str, after: int | None, limit: int = REPLAY_AT_MOST) -> Missed:
    """Up to `limit` events after number `after`, in order; with None only the newest number."""
    newest = session.value(select(event_counters.c.seq).where(event_counters.c.user_id == user_id)) or 0
    if after is None or after == newest:
        return Missed(newest, [], too_old=False, more=False)
    if after > newest:  # numbers this stream never gave: another database, or a client's mistake
        return Missed(newest, [], too_old=True, more=False)
    query = select(events).where(events.c.user_id == user_id, events.c.seq > after, events.c.seq <= newest)
    rows = session.rows(query.order_by(events.c.seq).limit(limit + 1))
    if not rows or rows[0]["seq"] != after + 1:
        return Missed(newest, [], too_old=True, more=False)
    found = [event_row(row["seq"], row["event"], row["data"], row["at"]) for row in rows[:limit]]
    return Missed(newest, found, too_old=False, more=len(rows) > limit)
