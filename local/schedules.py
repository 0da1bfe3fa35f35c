"""EventBridge Scheduler: rate() and cron() fire their function asynchronously, with the scheduler's input."""

from __future__ import annotations

import asyncio
import calendar
import json
import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from local.cloudformation import TemplateError
from local.functions import Functions
from local.shapes import ACCOUNT, REGION, Schedule

# In AWS the schedule was running long before; here it fires once soon after the start, then at its rate.
FIRST_AFTER = 2.0
_UNITS = {"minute": 60, "minutes": 60, "hour": 3600, "hours": 3600, "day": 86400, "days": 86400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}


def every_seconds(expression: str) -> int | None:
    """The interval of rate(...), or None for another expression."""
    match = re.fullmatch(r"rate\((\d+) (minutes?|hours?|days?)\)", expression)
    if not match or int(match.group(1)) < 1:
        return None
    return int(match.group(1)) * _UNITS[match.group(2)]


class Cron:
    """cron(minutes hours day-of-month month day-of-week year), without L, W and #."""

    def __init__(self, expression: str, time_zone: str = "UTC") -> None:
        match = re.fullmatch(r"cron\(([^)]+)\)", expression)
        fields = match.group(1).split() if match else []
        if len(fields) != 6:
            raise TemplateError(f"schedule expression {expression!r} is not understood locally")
        self.zone = ZoneInfo(time_zone)
        self.minutes = _field(fields[0], 0, 59)
        self.hours = _field(fields[1], 0, 23)
        self.days = _field(fields[2], 1, 31)
        self.months = _field(fields[3], 1, 12, _MONTHS)
        self.weekdays = _field(fields[4], 1, 7, _DAYS)
        self.years = _field(fields[5], 1970, 2199)

    def next_after(self, moment: datetime) -> datetime:
        """The first whole minute after `moment` (UTC) that matches."""
        at = (moment.astimezone(self.zone) + timedelta(minutes=1)).replace(second=0, microsecond=0)
        for _ in range(366 * 5 + 2):
            if self._day_matches(at):
                while True:
                    if at.hour in self.hours and at.minute in self.minutes:
                        return at.astimezone(UTC)
                    later = at + timedelta(minutes=1)
                    if later.date() != at.date():
                        break
                    at = later
            at = (at + timedelta(days=1)).replace(hour=0, minute=0)
        raise TemplateError("the cron expression does not fire within five years")

    def _day_matches(self, at: datetime) -> bool:
        weekday = at.isoweekday() % 7 + 1
        return at.year in self.years and at.month in self.months and at.day in self.days and weekday in self.weekdays


def _field(text: str, low: int, high: int, names: dict[str, int] | None = None) -> set[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        else:
            start, _, end = span.partition("-")
            first = _number(start, names)
            last = _number(end, names) if end else (high if step else first)
        values.update(range(first, last + 1, int(step or 1)))
    if not values or min(values) < low or max(values) > high:
        raise TemplateError(f"cron field {text!r} is not understood locally")
    return values


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text.upper() in names:
        return names[text.upper()]
    try:
        return int(text)
    except ValueError:
        raise TemplateError(f"cron field {text!r} is not understood locally") from None


class Scheduler:
    def __init__(self, schedules: list[Schedule], functions: Functions) -> None:
        self.functions = functions
        self.schedules = schedules
        self.crons = {
            one.name: Cron(one.expression, one.time_zone) for one in schedules if every_seconds(one.expression) is None
        }
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self.tasks = [asyncio.create_task(self._run(schedule)) for schedule in self.schedules]

    def stop(self) -> None:
        for task in self.tasks:
            task.cancel()

    async def _run(self, schedule: Schedule) -> None:
        interval = every_seconds(schedule.expression)
        due = time.time() + FIRST_AFTER
        while True:
            if interval is None:
                due = self.crons[schedule.name].next_after(datetime.now(UTC)).timestamp()
            await asyncio.sleep(max(0.0, due - time.time()))
            self.functions.invoke_later(schedule.function, payload(schedule, due))
            due += interval or 0


def payload(schedule: Schedule, due: float) -> bytes:
    """The schedule's own Input with its context attributes filled in, else the scheduler's default event."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due))
    arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{schedule.name}"
    execution = str(uuid.uuid4())
    if schedule.input is not None:
        text = schedule.input
        for name, value in {"schedule-arn": arn, "scheduled-time": moment, "execution-id": execution}.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text.replace("<aws.scheduler.attempt-number>", "1").encode()
    event = {
        "version": "0",
        "id": execution,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": moment,
        "region": REGION,
        "resources": [arn],
        "detail": "{}",
    }
    return json.dumps(event).encode()
