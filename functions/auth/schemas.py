"""Shapes of the auth endpoints; bounds are the API's."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

# Deliberately plain: one @, a dot in the domain, no spaces or control characters. A mail proves the rest.
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>\"(),:;\[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _email(value: str) -> str:
    value = value.strip()
    if len(value) > 254 or not _EMAIL.fullmatch(value):
        raise ValueError("this is not an e-mail address")
    return value


def _no_control(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must not hold control characters")
    return value


def _time_zone(value: str) -> str:
    if value not in available_timezones() or ("/" not in value and value != "UTC"):  # not localtime, Factory, EST5EDT
        raise ValueError("this is not an IANA time zone such as Europe/Madrid")
    return value


FullName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_no_control)
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RegisterIn(_Body):
    email: Annotated[str, Field(max_length=320), AfterValidator(_email)]
    password: Annotated[str, Field(min_length=10, max_length=128)]
    full_name: FullName
    language: Literal["es", "en"] = "es"


class ProfileIn(_Body):
    full_name: FullName | None = None
    language: Literal["es", "en"] | None = None
    time_zone: Annotated[str, Field(max_length=64), AfterValidator(_time_zone)] | None = None


class RefreshIn(_Body):
    refresh_token: Annotated[str, Field(min_length=20, max_length=200)]


class TokenOut(BaseModel):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - no password
    expires_in: int
    refresh_token: str


class EntitlementOut(BaseModel):
    feature: str
    allowed: bool
    required_plan: str


class QuotaOut(BaseModel):
    used: int
    limit: int | None
    resets_at: str


class UsageOut(BaseModel):
    month: str
    chats: QuotaOut
    campaigns: QuotaOut


class MeOut(BaseModel):
    id: str
    email: str
    full_name: str
    role: Literal["client", "admin"]
    plan_tier: Literal["MOTOR", "CEREBRO", "PARTNER"]
    subscription_status: Literal["active", "past_due", "canceled"]
    read_only: bool
    language: Literal["es", "en"]
    time_zone: str
    features: dict[str, Any]
    entitlements: list[EntitlementOut]
    usage: UsageOut
