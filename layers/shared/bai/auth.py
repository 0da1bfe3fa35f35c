"""A token becomes a Caller; gates and quotas are decided here, by one table. Refuses to know passwords and HTTP."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, text

from bai import aws, clock, settings
from bai.db import Session
from bai.errors import FeatureForbidden, Forbidden, QuotaExhausted, ReadOnly, Unauthenticated
from bai.ids import is_id
from bai.tables import users

PLANS: Final = ("MOTOR", "CEREBRO", "PARTNER")

# The one table of entitlements: which plan opens a feature first. API gate and console both read it.
OPENS_WITH: Final = {
    "ai_content_generation": "CEREBRO",
    "access_mining": "CEREBRO",
    "access_marketing": "CEREBRO",
    "dedicated_csm": "PARTNER",
}
MAX_CHATS: Final = {"MOTOR": 1_000, "CEREBRO": 10_000, "PARTNER": 100_000}

_GRACE = timedelta(days=7)
_MAX_TOKEN_CHARS = 8_192
_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, read from the database in the request's own transaction, so that a change of plan counts at once."""

    id: str
    email: str
    full_name: str
    role: str
    plan_tier: str
    subscription_status: str
    past_due_since: datetime | None
    overrides: dict[str, Any]
    language: str
    time_zone: str

    def may(self, feature: str) -> bool:
        override = self.overrides.get(feature)
        if isinstance(override, bool):
            return override
        return PLANS.index(self.plan_tier) >= PLANS.index(OPENS_WITH[feature])

    @property
    def max_chats(self) -> int:
        override = self.overrides.get("max_chats")
        return override if isinstance(override, int) else MAX_CHATS[self.plan_tier]

    @property
    def features(self) -> dict[str, Any]:
        return {**{feature: self.may(feature) for feature in OPENS_WITH}, "max_chats": self.max_chats}

    @property
    def read_only(self) -> bool:
        """A payment is overdue for more than its seven days of grace, or the subscription ended."""
        if self.subscription_status == "past_due":
            return self.past_due_since is None or clock.now() - self.past_due_since > _GRACE
        return self.subscription_status == "canceled"


def require_feature(caller: Caller, feature: str) -> None:
    """Raises FeatureForbidden naming the plan that opens it, or ReadOnly for an overdue subscription."""
    if not caller.may(feature):
        raise FeatureForbidden(feature, OPENS_WITH[feature])
    require_writable(caller)


def require_writable(caller: Caller) -> None:
    """Raises ReadOnly for a subscription that is overdue beyond its grace, or over."""
    if caller.read_only:
        raise ReadOnly("The subscription is not paid, so nothing new can be made; what exists stays readable.")


def require_admin(caller: Caller) -> None:
    """Raises Forbidden for a client: what concerns everybody is for the people who run the platform."""
    if caller.role != "admin":
        raise Forbidden("This is for the platform's administrators.")


def mint(user_id: str, role: str) -> tuple[str, int]:
    """An access token and its life in seconds. Only the auth module calls this."""
    import jwt  # noqa: PLC0415

    conf, now = settings.tokens(), clock.now()
    claims = {
        "sub": user_id,
        "role": role,
        "typ": "access",
        "iss": conf.issuer,
        "aud": conf.audience,
        "iat": now,
        "nbf": now,
        "exp": now + timedelta(seconds=conf.access_seconds),
    }
    return jwt.encode(claims, aws.secret(conf.secret_arn), algorithm=_ALGORITHM), conf.access_seconds


def verify(token: str) -> str:
    """The user id of a valid access token. Raises Unauthenticated, saying no more than that it is not valid."""
    import jwt  # noqa: PLC0415 - public routes never pay for it

    conf = settings.tokens()
    try:
        if len(token) > _MAX_TOKEN_CHARS:
            raise jwt.InvalidTokenError
        claims = jwt.decode(
            token,
            aws.secret(conf.secret_arn),
            algorithms=[_ALGORITHM],
            audience=conf.audience,
            issuer=conf.issuer,
            leeway=5,
            options={"require": ["exp", "iat", "nbf", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError:
        raise Unauthenticated("The access token is missing, expired or not valid. Sign in again.") from None
    user_id = claims["sub"]
    if claims.get("typ") != "access" or not isinstance(user_id, str) or not is_id(user_id):
        raise Unauthenticated("This is not an access token. Sign in again.")
    return user_id


def load_caller(session: Session, user_id: str) -> Caller:
    """The user behind a verified token. Raises Unauthenticated when it no longer exists."""
    row = session.row(select(users).where(users.c.id == user_id))
    if row is None:
        raise Unauthenticated("This account no longer exists.")
    return Caller(
        id=str(row["id"]),
        email=row["email"],
        full_name=row["full_name"],
        role=row["role"],
        plan_tier=row["plan_tier"],
        subscription_status=row["subscription_status"],
        past_due_since=row["past_due_since"],
        overrides=row["features"],
        language=row["language"],
        time_zone=row["time_zone"],
    )


def month_now() -> str:
    return clock.now().strftime("%Y-%m")


def month_ends(month: str) -> datetime:
    """The first moment of the following month, UTC: when the month's counters start again."""
    year, number = int(month[:4]), int(month[5:])
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)


_USE = text("""
    INSERT INTO usage_counters AS u (user_id, month, metric, used)
    SELECT CAST(:user AS uuid), :month, :metric, :amount WHERE :amount <= :limit
    ON CONFLICT (user_id, month, metric) DO UPDATE SET used = u.used + excluded.used
    WHERE u.used + excluded.used <= :limit
    RETURNING used
""")
_NO_LIMIT = 2**62


def use(session: Session, caller: Caller, metric: str, amount: int = 1) -> None:
    """Counts against the month's quota in this transaction, atomically. Raises QuotaExhausted and counts nothing."""
    month = month_now()
    limit = caller.max_chats if metric == "chats" else _NO_LIMIT
    fields = {"user": caller.id, "month": month, "metric": metric, "amount": amount, "limit": limit}
    if session.value(_USE, fields) is None:
        raise QuotaExhausted(metric, month_ends(month))


def usage(session: Session, caller: Caller) -> dict[str, Any]:
    """What the caller used this month, as GET /auth/me and the event usage.updated show it."""
    month = month_now()
    counted = text("SELECT metric, used FROM usage_counters WHERE user_id = CAST(:user AS uuid) AND month = :month")
    used = {row.metric: row.used for row in session.execute(counted, {"user": caller.id, "month": month})}
    resets_at = clock.to_wire(month_ends(month))
    return {
        "month": month,
        "chats": {"used": used.get("chats", 0), "limit": caller.max_chats, "resets_at": resets_at},
        "campaigns": {"used": used.get("campaigns", 0), "limit": None, "resets_at": resets_at},
    }
