"""How a step shows itself: one calm line with its seconds, all output in the log, the last lines of it when something fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT / ".local" / "setup.log"
TAIL_LINES = 15
QUIET_SECONDS = 15


class StepFailed(Exception):
    """A step could not be done; `advice` is what a person can do about it."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


@dataclass
class Progress:
    """Prints steps and runs their commands. A line is `  · what ....... 3.1 s`."""

    log: Path = LOG
    _started: float = field(default_factory=time.monotonic)
    _printed: bool = False

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        self._header()
        self._write(f"  · {what} … ")
        try:
            yield
        except BaseException:
            self._write("failed\n")
            raise
        self._write(f"{time.monotonic() - begun:.1f} s\n")

    def note(self, text: str) -> None:
        self._header()
        self._write(f"  · {text}\n")

    def run(
        self, command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path = ROOT, advice: str = ""
    ) -> None:
        """Runs a command with its output in the log; raises StepFailed with the log's end."""
        self.log.parent.mkdir(exist_ok=True)
        shown = " ".join(str(part) for part in command)
        with self.log.open("ab") as log:
            log.write(f"\n$ {shown}\n".encode())
            log.flush()
            begin = log.tell()
            try:
                process = subprocess.Popen(
                    [str(part) for part in command],
                    cwd=cwd,
                    env={**os.environ, **(env or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            except OSError as error:
                raise StepFailed(f"{command[0]} could not be started: {error}", advice) from error
            code = self._wait(process)
        if code != 0:
            tail = self._tail(begin)
            raise StepFailed(f"`{shown}` ended with code {code}:\n{tail}", advice)

    def finish(self) -> None:
        if self._printed:
            self._write(f"Ready after {time.monotonic() - self._started:.1f} s.\n")

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        begun = said = time.monotonic()
        try:
            while True:
                try:
                    return process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    now = time.monotonic()
                    if now - said >= QUIET_SECONDS:
                        said = now
                        self._write(f"{now - begun:.0f} s … ")
        except BaseException:
            process.terminate()
            process.wait()
            raise

    def _tail(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])

    def _header(self) -> None:
        if not self._printed:
            self._printed = True
            self._write(f"Setting up ({self.log.relative_to(ROOT)} has the details)\n")

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
