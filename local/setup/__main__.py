"""`python3 -m local.setup FOR`: what `make FOR` needs. Done things are recognised in a blink; a failure says what to do."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Callable
from dataclasses import dataclass

from . import console, debian, pythons
from .steps import LOG, ROOT, Progress, StepFailed

MINISTACK = ROOT / ".venv-ministack"
SAM = ROOT / ".venv-sam"


@dataclass(frozen=True)
class Part:
    done: Callable[[], bool]
    make: Callable[[Progress], None]


PARTS = {
    "project": Part(pythons.project_ready, pythons.make_project),
    "ministack": Part(
        lambda: pythons.environment_ready(MINISTACK, "ministack"),
        lambda progress: pythons.make_environment(progress, MINISTACK, "ministack", "MiniStack"),
    ),
    "sam": Part(
        lambda: pythons.environment_ready(SAM, "sam"),
        lambda progress: pythons.make_environment(progress, SAM, "sam", "AWS SAM"),
    ),
    "pgbouncer": Part(
        lambda: debian.settled(debian.PGBOUNCER), lambda progress: debian.install(progress, debian.PGBOUNCER)
    ),
    "chromium": Part(
        lambda: debian.settled(debian.CHROMIUM), lambda progress: debian.install(progress, debian.CHROMIUM)
    ),
    "redis": Part(lambda: debian.settled(debian.REDIS), lambda progress: debian.install(progress, debian.REDIS)),
    "web-packages": Part(
        lambda: not console.exists() or console.packages_ready(),
        console.install_packages,
    ),
    "console": Part(lambda: not console.exists() or console.built(), console.build),
}
NEEDS = {
    "project": ["project"],
    "demo": ["project", "ministack", "pgbouncer"],
    "run": ["project", "ministack", "pgbouncer", "console"],
    "test": ["project", "ministack", "pgbouncer", "chromium", "console"],
    "bench": ["project", "ministack", "pgbouncer", "redis"],
    "check": ["project", "sam", "web-packages"],
    "web": ["project", "console"],
    "build": ["project", "sam"],
}
NEEDS["all"] = list(PARTS)


def set_up(goals: list[str], *, ask_again: bool) -> None:
    """Makes what is missing of the goals' parts, one process at a time."""
    wanted = [part for name, part in PARTS.items() if any(name in NEEDS[goal] for goal in goals)]
    if ask_again:
        for refusal in pythons.VENV.glob(".without-*"):
            refusal.unlink()
    if all(part.done() for part in wanted):
        return
    LOG.parent.mkdir(exist_ok=True)
    with (LOG.parent / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        progress = Progress()
        for part in wanted:
            if not part.done():
                part.make(progress)
        progress.finish()


def run(arguments: list[str]) -> int:
    goals = arguments or ["all"]
    if unknown := [goal for goal in goals if goal not in NEEDS]:
        print(f"Unknown goal {unknown[0]}; known are {', '.join(NEEDS)}.")
        return 2
    try:
        set_up(goals, ask_again="all" in goals)
    except StepFailed as failure:
        print(f"\nSetting up failed: {failure.reason}")
        if failure.advice:
            print(f"\n{failure.advice}")
        print(f"The whole output is in {LOG.relative_to(ROOT)}.")
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
