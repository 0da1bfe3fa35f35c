"""STUB until the cron work lands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    cron: str
    zone: str = "UTC"
    missed: str = "once"
