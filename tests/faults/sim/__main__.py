"""`python -m tests.faults.sim`: replays a seed with a trace, or runs many, or one of the other parts."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / folder) for folder in ("functions", "layers/shared", "migrations")]


def main() -> int:
    from tests.faults.sim import seeds

    parser = argparse.ArgumentParser(prog="python -m tests.faults.sim", description=__doc__)
    parser.add_argument("--seed", type=int, help="replay this one with a trace")
    parser.add_argument("--seeds", type=int, default=1000, help="how many to run")
    parser.add_argument("--start", type=int, default=0, help="from which on")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    if given.seed is not None:
        last = ""
        for line in seeds.replay(given.seed):
            print(line, file=sys.__stdout__)
            last = line
        return int(last != "clean")
    result = seeds.run(range(given.start, given.start + given.seeds), workers=given.workers)
    print(result)
    return int(not result.clean)


if __name__ == "__main__":
    sys.exit(main())
