"""One log file per function: what its environments print, line by line, and the platform's START, END and REPORT."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path


class Log:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def line(self, text: str) -> None:
        self.write(f"{text}\n".encode())

    def write(self, data: bytes) -> None:
        if self.descriptor >= 0:
            os.write(self.descriptor, data)

    def close(self) -> None:
        descriptor, self.descriptor = self.descriptor, -1
        os.close(descriptor)


class Output:
    """What one environment prints. Environments share a file, and print() writes a line in pieces: only whole lines
    go on, or two environments' lines would run into each other.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.read_end, self.child_end = os.pipe()
        os.set_blocking(self.read_end, False)
        self.rest = b""

    def started(self) -> None:
        """The child has its end now."""
        os.close(self.child_end)
        asyncio.get_running_loop().add_reader(self.read_end, self.drain)

    def drain(self) -> None:
        while self.read_end >= 0:
            try:
                data = os.read(self.read_end, 65_536)
            except BlockingIOError:
                return
            if not data:
                self.close()
                return
            whole, line_end, rest = (self.rest + data).rpartition(b"\n")
            self.rest = rest
            self.log.write(whole + line_end)

    def close(self) -> None:
        if self.read_end >= 0:
            asyncio.get_running_loop().remove_reader(self.read_end)
            os.close(self.read_end)
            self.read_end = -1
            self.log.write(self.rest + b"\n" if self.rest else b"")
