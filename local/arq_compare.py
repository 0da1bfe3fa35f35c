"""`python -m local.arq_compare`: the same situations on real Arq and on our engine, side by side, as they were seen.

Real processes on both sides: Arq's workers with a Redis, ours with PostgreSQL behind PgBouncer and MiniStack's queues. Ports
and directories are its own and gone at the end. Times are shortened to seconds; where that matters, the text says so.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import shutil
import sys
import tempfile
import textwrap
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import arq_ground, postgres
from local.arq_seen import SITUATIONS, Seen
from local.processes import NotAvailable

_GAP = "  "


def compare(folder: Path, only: set[str]) -> tuple[dict[str, Seen], dict[str, Seen]]:
    """What Arq was seen to do, and what we were. Both at the same time: each mostly waits."""
    from local import arq_ours_acts, arq_theirs_acts  # noqa: PLC0415 - a second for nothing with --help

    arq_ground.find_redis()
    with ThreadPoolExecutor(1) as beside:
        theirs = beside.submit(arq_theirs_acts.run, folder, only)
        ours = arq_ours_acts.run(folder, only)
        return theirs.result(), ours


def table(theirs: Mapping[str, Seen], ours: Mapping[str, Seen], width: int, version: str) -> str:
    """Three columns, wrapped."""
    first = max(24, width // 5)
    other = (width - first - 2 * len(_GAP)) // 2
    rows = [("situation", f"Arq {version}", "ours")]
    rows += [(SITUATIONS[name], theirs[name].text, ours[name].text) for name in SITUATIONS if name in theirs]
    lines = []
    for row in rows:
        cells = [textwrap.wrap(text, wide) for text, wide in zip(row, (first, other, other), strict=True)]
        for n in range(max(map(len, cells))):
            parts = [
                (cell[n] if n < len(cell) else "").ljust(wide)
                for cell, wide in zip(cells, (first, other, other), strict=True)
            ]
            lines.append(_GAP.join(parts).rstrip())
        lines.append(_GAP.join("-" * wide for wide in (first, other, other)))
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.arq_compare", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SITUATIONS, metavar="SITUATION", help=", ".join(SITUATIONS))
    parser.add_argument("--width", type=int, default=shutil.get_terminal_size((150, 40)).columns)
    options = parser.parse_args()
    only = set(options.only or SITUATIONS)
    if "cron_missed" in only:
        only.add("cron")  # what was missed is missed after something
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="bai-compare-", dir="/var/tmp"))
    try:
        theirs, ours = compare(folder, only)
    except NotAvailable as missing:
        print(missing, file=sys.stderr)
        return 1
    finally:
        postgres.forget(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)
    print(table(theirs, ours, max(options.width, 90), importlib.metadata.version("arq")))
    print(f"{len(ours)} situations on real processes in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
