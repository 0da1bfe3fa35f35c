"""Programs of the distribution: PgBouncer for `make run`, Chromium for the browser tests, Redis to measure Arq. Any may be missing."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from . import stamps
from .pythons import VENV
from .steps import Progress, StepFailed

SEARCH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/sbin", "/usr/local/sbin", "/sbin"])
APT = ["apt-get", "-qy", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"]
FRESH_SECONDS = 3600


@dataclass(frozen=True)
class Program:
    package: str
    commands: tuple[str, ...]
    without: str


PGBOUNCER = Program("pgbouncer", ("pgbouncer",), "functions connect to PostgreSQL directly")
CHROMIUM = Program(
    "chromium",
    ("chromium", "chromium-browser", "google-chrome"),
    "browser tests need it: install it, or run `.venv/bin/playwright install chromium`",
)
REDIS = Program(
    "redis-server",
    ("redis-server",),
    "only `make bench ARGS=jobs` and `python -m local.arq_compare` need it: Arq lives in it",
)
# Packages that start a service of their own; here each program is started with our own settings when it is needed.
_SERVICES = {"pgbouncer": "pgbouncer", "redis-server": "redis-server"}


def available(program: Program) -> bool:
    return any(shutil.which(command, path=SEARCH) for command in program.commands)


def settled(program: Program) -> bool:
    """There, or known to be impossible here; `make setup` asks again."""
    return available(program) or _refusal(program).exists()


def install(progress: Progress, program: Program) -> None:
    """Installs the package where that is possible; says what is missing otherwise and goes on."""
    if available(program):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        _go_without(progress, program, "not installed, and this is not root with apt-get")
        return
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        with progress.step(f"{program.package} from the distribution"):
            if not _lists_are_fresh():
                progress.run([*APT, "update"], env=quiet)
            progress.run([*APT, "install", "--no-install-recommends", program.package], env=quiet)
            service = _SERVICES.get(program.package)
            if service and shutil.which("systemctl") and Path("/run/systemd/system").exists():
                progress.run(["systemctl", "disable", "--now", service])
    except StepFailed as failure:
        _go_without(progress, program, failure.reason.splitlines()[-1].strip())


def _go_without(progress: Progress, program: Program, why: str) -> None:
    progress.note(f"{program.package}: {why}. Going on without it ({program.without}).")
    stamps.write(_refusal(program), why)


def _refusal(program: Program) -> Path:
    return VENV / f".without-{program.package}"


def _lists_are_fresh() -> bool:
    lists = Path("/var/lib/apt/lists")
    newest = max((file.stat().st_mtime for file in lists.glob("*Packages*")), default=0.0)
    return time.time() - newest < FRESH_SECONDS
