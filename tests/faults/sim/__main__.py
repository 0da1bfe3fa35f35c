"""`python -m tests.faults.sim`: replays a seed with a trace, or runs many, or one of the other parts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / folder) for folder in ("functions", "layers/shared", "migrations")]


from tests.faults.results import Result  # noqa: E402 - after the path


def main() -> int:
    from tests.faults.sim import seeds

    parser = argparse.ArgumentParser(prog="python -m tests.faults.sim", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this one with a trace")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to run")
    parser.add_argument("--start", type=int, default=0, help="from which on")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--failures", action="store_true", help="part 3 instead: the n-th call fails")
    parser.add_argument("--every", type=int, default=1, help="only each n-th call")
    given = parser.parse_args()
    if given.failures:
        from tests.faults.sim.failures import run_failures

        return _show(run_failures(every=given.every, kills=True))
    if given.seed is not None:
        last = ""
        for line in seeds.replay(given.seed):
            print(line, file=sys.__stdout__)
            last = line
        return int(last != "clean")
    return _show(seeds.run(range(given.start, given.start + given.seeds), workers=given.workers))


def _show(result: Result) -> int:
    print(
        f"{result.test}: runs={result.runs} lost={result.lost} doubled={result.doubled} stuck={result.stuck} seconds={result.seconds:.1f}"
    )
    print("\n".join(result.notes.split("; ")))
    return int(not result.clean)


if __name__ == "__main__":
    sys.exit(main())
