"""`python -m tests.faults.sim`: replays a seed with a trace, or runs many, or one of the other parts."""

from __future__ import annotations

import argparse
import sys

from tests.faults import sim
from tests.faults.results import Result


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.sim", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this one with a trace")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to run")
    parser.add_argument("--start", type=int, default=0, help="from which on")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--failures", action="store_true", help="part 3: the n-th call fails")
    parser.add_argument("--every", type=int, default=1, help="only each n-th call")
    parser.add_argument("--kills", action="store_true", help="part 3 also kills and freezes at each call")
    parser.add_argument("--ticks", type=int, help="part 9: eight schedulers, so many ticks")
    parser.add_argument("--backlog", type=int, help="part 11: so many queued jobs")
    given = parser.parse_args()
    if given.seed is not None:
        return _replay(given.seed)
    if given.failures:
        return _show(sim.run_failures(every=given.every, kills=given.kills, workers=given.workers))
    if given.ticks:
        return _show(sim.run_schedulers(ticks=given.ticks))
    if given.backlog:
        return _show(sim.run_backlog(given.backlog))
    return _show(sim.run(range(given.start, given.start + given.seeds), workers=given.workers))


def _replay(seed: int) -> int:
    from tests.faults.sim.seeds import replay

    last = ""
    for last in replay(seed):
        sys.stdout.write(f"{last}\n")
    return int(last != "clean")


def _show(result: Result) -> int:
    counts = f"lost={result.lost} doubled={result.doubled} stuck={result.stuck} seconds={result.seconds:.1f}"
    sys.stdout.write("\n".join([f"{result.test}: runs={result.runs} {counts}", *result.notes.split("; "), ""]))
    return int(not result.clean)


if __name__ == "__main__":
    sys.exit(main())
