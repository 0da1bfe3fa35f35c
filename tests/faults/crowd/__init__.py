"""Parts 4 to 8 and 10 of the proof: doubled messages, zombies, poison, lost messages, one key for many, no database."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.faults.kill.kinds import KINDS
from tests.faults.kill.world import World, world
from tests.faults.results import Result

PARTS = ("repeated", "zombie", "poison", "unsent", "unique", "away")
_FULL = 10  # from this n on each part takes every kind of job at every point; below, a sample for `make test`
Part = Callable[[], Counter[str]]


def run(folder: Path, n: int, outage_seconds: float, only: str = "") -> Iterator[Result]:
    """`n` scales the parts that repeat; the outage lasts as long as it is told to."""
    with world(folder) as here:
        for name in PARTS:
            if only in ("", name):
                for title, part in _parts(here, name, n, outage_seconds):
                    yield _timed(title, part)


def _parts(here: World, name: str, n: int, outage_seconds: float) -> Iterator[tuple[str, Part]]:
    from tests.faults.crowd import away, poison, repeated, unique, unsent, zombie

    match name:
        case "repeated":
            few = ("write", "keyed", "waiting"), ("plain", "waiting"), ("write", "probed", "family")
            kinds = few if n < _FULL else (tuple(KINDS),) * 3
            yield "each message twice in a batch", partial(repeated.twice, here, n, kinds[0])
            yield "each message five times", partial(repeated.five_times, here, n, kinds[1])
            yield "each message to ten workers at once", partial(repeated.ten_at_once, here, n, kinds[2])
        case "zombie":
            every = 1 if n >= _FULL else 3
            yield "zombies woken after their successor", partial(zombie.woken_late, here, n, every)
            yield "zombies woken beside their successor", partial(zombie.woken_early, here, n, every)
        case "poison":
            yield "poison among good messages, redriven", partial(poison.unreadable, here, n)
            yield "jobs that kill their workers", partial(poison.deadly, here, n)
        case "unsent":
            yield (
                "crash between commit and send",
                partial(unsent.each_send, here, n, tuple(KINDS) if n >= _FULL else ("keyed", "waiting", "family")),
            )
        case "unique":
            for on_conflict in ("return", "reject", "replace"):
                yield f"one key at once, {on_conflict}", partial(unique.one_key, here, n, on_conflict)
        case "away":
            for way in away.WAYS if n >= _FULL else away.WAYS[:1]:
                yield f"no database for {outage_seconds:g} s: {way}", partial(away.outage, here, way, outage_seconds)


def _timed(title: str, part: Part) -> Result:
    began = time.monotonic()
    found = part()
    named = ("runs", "lost", "doubled", "stuck")
    notes = "; ".join(f"{number} {what}" for what, number in found.items() if what not in named and number)
    seconds = time.monotonic() - began
    return Result(title, found["runs"], found["lost"], found["doubled"], found["stuck"], seconds, notes)
