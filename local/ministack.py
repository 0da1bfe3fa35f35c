"""Starts MiniStack, the AWS emulator, as it is. It has a virtual environment of its own because it pins botocore."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import aiohttp

from local.processes import Account, NotAvailable, free_port, stop
from local.shapes import ACCOUNT, REGION


def find_ministack(repository: Path) -> Path:
    named = os.environ.get("BAI_MINISTACK")
    found = Path(named) if named else repository / ".venv-ministack" / "bin" / "ministack"
    if not found.exists():
        raise NotAvailable(f"MiniStack is not at {found}: run `make setup` (or name it in BAI_MINISTACK)")
    return found


class MiniStack:
    """Private to the local cloud: functions reach it through the front, which sees what they ask for."""

    def __init__(self, executable: Path, state: Path, *, port: int | None = None) -> None:
        self.executable = executable
        self.state = state / "ministack"
        self.log = state / "logs" / "ministack.log"
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Spawn only. Call from the main thread: the child dies with the thread that made it."""
        self.state.mkdir(parents=True, exist_ok=True)
        self._move_kept_queues()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        environment = {
            "AWS_ENDPOINT_URL": self.url,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "1",
            "S3_DATA_DIR": str(self.state / "s3"),
            "S3_PERSIST": "1",
            "STATE_DIR": str(self.state),
        }
        self.process = Account().spawn([str(self.executable)], self.state, self.log, extra=environment)

    def _move_kept_queues(self) -> None:
        """It keeps queues by an address with its port in it, and the port may be another one this time."""
        kept, last = self.state / "sqs.json", self.state / "port"
        if kept.exists() and last.exists():
            text = kept.read_text()
            kept.write_text(text.replace(f"http://localhost:{last.read_text()}/", f"http://localhost:{self.port}/"))
        last.write_text(str(self.port))

    async def wait_ready(self, session: aiohttp.ClientSession, patience: float = 20.0) -> None:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise NotAvailable(f"MiniStack ended at start:\n{self.log.read_text(errors='replace')[-1500:]}")
            try:
                async with session.get(f"{self.url}/_ministack/health") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.02)
        raise NotAvailable(f"MiniStack was not ready after {patience:.0f} s; see {self.log}")

    def stop(self) -> None:
        """Gently: it writes queues and tables to its state directory when it is asked to end."""
        stop(self.process, signal.SIGTERM, patience=3.0)
        self.process = None
