"""When schedules fire and what they hand over."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from local.cloudformation import TemplateError
from local.schedules import Cron, every_seconds, payload
from local.shapes import Schedule
from tests.local.running import Running


@pytest.mark.parametrize(
    ("expression", "zone", "after", "due"),
    [
        ("cron(0 8 1 * ? *)", "UTC", "2026-11-23T10:00", "2026-12-01T08:00"),
        ("cron(0/15 * * * ? *)", "UTC", "2026-11-23T10:01", "2026-11-23T10:15"),
        ("cron(30 9 ? * MON-FRI *)", "Europe/Madrid", "2026-11-20T12:00", "2026-11-23T08:30"),
        ("cron(0 0 29 2 ? *)", "UTC", "2026-03-01T00:00", "2028-02-29T00:00"),
    ],
)
def test_a_cron_expression_fires_at_its_next_minute(expression: str, zone: str, after: str, due: str) -> None:
    found = Cron(expression, zone).next_after(datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize("expression", ["cron(0 8 L * ? *)", "cron(0 8 * *)", "every day", "cron(61 * * * ? *)"])
def test_an_expression_it_does_not_understand_is_refused(expression: str) -> None:
    with pytest.raises(TemplateError):
        Cron(expression)


def test_a_rate_is_an_interval() -> None:
    assert (every_seconds("rate(1 minute)"), every_seconds("rate(2 hours)"), every_seconds("rate(x)")) == (
        60,
        7200,
        None,
    )


def test_the_default_event_and_context_attributes_are_the_schedulers() -> None:
    plain = Schedule("F", "FTick", "rate(1 minute)", "UTC", None, 0)
    event = json.loads(payload(plain, 1_800_000_000))
    assert event["source"] == "aws.scheduler" and event["time"] == "2027-01-15T08:00:00Z" and event["detail"] == "{}"
    own = Schedule("F", "FTick", "rate(1 minute)", "UTC", '{"at": "<aws.scheduler.scheduled-time>"}', 0)
    assert json.loads(payload(own, 1_800_000_000)) == {"at": "2027-01-15T08:00:00Z"}


def test_a_schedule_fires_its_function_with_its_input(cloud: Running) -> None:
    until = time.monotonic() + 8
    while 'tick {"tick": true}' not in cloud.log("Ticking"):
        assert time.monotonic() < until
        time.sleep(0.1)
