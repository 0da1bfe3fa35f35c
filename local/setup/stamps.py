"""Remembers by content, not by date, what a step was done for: a branch switch or a fresh clone does nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(files: Iterable[Path], *facts: str) -> str:
    """One hash over the files' names and contents, and over facts such as a version. A missing file counts as such."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for file in sorted(files):
        content = file.read_bytes() if file.is_file() else b"\0missing"
        digest.update(f"\0{file}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def read(stamp: Path) -> str:
    try:
        return stamp.read_text()
    except OSError:
        return ""


def write(stamp: Path, value: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)
