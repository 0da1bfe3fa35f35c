"""How the command line reads ages and JSON and prints tables. Knows no platform."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_AGE = re.compile(r"(\d{1,6})([smhd])")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def job_id(given: str) -> str:
    """Checked here, because it becomes a part of an address."""
    if not _ID.fullmatch(given.lower()):
        raise argparse.ArgumentTypeError(f"{given!r} is no job's id; `bai jobs list` shows them")
    return given.lower()


def moment(given: str) -> str:
    """An age such as 30m, 2h or 7d, or an ISO 8601 time (this machine's zone unless it says another), as the API takes it."""
    if age := _AGE.fullmatch(given):
        at = datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
    else:
        try:
            at = datetime.fromisoformat(given).astimezone(UTC)
        except (ValueError, OverflowError):
            raise argparse.ArgumentTypeError(f"{given!r} is neither an age such as 2h nor an ISO 8601 time") from None
    return at.isoformat()


def document(given: str) -> Any:
    """JSON as it stands, from a file (@path) or from stdin (-)."""
    try:
        if given == "-":
            return json.load(sys.stdin)
        return json.loads(Path(given[1:]).read_text() if given.startswith("@") else given)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{given[1:]} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise argparse.ArgumentTypeError(f"this is no JSON: {error}") from None


def print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(titles: Sequence[str], rows: Iterable[Sequence[Any]], *, indent: str = "") -> None:
    """Columns as wide as what is in them; the last one as long as it likes. Numbers stand to the right."""
    shown = [["" if cell is None else str(cell) for cell in row] for row in rows]
    held = [list(titles), *shown]
    widths = [max(len(row[place]) for row in held) for place in range(len(titles))]
    right = [bool(shown) and all(re.fullmatch(r"[\d.,]*", row[place]) for row in shown) for place in range(len(titles))]
    for row in held:
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        print((indent + "  ".join(cells)).rstrip())


def second(wire: str | None) -> str:
    """A moment to the second, as a person reads it."""
    return (wire or "")[:19].replace("T", " ")


def one_line(text: str, most: int = 100) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
