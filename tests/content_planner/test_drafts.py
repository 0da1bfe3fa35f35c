from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from content_planner.drafts import Brief, PieceDraft, Script, Shot, Slot, plan_slots
from content_planner.platform_rules import PLATFORMS

ZONES = ["UTC", "Europe/Madrid", "America/Mexico_City", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu"]


def brief(**changes: Any) -> Brief:
    fields: dict[str, Any] = {
        "campaign_id": "c-1",
        "month": "2026-12",
        "tone_of_voice": "cercano",
        "themes": ["uno", "dos", "tres"],
        "target_platforms": ["instagram", "linkedin", "x"],
    }
    return Brief(**fields | changes)


briefs = st.builds(
    brief,
    campaign_id=st.uuids().map(str),
    month=st.builds("{}-{:02}".format, st.integers(2026, 2030), st.integers(1, 12)),
    themes=st.lists(st.text(min_size=1, max_size=120), min_size=1, max_size=10),
    target_platforms=st.lists(st.sampled_from(sorted(PLATFORMS)), min_size=1, max_size=5),
)


@given(briefs, st.sampled_from(ZONES))
def test_a_month_is_always_four_posts_and_one_reel_in_order_of_time_within_the_clients_month(
    brief: Brief, zone: str
) -> None:
    slots = plan_slots(brief, zone)
    assert [slot.position for slot in slots] == [1, 2, 3, 4, 5]
    assert sorted(slot.kind for slot in slots) == ["post", "post", "post", "post", "reel"]
    times = [slot.scheduled_for for slot in slots]
    assert times == sorted(set(times))
    for slot in slots:
        local = slot.scheduled_for.astimezone(ZoneInfo(zone))
        assert slot.scheduled_for.tzinfo is UTC
        assert f"{local:%Y-%m}" == brief.month
        assert local.weekday() in PLATFORMS[slot.platform].posting_weekdays
        assert local.hour in PLATFORMS[slot.platform].posting_hours


@given(briefs, st.sampled_from(ZONES), st.timedeltas(timedelta(days=-2), timedelta(days=33)))
def test_nothing_is_planned_in_the_past_and_never_two_at_once(brief: Brief, zone: str, into: timedelta) -> None:
    now = datetime.fromisoformat(f"{brief.month}-01T00:00:00+00:00") + into
    times = [slot.scheduled_for for slot in plan_slots(brief, zone, now=now)]
    assert min(times) > now
    assert times == sorted(set(times))


@given(briefs)
def test_the_same_brief_gives_the_same_slots(brief: Brief) -> None:
    assert plan_slots(brief, "Europe/Madrid") == plan_slots(brief, "Europe/Madrid")


def test_the_posts_are_spread_over_the_weeks_of_the_month() -> None:
    times = [slot.scheduled_for for slot in plan_slots(brief(), "Europe/Madrid")]
    gaps = [after - before for before, after in pairwise(times)]
    assert all(timedelta(days=3) < gap < timedelta(days=10) for gap in gaps)


def test_five_targets_are_all_used_and_the_reel_goes_where_video_does_best() -> None:
    targets = ["linkedin", "tiktok", "x", "instagram", "facebook"]
    slots = plan_slots(brief(target_platforms=targets))
    assert {slot.platform for slot in slots} == set(targets)
    assert next(slot.platform for slot in slots if slot.kind == "reel") == "tiktok"


def test_themes_take_turns() -> None:
    assert [slot.theme for slot in plan_slots(brief())] == ["uno", "dos", "tres", "uno", "dos"]


def test_a_month_begun_is_filled_with_what_is_left_at_good_hours() -> None:
    slots = plan_slots(brief(), "Europe/Madrid", now=datetime(2026, 12, 14, 9, tzinfo=UTC))
    assert all(slot.scheduled_for.month == 12 for slot in slots)
    assert all(
        slot.scheduled_for.astimezone(ZoneInfo("Europe/Madrid")).hour in PLATFORMS[slot.platform].posting_hours
        for slot in slots
    )


def test_the_last_days_of_a_month_are_used_by_day() -> None:
    slots = plan_slots(brief(), "Europe/Madrid", now=datetime(2026, 12, 30, 20, tzinfo=UTC))
    local = [slot.scheduled_for.astimezone(ZoneInfo("Europe/Madrid")) for slot in slots]
    assert all(f"{moment:%Y-%m-%d}" == "2026-12-31" and 9 <= moment.hour <= 20 for moment in local)


def test_a_month_already_over_is_planned_hour_by_hour_from_now() -> None:
    now = datetime(2027, 1, 1, 0, 30, tzinfo=UTC)
    times = [slot.scheduled_for for slot in plan_slots(brief(), now=now)]
    assert times[0] == datetime(2027, 1, 1, 2, tzinfo=UTC)
    assert times[4] - times[0] == timedelta(hours=4)


def test_an_unknown_time_zone_is_a_value_error() -> None:
    for zone in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(ValueError, match="time zone"):
            plan_slots(brief(), zone)


@pytest.mark.parametrize(
    "changes",
    [
        {"month": "2026-13"},
        {"month": "2026-1"},
        {"month": "2026-12\n"},
        {"themes": []},
        {"themes": ["a"] * 11},
        {"themes": [""]},
        {"themes": ["a" * 121]},
        {"target_platforms": []},
        {"target_platforms": ["myspace"]},
        {"target_platforms": ["x"] * 6},
        {"tone_of_voice": ""},
        {"tone_of_voice": "a" * 101},
        {"language": "fr"},
        {"campaign_id": ""},
    ],
)
def test_a_brief_outside_its_bounds_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        brief(**changes)


def test_platforms_are_read_in_any_case_and_once_each() -> None:
    assert brief(target_platforms=["Instagram", " X ", "x"]).target_platforms == ["instagram", "x"]


def test_a_reel_without_script_and_a_post_with_one_are_no_drafts() -> None:
    script = Script(hook="a", shots=[Shot(seconds=3, visual="b")], caption="c")
    PieceDraft(kind="reel", platform="x", text="a", script=script)
    with pytest.raises(ValidationError):
        PieceDraft(kind="reel", platform="x", text="a")
    with pytest.raises(ValidationError):
        PieceDraft(kind="post", platform="x", text="a", script=script)


def test_a_draft_outside_its_bounds_is_refused() -> None:
    good: dict[str, Any] = {"kind": "post", "platform": "x", "text": "a", "hashtags": ["b"], "media_brief": "c"}
    assert PieceDraft(**good).hashtags == ["#b"]
    for change in (
        {"text": ""},
        {"text": "a" * 5001},
        {"hashtags": ["a"] * 31},
        {"hashtags": ["a" * 101]},
        {"hashtags": ["a" * 100]},
        {"media_brief": "a" * 1001},
        {"kind": "story"},
    ):
        with pytest.raises(ValidationError):
            PieceDraft(**good | change)


def test_shots_are_one_to_twelve_of_whole_seconds() -> None:
    assert Shot.model_validate({"seconds": 2.2, "visual": "a"}).seconds == 3
    for seconds in (0, -1, 181, "x", float("inf"), float("nan")):
        with pytest.raises(ValidationError):
            Shot.model_validate({"seconds": seconds, "visual": "a"})
    for count in (0, 13):
        with pytest.raises(ValidationError):
            Script(hook="a", shots=[Shot(seconds=3, visual="b")] * count, caption="c")


def test_a_slot_is_kept_in_utc_and_refuses_a_time_without_zone() -> None:
    local = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Madrid"))
    slot = Slot(position=1, kind="post", platform="x", theme="a", scheduled_for=local)
    assert slot.scheduled_for.isoformat() == "2026-12-01T08:00:00+00:00"
    with pytest.raises(ValidationError):
        Slot(position=1, kind="post", platform="x", theme="a", scheduled_for=datetime(2026, 12, 1))  # noqa: DTZ001 - that is the point
