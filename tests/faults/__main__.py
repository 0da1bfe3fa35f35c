"""`make faults`: every part of the proof, a table, the statistics it allows, and as last line what was found in all.

Each part runs in a process of its own, so that one that breaks or hangs takes nothing with it; exit 1 if anything was
lost, doubled or stuck, or if a part did not run.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from local.processes import die_with_parent
from tests.faults.parts import PARTS, Size
from tests.faults.results import Result

ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_AFTER_INTERRUPT = 25
NOT_PROMISED = """\
What nobody can promise, and what happens instead:
  * A callee that neither drops a repeated key nor can be asked: between "the request went out" and "its answer is
    recorded" a dead worker leaves doubt. Mode at_least_once may then do it twice; mode at_most_once never repeats it
    and may end `unknown`: the job fails with effect_unknown, is listed, and goes on when a person says what happened.
  * A callee that can only be asked (mode probe): a worker that was frozen and wakes up with a successor finds its
    step's time-out due before it sends (measured in part 5, "before the call"); frozen within the system call that
    sends, it sends a second request. A key that the callee honours is the only cure there.
  * A request cut off by the outage may have been committed: its client gets 503 and asks again with the same
    Idempotency-Key, which gives the first one's answer."""


@dataclass
class Outcome:
    """What one part said, and why it did not run to its end if it did not."""

    name: str
    results: list[Result] = field(default_factory=list)
    failure: str = ""


def main() -> int:
    given = _arguments()
    names = given.only.split(",") if given.only else list(PARTS)
    if unknown := set(names) - set(PARTS):
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    size = Size(given.n, given.seeds, given.outage, given.workers)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` turns it off
    if given.part:
        return _work(given.part, size, Path(given.folder))
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    outcomes: list[Outcome] = []
    interrupted = False
    with _folder() as folder:
        try:
            for name in names:
                outcomes.append(Outcome(name))
                _run(outcomes[-1], size, folder / name)
        except KeyboardInterrupt:
            interrupted = True
            outcomes[-1].failure = "interrupted"
    return _report(outcomes, names, interrupted=interrupted)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--n", type=int, default=200, help="workers killed at each point for each kind of job")
    parser.add_argument("--seeds", type=int, default=30_000, help="seeds of the simulator")
    parser.add_argument("--outage", type=float, default=30, help="seconds that the database is away")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processes of the simulator")
    parser.add_argument("--only", default="", help=f"some of: {','.join(PARTS)}")
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bai-faults-"))
    folder.chmod(0o755)  # PostgreSQL refuses to be root and runs as another user
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---------------------------------------------------------------- a part in its own process
def _work(name: str, size: Size, folder: Path) -> int:
    """Runs the part and says each result on stdout as a JSON line; everything else that is printed goes to stderr."""
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    folder.mkdir(exist_ok=True)
    for result in PARTS[name].run(size, folder):
        fields = {key: getattr(result, key) for key in Result.__slots__}
        said.write(json.dumps(fields) + "\n")
    return 0


def _run(outcome: Outcome, size: Size, folder: Path) -> None:
    part = PARTS[outcome.name]
    print(f"\n{part.number:>3}. {outcome.name}: {part.what}", flush=True)
    began, log = time.monotonic(), folder.with_suffix(".log")
    command = [sys.executable, "-m", "tests.faults", "--part", outcome.name, "--folder", str(folder)]
    command += ["--n", str(size.n), "--seeds", str(size.seeds), "--outage", str(size.outage)]
    paths = os.pathsep.join(str(ROOT / place) for place in ("", "functions", "layers/shared", "migrations"))
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*command, "--workers", str(size.workers)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths, "LOG_LEVEL": "CRITICAL"},
            stdout=subprocess.PIPE,
            stderr=sink,
            start_new_session=True,  # an interrupt comes from here alone, once, so that its cleaning up is not cut short
            preexec_fn=die_with_parent,  # noqa: PLW1509 - it only calls prctl
        )
    try:
        ended = _listen(process, outcome, began + part.limit(size))
    finally:
        _end(process)
    if ended is None:
        outcome.failure = f"was not done after {part.limit(size):.0f} s"
    elif ended != 0 or not outcome.results:
        outcome.failure = _last_words(log) or f"ended with status {ended}"
    if outcome.failure:
        print(f"     DID NOT RUN to its end: {outcome.failure}", flush=True)


def _listen(process: subprocess.Popen[bytes], outcome: Outcome, until: float) -> int | None:
    """Takes down what the part says until it ends; None when it takes too long."""
    pipe: IO[bytes] | None = process.stdout
    assert pipe is not None
    while time.monotonic() < until:
        if not select.select([pipe], [], [], 1)[0]:
            continue
        line = pipe.readline()
        if not line:
            return process.wait(30)
        result = Result(**json.loads(line))
        outcome.results.append(result)
        print(f"     {_found(result)} in {result.seconds:.0f} s  {result.test}", flush=True)
        if result.notes:
            print(f"       {result.notes[:600]}", flush=True)
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Gently, so that it ends its own servers; what is left after that goes with it (PR_SET_PDEATHSIG)."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_PATIENCE_AFTER_INTERRUPT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    if lines:
        print("\n".join(f"     | {line}" for line in lines[-15:]), flush=True)
    return lines[-1][:300] if lines else ""


# ---------------------------------------------------------------- the table
def _found(result: Result) -> str:
    bad = f"lost={result.lost} doubled={result.doubled} stuck={result.stuck}"
    return f"{'ok ' if result.clean else 'BAD'} {result.runs:>8,} runs  {bad}"


def _report(outcomes: list[Outcome], names: list[str], *, interrupted: bool) -> int:
    results = [result for outcome in outcomes for result in outcome.results]
    width = max([len(result.test) for result in results] + [20])
    row = f"{{:<{width}}}  {{:>9}}  {{:>6}}  {{:>7}}  {{:>6}}  {{:>8}}  {{}}"
    print("\n" + row.format("test", "runs", "lost", "doubled", "stuck", "seconds", "true rate below (95 %)"))
    print("-" * (width + 70))
    for result in results:
        counts = (f"{result.runs:,}", result.lost, result.doubled, result.stuck, f"{result.seconds:.1f}")
        print(row.format(result.test, *counts, _bound(result.clean, result.runs)))
    total: dict[str, Any] = {
        what: sum(getattr(result, what) for result in results) for what in ("lost", "doubled", "stuck", "runs")
    }
    clean = not (total["lost"] or total["doubled"] or total["stuck"])
    print("-" * (width + 70))
    print(
        f"In all {_bound(clean, total['runs']) or 'no bound'}: nothing seen in n independent runs bounds a rate by 3/n."
    )
    print(f"\n{NOT_PROMISED}\n")
    missing = [f"{outcome.name} ({outcome.failure})" for outcome in outcomes if outcome.failure]
    missing += [f"{name} (not begun)" for name in names[len(outcomes) :]]
    if missing:
        print(f"DID NOT RUN: {'; '.join(missing)}")
    print("lost={lost} doubled={doubled} stuck={stuck} runs={runs}".format(**total), flush=True)
    return 130 if interrupted else int(bool(missing) or not clean or not total["runs"])


def _bound(clean: bool, runs: int) -> str:
    return f"3/{runs:,} = {3 / runs:.1e}" if clean and runs >= 30 else ""


if __name__ == "__main__":
    sys.exit(main())
