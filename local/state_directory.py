"""The directory that a local cloud keeps its data in: held by one at a time, and forgotten on demand."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path
from typing import IO

from local.postgres import forget
from local.processes import NotAvailable


def hold(state: Path) -> IO[str]:
    """Until the returned file is closed, or its process ends, nobody else can have it."""
    state.mkdir(parents=True, exist_ok=True)
    lock = (state / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise NotAvailable(f"a local cloud is already running on {state}") from None
    return lock


def reset(state: Path) -> None:
    """Forgets everything: data, queues, secrets, logs. Not while a cloud runs on it."""
    if state.exists():
        with hold(state):
            forget(state)
            shutil.rmtree(state)
