"""A FIFO batch is handled in order or not at all: what follows a failure goes back with it. Knows no database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bai import telemetry


@contextmanager
def fifo_batch(records: Sequence[dict[str, Any]], failures: list[dict[str, str]]) -> Iterator[Iterator[dict[str, Any]]]:
    """Yields a FIFO batch's records until the block raises; the rest of the batch then goes back in order."""
    done = 0

    def walk() -> Iterator[dict[str, Any]]:
        nonlocal done
        for record in records:
            yield record
            done += 1

    try:
        yield walk()
    except Exception:
        telemetry.logger().exception("batch stopped; the rest goes back in order", done=done, of=len(records))
        failures += [{"itemIdentifier": record["messageId"]} for record in records[done:]]
