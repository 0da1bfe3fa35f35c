"""Part 3 of the proof: one job of each kind, again and again, and each time the next one of all its calls fails.

Every statement, COMMIT, message, request and post is counted in a clean run; then the first fails, then the second, to the
last: before it took effect, after it did, or (in the database) refused. One failed call may cost time, never the job.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from bai.jobs.keys import Unique
from tests.faults.results import Result
from tests.faults.sim.checks import check
from tests.faults.sim.database import database
from tests.faults.sim.found import Verdict
from tests.faults.sim.kinds import Order
from tests.faults.sim.scenario import Scenario
from tests.faults.sim.seams import world
from tests.faults.sim.wishes import Wish
from tests.faults.sim.world import World

VARIANTS = ("error-before", "error-after", "refuse")
KILLS = ("kill-before", "kill-after", "freeze")


@dataclass(frozen=True)
class Case:
    """What is asked for, how it may end after one failed call, and what its owner does meanwhile."""

    name: str
    wishes: tuple[tuple[str, Order, dict[str, Any]], ...]
    ends: tuple[str, ...] = ("succeeded",)
    cancels_after: float | None = None
    retries: bool = False


def _one(name: str, kind: str, order: Order | None = None, **options: Any) -> Case:
    ends = options.pop("ends", ("succeeded",))
    more = {key: options.pop(key) for key in ("cancels_after", "retries") if key in options}
    return Case(name, ((kind, order or Order(), options),), ends, **more)


_REPLACED = ("succeeded", "cancelled")
CASES = (
    _one("one transaction", "write"),
    Case("a batch in one transaction", tuple(("write", Order(number=n), {}) for n in range(3))),
    _one("three keyed effects", "steps", Order(modes=["keyed"] * 3)),
    _one("three probed effects", "steps", Order(modes=["probe"] * 3)),
    _one("three at most once", "steps", Order(modes=["at_most_once"] * 3), ends=("succeeded", "failed")),
    _one("three at least once", "steps", Order(modes=["at_least_once"] * 3)),
    _one("paid steps", "paid"),
    _one("waits for a callback", "callback"),
    _one("a family of three", "family", Order(parts=["write", "part", "part"])),
    _one("a family that waits", "family", Order(parts=["callback", "large"])),
    _one("fails twice by itself", "flaky", Order(failures=["unavailable", "error"])),
    _one("scheduled", "write", not_before=timedelta(minutes=20)),
    Case(
        "one key, replaced",
        tuple(("part", Order(), {"unique": Unique("k", on_conflict="replace")}) for _ in range(2)),
        _REPLACED,
    ),
    Case("one at a time", tuple(("limited", Order(number=n), {}) for n in range(2))),
    Case("one in thirty seconds", tuple(("rated", Order(number=n), {}) for n in range(2))),
    _one("a large result", "large"),
    _one("cancelled while it runs", "steps", Order(modes=["keyed"] * 3), ends=_REPLACED, cancels_after=0.02),
    _one("refused and tried again", "refused", ends=("succeeded", "failed"), retries=True),
)


def play(made: World, case: Case, number: int, plan: Callable[[int, str, str], str | None]) -> Verdict:
    made.begin(number)
    scenario = Scenario(made, number, random.Random(number), callbacks=("once",))
    user = scenario.add_user(listens=True)
    scenario.sweep_at = made.clock.time() + 30
    made.plan, made.pace = plan, lambda kind: 80.0 if kind == "freeze" else 0.01
    for kind, order, options in case.wishes:
        wish = Wish(kind, user, order, options)
        scenario.wishes.append(wish)
        scenario.later(2, partial(scenario.ask, wish))  # its screen is open by then
        if case.cancels_after is not None:
            scenario.later(2 + case.cancels_after, partial(_cancel, scenario, wish))
    scenario.calm()
    if case.retries:
        for wish in scenario.wishes:
            if wish.job_id is not None:
                scenario.retry(wish.job_id)
        scenario.calm()
    verdict = check(scenario)
    for wish in scenario.wishes:
        if not wish.acknowledged:
            verdict.stuck.append(f"{wish.kind} could not be enqueued in {wish.asked} tries")
    users = f"user_id = '{user}'"
    for state, error in made.database.query(
        f"SELECT state, error->>'code' FROM jobs WHERE {users} AND parent_id IS NULL"
    ):
        if state not in case.ends or (state == "failed" and error not in ("effect_unknown", "generation_failed")):
            verdict.lost.append(f"it ended {state} ({error})")
    return verdict


def _cancel(scenario: Scenario, wish: Wish) -> None:
    if wish.job_id is not None:
        scenario.cancel(wish.job_id)


def _strike(number: int, variant: str) -> Callable[[int, str, str], str | None]:
    return lambda call, kind, label: variant if call == number and _makes_sense(kind, variant) else None


def _makes_sense(kind: str, variant: str) -> bool:
    """Only the database refuses in a third way."""
    return variant != "refuse" or kind == "database"


@dataclass
class _Found:
    runs: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)

    def add(self, where: str, verdict: Verdict) -> None:
        self.runs += 1
        self.lost += bool(verdict.lost)
        self.doubled += bool(verdict.doubled)
        self.stuck += bool(verdict.stuck)
        self.bad += [f"{where}: {line}" for line in verdict.lines()]


def _run_cases(share: tuple[int, int, int, bool]) -> _Found:
    """Every `of`-th case from `first` on, in this process."""
    first, of, every, kills = share
    found, played = _Found(), 0
    with ExitStack() as stack:
        made = stack.enter_context(world(stack.enter_context(database())))
        for offset in range(first, len(CASES), of):
            case = CASES[offset]
            played += 1
            verdict = play(made, case, played, lambda call, kind, label: found.calls.update((kind,)))
            total = made.calls
            found.add(f"{case.name}, nothing fails", verdict)
            for variant in (*VARIANTS, *(KILLS if kills else ())):
                for number in range(offset % every, total, every):
                    played += 1
                    verdict = play(made, case, played, _strike(number, variant))
                    if made.struck:
                        found.add(f"{case.name}, {made.struck[0]}", verdict)
                    if played % 100 == 0 or not verdict.clean:
                        made.database.empty()
    return found


def run_failures(*, every: int = 1, kills: bool = False, workers: int = 2) -> Result:
    """`every`: only each n-th call, for a small size; `kills`: processes also die there, or freeze until they lost their lease."""
    start = time.monotonic()
    shares = [(first, workers, every, kills) for first in range(workers)]
    if workers == 1:
        found = [_run_cases(shares[0])]
    else:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            found = pool.map(_run_cases, shares)
    calls: Counter[str] = sum((one.calls for one in found), Counter())
    bad = [line for one in found for line in one.bad]
    notes = f"{len(CASES)} kinds of jobs; " + ", ".join(f"{number} {kind}" for kind, number in calls.most_common())
    return Result(
        "fail the n-th call",
        runs=sum(one.runs for one in found),
        lost=sum(one.lost for one in found),
        doubled=sum(one.doubled for one in found),
        stuck=sum(one.stuck for one in found),
        seconds=time.monotonic() - start,
        notes="; ".join(bad[:40]) if bad else notes,
    )
