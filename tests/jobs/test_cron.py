"""Schedules: what is due when, across clock changes and after a pause, and each tick one job whoever asks."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from sqlalchemy import NullPool, create_engine, text

from bai import clock, db
from bai.jobs import JobType, Schedule, scheduler, types
from bai.jobs.cron import FRESH, due_ticks
from tests.conftest import ROOT, Pool
from tests.trial_jobs import declare, trial_type

MADRID, NEW_YORK, LORD_HOWE = "Europe/Madrid", "America/New_York", "Australia/Lord_Howe"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def all_of(cron: str, zone: str, after: str, until: str) -> list[str]:
    """The ticks between two instants (UTC), as their zone's clock shows them."""
    ticks = due_ticks(Schedule(cron, zone, "all"), at(after), at(until), limit=1_000_000)
    return [f"{tick.astimezone(ZoneInfo(zone)):%d %H:%M %z}" for tick in ticks]


# ---------------------------------------------------------------- declaring one
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"cron": "60 * * * *"}, "bad minute"),
        ({"cron": "* 24 * * *"}, "bad hour"),
        ({"cron": "* * 0 * *"}, "bad day-of-month"),
        ({"cron": "* * * 13 *"}, "bad month"),
        ({"cron": "* * * * 8"}, "bad day-of-week"),
        ({"cron": "*/0 * * * *"}, "bad minute"),
        ({"cron": "5-1 * * * *"}, "bad minute"),
        ({"cron": "¹ * * * *"}, "bad minute"),
        ({"cron": "* * * *"}, "five fields"),
        ({"cron": "0 * * * * *"}, "five fields"),
        ({"cron": "@daily"}, "five fields"),
        ({"cron": ""}, "five fields"),
        ({"cron": "0 0 31 4,6 *"}, "bad day-of-month"),
        ({"zone": "Europe"}, "'Europe' is no time zone"),
        ({"zone": "Europe/Atlantis"}, "'Europe/Atlantis' is no time zone"),
        ({"zone": "../etc/passwd"}, "is no time zone"),
        ({"zone": ""}, "is no time zone"),
        ({"missed": "twice"}, "skip, once, all, not 'twice'"),
    ],
)
def test_a_bad_declaration_says_what_is_wrong(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Schedule(**{"cron": "* * * * *", **fields})


def test_who_declares_no_schedule_does_not_load_cronsim() -> None:
    script = "import sys; sys.path.insert(0, 'layers/shared'); import bai.jobs; print('cronsim' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def test_every_declared_schedule_makes_a_job_that_its_type_accepts() -> None:
    scheduled = [job_type for job_type in types.all_types() if job_type.schedule is not None]
    assert scheduled
    for job_type in scheduled:
        job_type.write_payload(scheduler.scheduled_payload(job_type, clock.now()))


# ---------------------------------------------------------------- clock changes
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


# ---------------------------------------------------------------- the calendar
def test_leap_days_month_ends_and_weekdays() -> None:
    def days(cron: str, after: str, until: str) -> list[str]:
        ticks = due_ticks(Schedule(cron, missed="all"), at(after), at(until), limit=9_999)
        return [f"{tick:%Y-%m-%d}" for tick in ticks]

    assert days("0 0 29 2 *", "2026-01-01", "2041-01-01") == ["2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"]
    assert days("0 0 29 2 *", "2096-03-01", "2105-01-01") == ["2104-02-29"]  # 2100 has none
    assert days("0 0 31 * *", "2026-01-01", "2026-12-31T12:00") == [
        f"2026-{month:02}-31" for month in (1, 3, 5, 7, 8, 10, 12)
    ]
    assert days("0 0 L * *", "2028-01-01", "2028-05-01") == ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]
    assert days("0 0 * * MON#1", "2026-11-01", "2027-01-31") == ["2026-11-02", "2026-12-07", "2027-01-04"]
    # Debian's cron: two restricted fields are an OR, a star in one makes an AND.
    assert days("0 0 13 * FRI", "2026-11-01", "2026-11-14T12:00") == ["2026-11-06", "2026-11-13"]
    assert days("0 0 */13 * FRI", "2026-11-01", "2026-12-31") == ["2026-11-27"]


# ---------------------------------------------------------------- missed ticks
def test_skip_gives_only_what_is_not_older_than_five_minutes() -> None:
    schedule = Schedule("* * * * *", missed="skip")
    until = at("2026-11-23T10:00:30")
    assert due_ticks(schedule, until - 30 * DAY, until) == [at(f"2026-11-23T{t}") for t in ("09:56", "09:57", "09:58", "09:59", "10:00")]  # fmt: skip
    assert due_ticks(Schedule("0 * * * *", missed="skip"), at("2026-11-23T08:00"), at("2026-11-23T10:05")) == [at("2026-11-23T10:00")]  # fmt: skip
    assert due_ticks(Schedule("0 * * * *", missed="skip"), at("2026-11-23T08:00"), at("2026-11-23T10:05:01")) == []


def test_once_gives_the_newest_of_a_year_as_quickly_as_of_an_hour() -> None:
    until = at("2026-11-23T10:00:30")
    assert due_ticks(Schedule("* * * * *", MADRID), until - 365 * DAY, until) == [at("2026-11-23T10:00")]
    assert due_ticks(Schedule("0 0 1 1 *"), until - 3650 * DAY, until) == [at("2026-01-01")]
    assert due_ticks(Schedule("0 0 1 1 *"), at("2026-01-01"), until) == []


def test_all_gives_each_oldest_first_and_no_more_than_asked_for_at_a_time() -> None:
    schedule = Schedule("*/10 * * * *", missed="all")
    after, until = at("2026-11-01"), at("2026-11-23T10:00")
    seen: list[datetime] = []
    while ticks := due_ticks(schedule, seen[-1] if seen else after, until, limit=100):
        assert len(ticks) <= 100
        seen += ticks
    assert seen == [after + n * 10 * MINUTE for n in range(1, len(seen) + 1)] and seen[-1] == until


@pytest.mark.parametrize("missed", ["skip", "once", "all"])
def test_a_tick_on_the_edge_is_given_to_one_side_only(missed: Any) -> None:
    schedule = Schedule("0 * * * *", MADRID, missed)
    ten = at("2026-11-23T10:00")
    assert due_ticks(schedule, ten - MINUTE, ten) == [ten]
    assert due_ticks(schedule, ten, ten + MINUTE) == []
    assert due_ticks(schedule, ten, ten) == [] and due_ticks(schedule, ten + MINUTE, ten - MINUTE) == []
    assert due_ticks(schedule, ten - timedelta(microseconds=1), ten + timedelta(microseconds=1)) == [ten]


@pytest.mark.parametrize("seed", range(2))
def test_eight_schedulers_with_clocks_apart_give_each_tick_once(seed: int) -> None:
    """The pure part: whoever comes takes what is due by its own clock and moves the mark on, as `tick` does."""
    dice = random.Random(seed)
    schedule, mark, true = Schedule("*/2 * * * *", MADRID, "all"), at("2026-10-24T22:00"), at("2026-10-24T22:00")
    start, given_out = mark, []
    apart = [timedelta(seconds=dice.uniform(-20, 20)) for _ in range(8)]
    while true < at("2026-10-25T04:00"):
        true += timedelta(seconds=dice.expovariate(1 / 40))
        now = true + dice.choice(apart)
        ticks = due_ticks(schedule, mark, now, limit=3)
        given_out += ticks
        mark = ticks[-1] if ticks else mark
    assert given_out == [start + n * 2 * MINUTE for n in range(1, len(given_out) + 1)] and len(given_out) > 170


# ---------------------------------------------------------------- ticks become jobs
class Ticked(BaseModel):
    tick: datetime


def scheduled(cron: str = "* * * * *", zone: str = "UTC", missed: Any = "all", **options: Any) -> JobType:
    job_type = trial_type(schedule=Schedule(cron, zone, missed), **{"payload": Ticked, **options})
    declare(job_type)
    return job_type


def tick(job_type: JobType, now: datetime) -> int:
    with db.transaction() as session:
        return scheduler.tick(session, job_type, now)


def enqueued() -> list[Any]:
    with db.transaction() as session:
        return list(session.rows(text("SELECT * FROM jobs WHERE type = 'trial.test' ORDER BY created_at, id")))


def reached() -> datetime:
    with db.transaction() as session:
        return session.value(text("SELECT last_tick FROM job_schedules WHERE name = 'trial.test'"))  # type: ignore[no-any-return]


@contextmanager
def other_process() -> Iterator[db.Session]:
    """A transaction on a connection of its own; the messages it plans stay unsent, as if it died after COMMIT."""
    engine = create_engine("postgresql+onetrip://", creator=db._connect, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        session = db.Session(connection)
        yield session
        session.run_before_commit()


NOW = at("2026-11-23T10:00:20")


def test_a_new_schedule_has_missed_nothing_and_each_later_tick_becomes_a_hidden_job_of_nobody(database: Pool) -> None:
    job_type = scheduled()
    assert [tick(job_type, NOW), tick(job_type, NOW), tick(job_type, NOW + 30 * timedelta(seconds=1))] == [0, 0, 0]
    assert tick(job_type, NOW + MINUTE) == 1
    (job,) = enqueued()
    assert job["payload"] == {"tick": "2026-11-23T10:01:00Z"}
    assert (job["state"], job["user_id"], job["hidden"], job["queue"]) == ("queued", None, True, "content_planner")
    assert tick(job_type, NOW + MINUTE) == 0 and reached() == NOW + MINUTE


def test_a_payload_without_the_field_gets_no_tick(database: Pool) -> None:
    job_type = trial_type(schedule=Schedule("* * * * *"))
    declare(job_type)
    tick(job_type, NOW)
    assert tick(job_type, NOW + MINUTE) == 1 and enqueued()[0]["payload"] == {"a": 1}


def test_a_long_list_comes_in_parts_and_completely(database: Pool) -> None:
    job_type = scheduled()
    tick(job_type, NOW)
    assert [tick(job_type, NOW + 4 * HOUR) for _ in range(4)] == [100, 100, 40, 0]
    ticks = [job["payload"]["tick"] for job in enqueued()]
    assert len(set(ticks)) == 240 and ticks == sorted(ticks)


@pytest.mark.parametrize(("missed", "made_good"), [("skip", 5), ("once", 1), ("all", 60)])
def test_after_an_hour_without_a_sweeper_the_policy_decides(database: Pool, missed: str, made_good: int) -> None:
    job_type = scheduled(missed=missed)
    tick(job_type, NOW)
    assert [tick(job_type, NOW + HOUR), tick(job_type, NOW + HOUR), tick(job_type, NOW + HOUR + MINUTE)] == [
        made_good,
        0,
        1,
    ]


def test_a_scheduler_that_dies_before_commit_leaves_the_tick_to_the_next(database: Pool) -> None:
    job_type = scheduled()
    tick(job_type, NOW)
    with suppress(KeyboardInterrupt), db.transaction() as session:
        assert scheduler.tick(session, job_type, NOW + MINUTE) == 1
        raise KeyboardInterrupt
    assert enqueued() == []
    assert [tick(job_type, NOW + MINUTE), len(enqueued())] == [1, 1]


def test_who_finds_the_schedule_held_passes_by_at_once(database: Pool) -> None:
    job_type = scheduled()
    tick(job_type, NOW)
    with other_process() as session:
        assert scheduler.tick(session, job_type, NOW + MINUTE) == 1
        assert tick(job_type, NOW + MINUTE) == 0
    assert tick(job_type, NOW + MINUTE) == 0 and len(enqueued()) == 1


def test_a_new_expression_makes_good_nothing_of_the_idle_past(database: Pool) -> None:
    yearly = scheduled("0 0 1 1 *")
    for hours in (0, 1, 30, 60):
        assert tick(yearly, NOW + hours * HOUR) == 0
    assert reached() == NOW + 60 * HOUR
    assert tick(scheduled(), NOW + 60 * HOUR + MINUTE) == 1


def test_eight_schedulers_at_once_make_each_tick_one_job(database: Pool) -> None:
    job_type = scheduled("*/5 * * * *", MADRID)
    tick(job_type, NOW)
    made: Counter[str] = Counter()
    start = threading.Barrier(8)

    def run(name: str) -> None:
        dice = random.Random(name)
        start.wait()
        for minute in range(1, 61):
            with other_process() as session:
                made[name] += scheduler.tick(session, job_type, NOW + minute * MINUTE + dice.randint(0, 50) * timedelta(seconds=1))  # fmt: skip

    threads = [threading.Thread(target=run, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ticks = sorted(job["payload"]["tick"] for job in enqueued())
    assert ticks == [f"2026-11-23T{10 + n // 12}:{n % 12 * 5:02}:00Z" for n in range(1, len(ticks) + 1)]
    assert len(ticks) in (12, 13) and made.total() == len(ticks)
