"""When a schedule is due: cron expressions as a time zone's clock shows them, and what becomes of missed ticks.

The expression's calendar is cronsim's, the clock changes are ours (docs/decisions/0008-cron-by-cronsim.md): as Debian's
cron has it, a fixed time that a change skips is due right after the gap, one that comes twice is due the first time
only, and a schedule whose minute or hour is a star follows the clock face. Refuses to know jobs and the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal, get_args

Missed = Literal["skip", "once", "all"]

# A tick that is no older than this was not missed: the sweeper comes once a minute and may be late.
FRESH: Final = timedelta(minutes=5)
# Debian's cron treats changes of up to three hours as summer time; a longer one is a clock that was set anew.
_LONGEST_CHANGE: Final = timedelta(hours=3)
_MINUTE: Final = timedelta(minutes=1)
_NARROWEST: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Five cron fields on the clock of an IANA zone, and which of the ticks that nobody was there for are made good.

    skip: none older than five minutes; once: only the newest; all: each, oldest first. Raises ValueError.
    """

    cron: str
    zone: str = "UTC"
    missed: Missed = "once"

    def __post_init__(self) -> None:
        if self.missed not in get_args(Missed):
            raise ValueError(f"missed is one of {', '.join(get_args(Missed))}, not {self.missed!r}")
        _zone(self.zone)
        if len(self.cron.split()) != 5:
            raise ValueError(f"a schedule has five fields (minute hour day month weekday), not {self.cron!r}")
        if next(_walls(self.cron, datetime(2000, 1, 1)), None) is None:  # noqa: DTZ001 - a wall clock
            raise ValueError(f"the schedule {self.cron!r} is never due")


def due_ticks(schedule: Schedule, after: datetime, until: datetime, *, limit: int = 100) -> list[datetime]:
    """The instants (UTC) to make good, oldest first: later than `after`, up to `until`, by the schedule's policy.

    At most `limit`; only `all` can have more, and the rest comes when `after` is the last one given.
    """
    if schedule.missed == "skip":
        return _ticks(schedule, max(after, until - FRESH - timedelta(microseconds=1)), until)[-limit:]
    if schedule.missed == "once":
        return _newest(schedule, after, until)
    due: list[datetime] = []
    for start, end in _widening(after, until):
        due += _ticks(schedule, start, end)
        if len(due) >= limit:
            break
    return due[:limit]


def _newest(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """Looks back ever further, so that a year of missed minutes costs no more than one."""
    span, start = _NARROWEST, until
    while start > after:
        start = max(after, until - span)
        if found := _ticks(schedule, start, until):
            return found[-1:]
        span *= 4
    return []


def _widening(after: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Adjoining spans from `after` on, each twice as long, so that a long list is not made for its first hundred."""
    start, span = after, _NARROWEST
    while start < until:
        end = min(until, start + span)
        yield start, end
        start, span = end, span * 2


def _ticks(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """All ticks of a span, in order. A clock change puts wall times out of order by its own length, hence the margin."""
    zone = _zone(schedule.zone)
    margin = _LONGEST_CHANGE if _may_change(zone, after - _LONGEST_CHANGE, until + _LONGEST_CHANGE) else timedelta(0)
    last = until.astimezone(zone).replace(tzinfo=None) + margin
    minute, hour, *_ = schedule.cron.split()
    fixed = not (minute.startswith("*") or hour.startswith("*"))
    found: set[datetime] = set()
    for wall in _walls(schedule.cron, after.astimezone(zone).replace(tzinfo=None) - margin):
        if wall > last:
            break
        found.update(tick for tick in _instants(wall, zone, fixed=fixed) if after < tick <= until)
    return sorted(found)


def _instants(wall: datetime, zone: tzinfo, *, fixed: bool) -> list[datetime]:
    """When a schedule's wall time is due: once as a rule, at a clock change perhaps never, later or twice."""
    if zone is UTC:
        return [wall.replace(tzinfo=UTC)]
    if _exists(wall, zone):
        first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return [first] if fixed or first == second else [first, second]
    if not fixed:
        return []
    for _ in range(_LONGEST_CHANGE // _MINUTE):
        wall += _MINUTE
        if _exists(wall, zone):
            return [wall.replace(tzinfo=zone).astimezone(UTC)]
    return []


def _may_change(zone: tzinfo, start: datetime, end: datetime) -> bool:
    """Whether the clock may be changed in a span; no zone does it twice within two days."""
    return end - start > timedelta(days=2) or start.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset()


def _exists(wall: datetime, zone: tzinfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


def _walls(cron: str, after: datetime) -> Iterator[datetime]:
    """The wall times later than `after` that the expression names. Raises ValueError."""
    from cronsim import CronSim, CronSimError  # noqa: PLC0415 - only a module that has a schedule pays for it

    try:
        return CronSim(cron, after)
    except CronSimError as error:
        raise ValueError(f"{cron!r} is no cron expression: {str(error).lower()}") from error


def _zone(name: str) -> tzinfo:
    """Raises ValueError."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # a folder's name, such as "Europe", is an OSError
        raise ValueError(f"{name!r} is no time zone, such as Europe/Madrid") from error
