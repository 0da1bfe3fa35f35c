"""The same Idempotency-Key and body give the same answer for 24 hours; another body is refused.

The key's row is written in the transaction of what it guards, so an answer is kept exactly when its effect is.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import text

from bai.db import Session
from bai.errors import IdempotencyKeyReused, Invalid

_MAX_KEY_CHARS = 128


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


# A second request with the key waits here for the first one's COMMIT; a key older than a day counts as new.
_TAKE = text("""
    INSERT INTO idempotency_keys AS k (user_id, key, fingerprint)
    VALUES (CAST(:user AS uuid), :key, :fingerprint)
    ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = now()
    WHERE k.created_at < now() - interval '24 hours'
    RETURNING key
""")
_READ = text("SELECT * FROM idempotency_keys WHERE user_id = CAST(:user AS uuid) AND key = :key")
_KEEP = text("""
    UPDATE idempotency_keys SET status = :status, headers = CAST(:headers AS jsonb), body = CAST(:body AS jsonb)
    WHERE user_id = CAST(:user AS uuid) AND key = :key
""")


def once(
    session: Session, user_id: str, key: str | None, request: tuple[str, Any], make: Callable[[], Answer]
) -> Answer:
    """Runs `make` unless the user's key already has its answer. `request` is (what is asked, JSON body).

    Raises IdempotencyKeyReused when the key was used for something else.
    """
    if key is None:
        return make()
    if not (key.isascii() and key.isprintable()) or not 0 < len(key) <= _MAX_KEY_CHARS:
        raise Invalid("header.Idempotency-Key", f"must be 1 to {_MAX_KEY_CHARS} printable ASCII characters")
    fingerprint = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    own = {"user": user_id, "key": key}
    if session.value(_TAKE, {**own, "fingerprint": fingerprint}) is None:
        held = session.row(_READ, own)
        if held is None or held["fingerprint"] != fingerprint:
            raise IdempotencyKeyReused("This Idempotency-Key was used for another request; send a new one.")
        return Answer(held["status"], held["body"], held["headers"])
    answer = make()
    kept = {"status": answer.status, "headers": json.dumps(answer.headers), "body": json.dumps(answer.body)}
    session.execute(_KEEP, {**own, **kept})
    return answer
