"""What a seed asks for: jobs of mixed kinds, how they behave by themselves, and which calls fail. Draws, and does nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from bai.jobs.keys import Unique
from tests.faults.sim import kinds

_MODES = ("keyed", "probe", "at_most_once", "at_least_once")
_FAULTS = ("kill-before", "kill-after", "error-before", "error-after", "refuse", "freeze")
_FAULT_WEIGHTS = (5, 5, 2, 2, 1, 5)
_KINDS = {
    "write": 4,
    "steps": 4,
    "paid": 2,
    "callback": 3,
    "family": 2,
    "flaky": 2,
    "refused": 1,
    "limited": 3,
    "rated": 1,
    "large": 1,
}
_PARTS = ("write", "write", "part", "part", "part", "refused", "flaky", "callback", "paid", "large")


@dataclass
class Wish:
    """What an owner wants of one job, and what came of it."""

    kind: str
    user: str
    order: kinds.Order
    options: dict[str, Any] = field(default_factory=dict)
    job_id: str | None = None
    acknowledged: bool = False
    cancels: bool = False
    asked: int = 0


def draw_wishes(rng: random.Random, users: list[str]) -> list[Wish]:
    several = rng.choices((1, 2, 3, 4), (5, 5, 2, 1))[0]
    same = rng.random() < 0.25
    first = _draw_kind(rng)
    wishes = [_draw_wish(rng, users, first if same else _draw_kind(rng), number) for number in range(several)]
    if rng.random() < 0.12:
        _make_unique(rng, wishes)
    return wishes


def _draw_kind(rng: random.Random) -> str:
    return rng.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]


def _draw_wish(rng: random.Random, users: list[str], kind: str, number: int) -> Wish:
    order = kinds.Order(number=number)
    options: dict[str, Any] = {}
    if kind == "steps":
        order.modes = [rng.choice(_MODES) for _ in range(rng.choice((1, 2, 2, 3)))]
    if kind in ("flaky", "write", "callback") and rng.random() < (0.9 if kind == "flaky" else 0.15):
        order.failures = [rng.choice(("unavailable", "error", "retry")) for _ in range(rng.choice((1, 2)))]
    if kind == "family":
        order.parts = [rng.choice(_PARTS) for _ in range(rng.choice((1, 2, 2, 3)))]
    if kind == "paid":
        order.seconds = rng.choice((0, 0, 20, 50))
    if rng.random() < 0.1:
        options["not_before"] = timedelta(seconds=rng.choice((5, 200, 2_000)))
    if rng.random() < 0.06:
        options["deadline"] = timedelta(seconds=rng.choice((1, 40, 100)))
    return Wish(kind, rng.choice(users), order, options, cancels=rng.random() < 0.2)


def _make_unique(rng: random.Random, wishes: list[Wish]) -> None:
    """All of one kind, one user and one key."""
    first = wishes[0]
    held: tuple[Literal["finished", "running", "ttl"], ...] = ("finished", "running", "ttl")
    until = rng.choice(held)
    unique = Unique(
        "the one",
        until=until,
        on_conflict=rng.choice(("return", "replace", "reject")),
        ttl=timedelta(seconds=30) if until == "ttl" else None,
    )
    for wish in wishes:
        wish.kind, wish.user, wish.order = first.kind, first.user, first.order
        wish.options = {"unique": unique}


def draw_faults(rng: random.Random, span: int, number: int) -> dict[tuple[str, int], str]:
    """Half of them anywhere within so many calls, half at the first few calls of one kind: those are the rarer ones."""
    drawn = {}
    for _ in range(number):
        kind = rng.choices(("", "http", "commit", "sqs"), (6, 3, 2, 1))[0]
        place = rng.randrange(span) if not kind else rng.randrange(span // 25 if kind == "http" else span // 8)
        drawn[kind, place] = rng.choices(_FAULTS, _FAULT_WEIGHTS)[0]
    return drawn
