"""Tells a user's open screens what happened: `tell` in the transaction of the change, delivery after its COMMIT.

An event gets the user's next number inside the transaction; the row lock on the counter makes COMMIT order and number
order the same, and a rollback gives the number back, so numbers rise by exactly one. Refuses to know sockets: those are
the push module's. What was committed and never sent is sent by the sweeper (`tell_heads`).
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from bai import clock
from bai.db import Session
from bai.push_queue import in_parts, send

MAX_EVENT_BYTES = 100_000  # a socket message holds 128 KB, an SQS message 256 KB

_WRITE = text("""
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:given AS jsonb)) AS g(n int, user_id uuid, event text, data jsonb)
    ), counts AS (
        SELECT user_id, count(*) AS n FROM given GROUP BY user_id
    ), bumped AS (
        INSERT INTO event_counters AS c (user_id, seq, told_at)
        SELECT user_id, n, clock_timestamp() FROM counts ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET seq = c.seq + excluded.seq, told_at = excluded.told_at
        RETURNING c.user_id, c.seq
    )
    INSERT INTO events (user_id, seq, event, data)
    SELECT g.user_id, b.seq - counts.n + row_number() OVER (PARTITION BY g.user_id ORDER BY g.n), g.event, g.data
    FROM given g JOIN bumped b USING (user_id) JOIN counts USING (user_id)
    RETURNING user_id, seq, at
""")


def tell(session: Session, user_id: str, event: str, data: dict[str, Any]) -> None:
    """Records `event` (`noun.past`) with JSON `data` for the user; it is sent once the transaction has committed.

    Raises ValueError for data over 100 KB: what is larger is announced by its address.
    """
    size = len(json.dumps(data))
    if size > MAX_EVENT_BYTES:
        raise ValueError(f"event {event} has {size} bytes; a socket message holds {MAX_EVENT_BYTES}")
    session.info.setdefault("events", []).append((user_id, event, data))
    session.before_commit("push", _write)


def tell_listeners(session: Session, event: str, data: dict[str, Any]) -> int:
    """Tells everybody who opened a socket within the last two hours (a socket's longest life); returns how many."""
    listening = text("SELECT user_id FROM event_counters WHERE listening_at > now() - interval '125 minutes'")
    users = [str(row.user_id) for row in session.execute(listening)]
    for user_id in users:
        tell(session, user_id, event, data)
    return len(users)


def _write(session: Session) -> None:
    told: list[tuple[str, str, dict[str, Any]]] = session.info.pop("events")
    given = [{"n": n, "user_id": user, "event": event, "data": data} for n, (user, event, data) in enumerate(told)]
    numbered: dict[str, list[tuple[int, Any]]] = {}
    for row in session.execute(_WRITE, {"given": json.dumps(given)}):
        numbered.setdefault(str(row.user_id), []).append((row.seq, row.at))
    for rows in numbered.values():
        rows.sort(reverse=True)
    written = session.info.setdefault("written_events", [])
    for user, event, data in told:
        seq, at = numbered[user].pop()
        written.append((user, event_row(seq, event, data, at)))
    session.after_commit("push", _send)


def event_row(seq: int, event: str, data: dict[str, Any], at: Any) -> dict[str, Any]:
    """An event as the socket and GET /events show it."""
    return {"seq": seq, "event": event, "at": clock.to_wire(at), "data": data}


def _send(session: Session) -> None:
    by_user: dict[str, list[dict[str, Any]]] = {}
    for user, row in session.info.pop("written_events"):
        by_user.setdefault(user, []).append(row)
    send([message for user, rows in by_user.items() for message in in_parts(rows, {"kind": "events", "user_id": user})])


def tell_heads(session: Session, heads: Sequence[tuple[str, int]]) -> None:
    """Announces each user's newest number again, without content: a socket that lacks something asks for a replay."""
    messages = [{"kind": "head", "user_id": user, "seq": seq} for user, seq in heads]
    session.after_commit("push_heads", lambda _: send(messages))
