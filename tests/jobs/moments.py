"""Moments as tests write them."""

from datetime import UTC, datetime


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)
