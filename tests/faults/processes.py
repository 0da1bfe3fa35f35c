"""Finds the processes under a local cloud, so that a test can take one away."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.conftest import Cloud


def workers(cloud: Cloud, handler: str) -> list[int]:
    """Process ids of the function's execution environments under this very cloud."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if handler.encode() in words and int(parent) == cloud.process.pid:
            found.append(int(entry.name))
    return found


def kill(cloud: Cloud, handler: str, patience: float = 10) -> int:
    """SIGKILLs every environment of the function; returns how many there were."""
    until = time.monotonic() + patience
    while not (found := workers(cloud, handler)):
        assert time.monotonic() < until, f"no process of {handler} was ever there"
        time.sleep(0.01)
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return len(found)
