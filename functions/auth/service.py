"""Accounts and sessions: who may sign in and with what. Refuses to know HTTP and what a plan costs."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text, update

from auth.schemas import ProfileIn, RegisterIn
from auth.tables import refresh_tokens
from bai import auth, clock, settings
from bai.auth import Caller
from bai.db import Session
from bai.errors import EmailTaken, Unauthenticated
from bai.ids import new_id
from bai.tables import users

_TAKE = text("""
    INSERT INTO users (id, email, password_hash, full_name, language)
    VALUES (CAST(:id AS uuid), :email, :password_hash, :full_name, :language)
    ON CONFLICT (lower(email)) DO NOTHING RETURNING id
""")
_USE = text("""
    UPDATE refresh_tokens SET used_at = now()
    WHERE token_hash = :hash AND used_at IS NULL AND revoked_at IS NULL AND expires_at > now()
    RETURNING user_id, family_id
""")
# An answer can be lost on its way (a reload, a tunnel): the direct predecessor may come once more for as long as nobody
# has used its successor. That successor is revoked, so whoever holds it ends the family by using it.
_USE_AGAIN = text("""
    WITH again AS (
        SELECT id, user_id, family_id, created_at FROM refresh_tokens t
        WHERE token_hash = :hash AND revoked_at IS NULL AND used_at > now() - interval '30 seconds' AND expires_at > now()
          AND NOT EXISTS (SELECT 1 FROM refresh_tokens s WHERE s.family_id = t.family_id AND s.id > t.id
                          AND (s.used_at IS NOT NULL OR s.revoked_at IS NOT NULL))
    ), replaced AS (
        UPDATE refresh_tokens s SET revoked_at = now() FROM again
        WHERE s.family_id = again.family_id AND s.id > again.id RETURNING s.id
    )
    SELECT user_id, family_id FROM again WHERE EXISTS (SELECT 1 FROM replaced)
""")
_REVOKE_FAMILY_OF = text("""
    UPDATE refresh_tokens SET revoked_at = now()
    WHERE revoked_at IS NULL AND family_id = (SELECT family_id FROM refresh_tokens WHERE token_hash = :hash)
""")


def register(session: Session, body: RegisterIn) -> dict[str, Any]:
    """A new client on the plan MOTOR. Raises EmailTaken."""
    from auth.passwords import hash_password  # noqa: PLC0415 - argon2 only where a password is at hand

    user_id = new_id()
    fields = {"id": user_id, "email": body.email, "full_name": body.full_name, "language": body.language}
    if session.value(_TAKE, {**fields, "password_hash": hash_password(body.password)}) is None:
        raise EmailTaken("An account with this e-mail address exists. Sign in instead.")
    return describe_me(session, auth.load_caller(session, user_id))


def issue_tokens(session: Session, email: str, password: str) -> dict[str, Any]:
    """Tokens for the right password. Raises Unauthenticated, the same for an unknown address and a wrong password."""
    from auth.passwords import matches  # noqa: PLC0415

    row = session.row(select(users).where(func.lower(users.c.email) == email.strip().lower()))
    if not matches(password, row["password_hash"] if row else None) or row is None:
        raise Unauthenticated("E-mail address or password is not right.")
    return _tokens(session, str(row["id"]), row["role"], new_id())


def refresh_tokens_of(session: Session, token: str) -> dict[str, Any] | None:
    """New tokens for an unused refresh token, or one whose answer was lost; None for any other, whose family is revoked.

    Returns None instead of raising, because the revocation has to be committed.
    """
    used = session.row(_USE, {"hash": _hash(token)}) or session.row(_USE_AGAIN, {"hash": _hash(token)})
    if used is None:
        session.execute(_REVOKE_FAMILY_OF, {"hash": _hash(token)})
        return None
    caller = auth.load_caller(session, str(used["user_id"]))
    return _tokens(session, caller.id, caller.role, str(used["family_id"]))


def logout(session: Session, token: str) -> None:
    """Ends the session that the refresh token belongs to; an unknown token changes nothing."""
    session.execute(_REVOKE_FAMILY_OF, {"hash": _hash(token)})


def change_me(session: Session, caller: Caller, body: ProfileIn) -> dict[str, Any]:
    changes = body.model_dump(exclude_none=True)
    if changes:
        session.execute(update(users).where(users.c.id == caller.id).values(changes))
    return describe_me(session, auth.load_caller(session, caller.id))


def describe_me(session: Session, caller: Caller) -> dict[str, Any]:
    return {
        "id": caller.id,
        "email": caller.email,
        "full_name": caller.full_name,
        "role": caller.role,
        "plan_tier": caller.plan_tier,
        "subscription_status": caller.subscription_status,
        "read_only": caller.read_only,
        "language": caller.language,
        "time_zone": caller.time_zone,
        "features": caller.features,
        "entitlements": [
            {"feature": feature, "allowed": caller.may(feature), "required_plan": plan}
            for feature, plan in auth.OPENS_WITH.items()
        ],
        "usage": auth.usage(session, caller),
    }


def _tokens(session: Session, user_id: str, role: str, family_id: str) -> dict[str, Any]:
    token = secrets.token_urlsafe(32)
    expires = clock.now() + timedelta(seconds=settings.tokens().refresh_seconds)
    row = {
        "id": new_id(),
        "family_id": family_id,
        "user_id": user_id,
        "token_hash": _hash(token),
        "expires_at": expires,
    }
    session.execute(insert(refresh_tokens).values(row))
    access_token, seconds = auth.mint(user_id, role)
    return {"access_token": access_token, "token_type": "bearer", "expires_in": seconds, "refresh_token": token}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
