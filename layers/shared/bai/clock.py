"""The time of day in UTC and its one text form on the wire. Knows no time zone but UTC."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)


def to_wire(moment: datetime | None) -> str | None:
    """ISO 8601 with milliseconds and Z, as every answer and event carries it; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
