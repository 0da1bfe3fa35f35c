"""The shapes between the planner and whoever writes for it, and the five slots of a month.

Every writer (template, text model, n8n) takes a Brief and a Slot and returns a PieceDraft; nothing here knows which.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from content_planner.platform_rules import PLATFORMS, normalize_hashtag

Kind = Literal["post", "reel"]
Language = Literal["es", "en"]

POSTS = 4
REELS = 1
PIECES = POSTS + REELS
LEAD_TIME = timedelta(hours=1)
DAYTIME = range(9, 21)


def _known_platform(value: object) -> object:
    if not isinstance(value, str):
        return value
    platform_id = value.strip().lower()
    if platform_id not in PLATFORMS:
        raise ValueError(f"unknown platform; one of {', '.join(PLATFORMS)}")
    return platform_id


def _whole_seconds(value: object) -> object:
    # Text models and workflows like 2.5; a shot list is in whole seconds.
    return math.ceil(value) if isinstance(value, float) and math.isfinite(value) else value


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without its zone")
    return value.astimezone(UTC)


PlatformId = Annotated[str, BeforeValidator(_known_platform)]
Theme = Annotated[str, Field(min_length=1, max_length=120)]
# Bounded before it is normalised: NFC may lengthen a string.
Hashtag = Annotated[str, Field(max_length=100), AfterValidator(normalize_hashtag), Field(min_length=2, max_length=100)]

# Escaped for a queue, emoji take three times their UTF-8; an event with the piece has to fit into one socket message.
MAX_PIECE_BYTES = 30_000


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Brief(_Shape):
    campaign_id: str = Field(min_length=1, max_length=64)
    month: str = Field(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$")
    tone_of_voice: str = Field(min_length=1, max_length=100)
    themes: list[Theme] = Field(min_length=1, max_length=10)
    target_platforms: Annotated[list[PlatformId], Field(min_length=1, max_length=5), AfterValidator(_distinct)]
    language: Language = "es"
    campaign_metadata: dict[str, Any] = Field(default_factory=dict)


class Shot(_Shape):
    seconds: Annotated[int, BeforeValidator(_whole_seconds), Field(ge=1, le=180)]
    visual: str = Field(min_length=1, max_length=500)
    voice: str = Field(default="", max_length=500)


class Script(_Shape):
    hook: str = Field(min_length=1, max_length=300)
    shots: list[Shot] = Field(min_length=1, max_length=12)
    caption: str = Field(min_length=1, max_length=5000)


class PieceDraft(_Shape):
    kind: Kind
    platform: PlatformId
    text: str = Field(min_length=1, max_length=5000)
    hashtags: list[Hashtag] = Field(default_factory=list, max_length=30)
    media_brief: str = Field(default="", max_length=1000)
    script: Script | None = None

    @model_validator(mode="after")
    def _script_belongs_to_reels(self) -> Self:
        if (self.kind == "reel") != (self.script is not None):
            raise ValueError("a reel has a script and a post has none")
        if len(self.model_dump_json().encode()) > MAX_PIECE_BYTES:
            raise ValueError(f"a piece has at most {MAX_PIECE_BYTES} bytes in all")
        return self


class Slot(_Shape):
    position: int = Field(ge=1, le=PIECES)
    kind: Kind
    platform: PlatformId
    theme: Theme
    scheduled_for: Annotated[datetime, AfterValidator(_utc)]


def plan_slots(brief: Brief, time_zone: str = "UTC", *, now: datetime | None = None) -> list[Slot]:
    """Four posts and a reel (position 5), in order of time, at good hours of the client's zone.

    The same arguments give the same slots. With `now`, nothing is planned before it, not even when the month is over.
    Raises ValueError for a zone that does not exist.
    """
    platforms = _share_platforms(brief.target_platforms)
    times = _plan_times(brief.month, platforms, time_zone, now)
    return [
        Slot(
            position=index + 1,
            kind="post" if index < POSTS else "reel",
            platform=platforms[index],
            theme=brief.themes[index % len(brief.themes)],
            scheduled_for=times[index],
        )
        for index in range(PIECES)
    ]


def _share_platforms(targets: list[str]) -> list[str]:
    """The reel goes where video does best; the posts take turns, that platform last: five targets are all used."""
    best = min(targets, key=lambda target: PLATFORMS[target].video_rank)
    order = [target for target in targets if target != best] + [best]
    return [order[index % len(order)] for index in range(POSTS)] + [best]


def _plan_times(month: str, platforms: list[str], time_zone: str, now: datetime | None) -> list[datetime]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - only planning needs zone data

    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {time_zone[:60]}") from error
    first = date.fromisoformat(f"{month}-01")
    after_last = (first + timedelta(days=31)).replace(day=1)
    earliest = now.astimezone(UTC) + LEAD_TIME if now else None
    start = max(first, earliest.astimezone(zone).date()) if earliest else first
    days = [start + timedelta(days=n) for n in range((after_last - start).days)]
    times: list[datetime] = []
    for index, platform_id in enumerate(platforms):
        part = days[len(days) * index // PIECES : len(days) * (index + 1) // PIECES]
        after = times[-1] if times else earliest
        found = next((t for t in _good_times(part, platform_id, zone) if after is None or t > after), None)
        if found is None:
            return _any_times(days, earliest, zone)
        times.append(found)
    return times


def _good_times(days: list[date], platform_id: str, zone: Any) -> list[datetime]:
    """Each day and hour of the part, the platform's better weekdays and the middle of the part first."""
    platform = PLATFORMS[platform_id]
    middle = (len(days) - 1) / 2
    order = sorted(
        range(len(days)), key=lambda n: (days[n].weekday() not in platform.posting_weekdays, abs(n - middle), n)
    )
    return [
        datetime(days[n].year, days[n].month, days[n].day, hour, tzinfo=zone).astimezone(UTC)
        for n in order
        for hour in platform.posting_hours
    ]


def _any_times(days: list[date], earliest: datetime | None, zone: Any) -> list[datetime]:
    """Too little of the month is left for good hours: even steps through what remains of its daytime, else hourly."""
    start = earliest or datetime(days[0].year, days[0].month, days[0].day, tzinfo=UTC)
    daytime = [
        moment
        for day in days
        for hour in DAYTIME
        if (moment := datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)) > start
    ]
    if len(daytime) >= PIECES:
        return [daytime[len(daytime) * index // PIECES] for index in range(PIECES)]
    next_hour = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return [next_hour + timedelta(hours=index) for index in range(PIECES)]
