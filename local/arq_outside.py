"""The outside world that both engines' jobs change: a file with one line for each thing that happened. It cannot be undone.

Counted afterwards, so what a table says is what happened and not what anybody's status claims.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "COMPARE_OUTSIDE"


def happened(what: str, tag: str) -> int:
    """Writes it down; returns how often it has happened for this tag, this time included."""
    file = Path(os.environ[VARIABLE])
    line = json.dumps({"what": what, "tag": tag, "at": time.time(), "pid": os.getpid()}) + "\n"
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
    return Outside(file).count(what, tag)


@dataclass(frozen=True)
class Outside:
    """The side of whoever counts."""

    file: Path

    def times(self, what: str, tag: str) -> list[float]:
        lines = [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []
        return [line["at"] for line in lines if line["what"] == what and line["tag"] == tag]

    def process_of(self, what: str, tag: str) -> int:
        """Who did it first."""
        for line in map(json.loads, self.file.read_text().splitlines()):
            if line["what"] == what and line["tag"] == tag:
                return int(line["pid"])
        raise LookupError(f"{what} of {tag} never happened")

    def count(self, what: str, tag: str) -> int:
        return len(self.times(what, tag))

    def wait_for(self, what: str, tag: str, number: int = 1, patience: float = 10.0) -> bool:
        """Until it has happened that often; False when it did not in time."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.count(what, tag) >= number:
                return True
            time.sleep(0.02)
        return False
