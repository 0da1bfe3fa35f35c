"""Notices that source code changed, by looking at most twice a second and only when somebody asks."""

from __future__ import annotations

import os
import time
from pathlib import Path

LOOK_EVERY = 0.5
_SKIPPED = {"__pycache__", ".git", "node_modules", ".pytest_cache", ".mypy_cache"}


class Sources:
    """`version()` changes when a file under these directories is added, removed or written."""

    def __init__(self, roots: list[Path]) -> None:
        self.roots = sorted(set(roots))
        self._looked = 0.0
        self._version = 0

    def version(self) -> int:
        if time.monotonic() - self._looked >= LOOK_EVERY:
            self._version = hash(tuple(item for root in self.roots for item in _listing(str(root))))
            self._looked = time.monotonic()
        return self._version


def _listing(directory: str) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return found
    for entry in entries:
        if entry.name in _SKIPPED or entry.name.endswith(".pyc"):
            continue
        try:
            if entry.is_dir():
                found += _listing(entry.path)
            else:
                about = entry.stat()
                found.append((entry.path, about.st_mtime_ns, about.st_size))
        except FileNotFoundError:
            continue
    return sorted(found)
