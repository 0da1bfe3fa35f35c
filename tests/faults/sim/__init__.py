"""A seeded simulator of everything around the real job engine: the same seed, the same faults, the same end.

`python -m tests.faults.sim --seed N` replays one seed with a trace. What it can't show: two transactions that wait for each
other (one connection serves all; the tests with real processes do that), and a request that is still on its way when its
sender is long gone: no callee without a key is safe from that.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.results import Result

_ROOT = Path(__file__).parents[3]
sys.path[:0] = [
    path for folder in ("functions", "layers/shared", "migrations") if (path := str(_ROOT / folder)) not in sys.path
]


def run(seeds: range, *, workers: int = 2) -> Result:
    """Part 2: every seed of the range, in so many processes."""
    from tests.faults.sim import seeds as played

    return played.run(seeds, workers=workers)


def run_failures(*, every: int = 1, kills: bool = False, workers: int = 2) -> Result:
    """Part 3: the n-th call fails, for each n (or each `every`-th) and each kind of job; with `kills` processes die there too."""
    from tests.faults.sim import failures

    return failures.run_failures(every=every, kills=kills, workers=workers)


def run_schedulers(schedulers: int = 8, ticks: int = 10_000) -> Result:
    """Part 9."""
    from tests.faults.sim import schedulers as asked

    return asked.run_schedulers(schedulers, ticks)


def run_backlog(jobs: int = 100_000) -> Result:
    """Part 11."""
    from tests.faults.sim import backlog

    return backlog.run_backlog(jobs)
