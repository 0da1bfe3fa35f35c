"""Schedules on the two days a year when a zone's clock is changed: as Debian's cron takes them, and as a wall clock shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bai.jobs import Schedule
from bai.jobs.cron import FRESH, due_ticks
from tests.jobs.moments import at

MADRID, NEW_YORK, LORD_HOWE = "Europe/Madrid", "America/New_York", "Australia/Lord_Howe"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def all_of(cron: str, zone: str, after: str, until: str) -> list[str]:
    """The ticks between two instants (UTC), as their zone's clock shows them."""
    ticks = due_ticks(Schedule(cron, zone, "all"), at(after), at(until), limit=1_000_000)
    return [f"{tick.astimezone(ZoneInfo(zone)):%d %H:%M %z}" for tick in ticks]


@pytest.mark.parametrize(
    ("zone", "after", "until", "cron", "due"),
    [
        # Spring: what does not exist is due right after the gap, once.
        (MADRID, "2026-03-28T12:00", "2026-03-30T12:00", "30 2 * * *", ["29 03:00 +0200", "30 02:30 +0200"]),
        (MADRID, "2026-03-29T00:00", "2026-03-29T12:00", "0,15,30 2 * * *", ["29 03:00 +0200"]),
        (MADRID, "2026-03-29T00:00", "2026-03-29T12:00", "0 2,3 * * *", ["29 03:00 +0200"]),
        (MADRID, "2026-03-29T00:00", "2026-03-29T12:00", "30 2,3 * * *", ["29 03:00 +0200", "29 03:30 +0200"]),
        (NEW_YORK, "2026-03-07T12:00", "2026-03-09T12:00", "30 2 * * *", ["08 03:00 -0400", "09 02:30 -0400"]),
        (LORD_HOWE, "2026-10-03T00:00", "2026-10-04T12:00", "15 2 * * *", ["04 02:30 +1100"]),
        ("America/Santiago", "2026-09-05T12:00", "2026-09-07T00:00", "0 0 * * *", ["06 01:00 -0300"]),
        ("Antarctica/Troll", "2026-03-28T12:00", "2026-03-29T12:00", "30 1,2 * * *", ["29 03:00 +0200"]),
        # A star follows the clock face, which never shows it.
        (MADRID, "2026-03-29T00:00", "2026-03-29T12:00", "*/30 2 * * *", []),
        (MADRID, "2026-03-28T23:59", "2026-03-29T02:00", "0 * * * *",
         ["29 01:00 +0100", "29 03:00 +0200", "29 04:00 +0200"]),
        (LORD_HOWE, "2026-10-03T14:00", "2026-10-03T17:00", "15 * * * *", ["04 01:15 +1030", "04 03:15 +1100"]),
        (LORD_HOWE, "2026-10-03T14:00", "2026-10-03T17:00", "*/10 3 * * *",
         ["04 03:00 +1100", "04 03:10 +1100", "04 03:20 +1100", "04 03:30 +1100", "04 03:40 +1100", "04 03:50 +1100"]),
        # Autumn: what exists twice is due the first time only.
        (MADRID, "2026-10-24T12:00", "2026-10-25T12:00", "30 2 * * *", ["25 02:30 +0200"]),
        (NEW_YORK, "2026-11-01T00:00", "2026-11-02T00:00", "30 1 * * *", ["01 01:30 -0400"]),
        (LORD_HOWE, "2026-04-04T00:00", "2026-04-05T00:00", "45 1 * * *", ["05 01:45 +1100"]),
        ("America/Havana", "2026-10-31T12:00", "2026-11-01T12:00", "0 0 * * *", ["01 00:00 -0400"]),
        # A star is due every time the clock shows it.
        (MADRID, "2026-10-24T23:59", "2026-10-25T02:00", "0 * * * *",
         ["25 02:00 +0200", "25 02:00 +0100", "25 03:00 +0100"]),
        (NEW_YORK, "2026-11-01T04:59", "2026-11-01T07:00", "30 * * * *", ["01 01:30 -0400", "01 01:30 -0500"]),
        (LORD_HOWE, "2026-04-04T14:00", "2026-04-04T16:00", "45 * * * *",
         ["05 01:45 +1100", "05 01:45 +1030"]),
        (LORD_HOWE, "2026-04-04T14:15", "2026-04-04T17:00", "*/20 3 * * *",
         ["05 03:00 +1030", "05 03:20 +1030"]),
    ],
)  # fmt: skip
def test_clock_changes_are_taken_as_debians_cron_takes_them(
    zone: str, after: str, until: str, cron: str, due: list[str]
) -> None:
    assert all_of(cron, zone, after, until) == due


def test_every_real_minute_of_a_day_that_changes_its_clock_is_a_tick_of_five_stars() -> None:
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)):
        start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(MADRID))
        end = start.replace(day=start.day + 1)
        ticks = due_ticks(Schedule("* * * * *", MADRID, "all"), start - MINUTE, end - MINUTE, limit=9_999)
        assert ticks == [start.astimezone(UTC) + n * MINUTE for n in range(hours * 60)]


def test_a_look_between_the_two_of_a_doubled_hour_gives_no_tick_again() -> None:
    schedule = Schedule("50 2 * * *", MADRID, "all")
    assert due_ticks(schedule, at("2026-10-25T01:20"), at("2026-10-25T03:00")) == []  # after 02:20 the second time
    assert due_ticks(schedule, at("2026-10-25T00:20"), at("2026-10-25T01:20")) == [at("2026-10-25T00:50")]


# What a clock on the wall shows, minute by minute; written apart from the code above, and slow.
FIELDS = {
    "minute": ["*", "*/10", "0", "15", "45", "0,30", "5-50/15", "59"],
    "hour": ["*", "*/2", "0", "1", "2", "3", "1,2", "2-3", "23"],
    "weekday": ["*", "0", "1-5"],
}
ZONES = [
    MADRID, NEW_YORK, LORD_HOWE, "America/Havana", "America/Santiago", "Antarctica/Troll", "Africa/Cairo", "Asia/Kolkata",
]  # fmt: skip


def matches(field: str, value: int) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        first, last = (0, 59) if span == "*" else (int(low), int(high or low))
        if first <= value <= last and (value - first) % int(step or 1) == 0:
            return True
    return False


def watch_the_clock(cron: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    minute, hour, _, _, weekday = cron.split()

    def named(wall: datetime) -> bool:
        return (
            matches(minute, wall.minute) and matches(hour, wall.hour) and matches(weekday, wall.isoweekday() % 7)
        )  # fmt: skip

    star = minute.startswith("*") or hour.startswith("*")
    now = (after - 6 * HOUR).replace(second=0, microsecond=0)
    shown = highest = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    due = []
    while (now := now + MINUTE) <= until:
        before, shown = shown, now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        skipped = [before + n * MINUTE for n in range(1, max((shown - before) // MINUTE, 1))]
        if named(shown) if star else (shown > highest and (named(shown) or any(map(named, skipped)))):
            due.append(now)
        highest = max(highest, shown)
    return [tick for tick in due if tick > after]


def clock_changes(zone: str) -> list[datetime]:
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + n * HOUR for n in range(365 * 24)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]] or hours[:1]


CHANGES = {zone: clock_changes(zone) for zone in ZONES}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_ticks_are_what_a_clock_on_the_wall_shows(data: st.DataObject) -> None:
    cron = "{} {} * * {}".format(*(data.draw(st.sampled_from(FIELDS[name])) for name in FIELDS))
    zone = data.draw(st.sampled_from(ZONES))
    change = data.draw(st.sampled_from(CHANGES[zone]))
    after = change + data.draw(st.integers(-12 * 3600, 4 * 3600)) * timedelta(seconds=1)
    until = after + data.draw(st.integers(0, 16 * 3600)) * timedelta(seconds=1)
    seen = watch_the_clock(cron, zone, after, until)
    assert due_ticks(Schedule(cron, zone, "all"), after, until, limit=9_999) == seen
    assert due_ticks(Schedule(cron, zone, "once"), after, until) == seen[-1:]
    assert due_ticks(Schedule(cron, zone, "skip"), after, until) == [tick for tick in seen if until - tick <= FRESH]
    # However the time is cut, nothing is lost or doubled.
    cut = after + (until - after) * data.draw(st.floats(0, 1))
    halves = [due_ticks(Schedule(cron, zone, "all"), *half, limit=9_999) for half in ((after, cut), (cut, until))]
    assert halves[0] + halves[1] == seen
