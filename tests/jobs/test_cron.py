"""Schedules: how one is declared, the calendar, and what becomes of missed ticks. Clock changes have their own file."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest

from bai.jobs import Schedule
from bai.jobs.cron import due_ticks
from tests.conftest import ROOT
from tests.jobs.moments import at

MADRID = "Europe/Madrid"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


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
