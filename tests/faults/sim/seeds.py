"""Runs seeds, in several processes when asked, and adds up what they found."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.faults.results import Result
from tests.faults.sim.checks import check
from tests.faults.sim.database import database
from tests.faults.sim.found import Verdict
from tests.faults.sim.scenario import Scenario
from tests.faults.sim.seams import world
from tests.faults.sim.world import World

_EMPTY_AFTER = 60  # seeds; a table full of old rows makes every statement slower


@dataclass
class Tally:
    seeds: int = 0
    bad: dict[int, list[str]] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    calls: int = 0

    def add(self, seed: int, verdict: Verdict) -> None:
        self.lost += bool(verdict.lost)
        self.doubled += bool(verdict.doubled)
        self.stuck += bool(verdict.stuck)
        if not verdict.clean:
            self.bad[seed] = verdict.lines()


def play(made: World, seed: int) -> tuple[Scenario, Verdict]:
    """One seed from its beginning to its verdict."""
    made.begin(seed)
    scenario = Scenario(made, seed, random.Random(seed))
    scenario.prepare()
    scenario.run()
    verdict = check(scenario)
    if verdict.clean and scenario.go_on():
        verdict = check(scenario)
    return scenario, verdict


def play_all(seeds: Sequence[int]) -> Tally:
    """In this process, on a database of its own."""
    tally = Tally()
    with ExitStack() as stack:
        made = stack.enter_context(world(stack.enter_context(database())))
        for number, seed in enumerate(seeds):
            if number % _EMPTY_AFTER == 0:
                made.database.empty()
            verdict = play(made, seed)[1]
            tally.seeds += 1
            tally.calls += made.calls
            tally.struck.update(fault.partition(" ")[0] for fault in made.struck)
            tally.add(seed, verdict)
            if not verdict.clean:
                made.database.empty()
                for line in verdict.lines():
                    print(f"seed {seed}: {line}", file=sys.__stderr__, flush=True)
    return tally


def run(seeds: range, *, workers: int = 2) -> Result:
    """Part 2 of the proof: every seed of the range."""
    start = time.monotonic()
    shares = [seeds[n::workers] for n in range(workers)]
    if workers == 1:
        tallies = [play_all(shares[0])]
    else:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            tallies = pool.map(play_all, shares)
    bad = dict(pair for tally in tallies for pair in tally.bad.items())
    struck: Counter[str] = sum((tally.struck for tally in tallies), Counter())
    notes = ", ".join(f"{number} {name}" for name, number in struck.most_common())
    if bad:
        notes = f"replay with python -m tests.faults.sim --seed {min(bad)}; {len(bad)} seeds: {sorted(bad)[:20]}"
    return Result(
        "simulator",
        runs=sum(tally.seeds for tally in tallies),
        lost=sum(tally.lost for tally in tallies),
        doubled=sum(tally.doubled for tally in tallies),
        stuck=sum(tally.stuck for tally in tallies),
        seconds=time.monotonic() - start,
        notes=notes,
    )


def replay(seed: int) -> list[str]:
    """One seed with all that happened in it, line by line."""
    with ExitStack() as stack:
        made = stack.enter_context(world(stack.enter_context(database())))
        made.trace = []
        scenario, verdict = play(made, seed)
    asked = [
        f"asked for {wish.kind} {wish.order} {wish.options}: {wish.job_id}, acknowledged={wish.acknowledged}"
        for wish in scenario.wishes
    ]
    struck = [f"struck: {line}" for line in made.struck]
    return [*made.trace, "", *asked, *struck, *(verdict.lines() or ["clean"])]
