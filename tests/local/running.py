"""Starts a local cloud as a developer does, in a process of its own, and talks to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

REPOSITORY = Path(__file__).resolve().parents[2]
STACK = Path(__file__).parent / "stack"
IDLE_SECONDS, LIFE_SECONDS = 2.0, 5.0


@dataclass
class Running:
    process: subprocess.Popen[str]
    state: Path
    stack: Path
    addresses: dict[str, Any]

    def client(self, service: str, **more: Any) -> Any:
        given = {"endpoint_url": self.addresses["aws"], **more}
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            **given,
        )

    def invoke(self, name: str, event: object = None, kind: str = "RequestResponse") -> tuple[int, Any, str | None]:
        url = f"{self.addresses['lambda']}/2015-03-31/functions/{name}/invocations"
        request = urllib.request.Request(url, json.dumps(event or {}).encode(), {"X-Amz-Invocation-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                text = response.read()
                return response.status, json.loads(text or "null"), response.headers.get("X-Amz-Function-Error")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), None

    def log(self, function: str) -> str:
        return (self.state / "logs" / f"{function}.log").read_text()


def start(state: Path, stack: Path, *options: str, **environment: str) -> Running:
    command = [
        sys.executable,
        "-m",
        "local",
        "run",
        "--state-dir",
        str(state),
        "--template",
        str(stack / "template.yaml"),
    ]
    process = subprocess.Popen(
        [*command, *options],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    written, until = state / "addresses.json", time.monotonic() + 60
    while not written.exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            assert process.stdout is not None
            raise AssertionError(process.stdout.read())
        time.sleep(0.05)
    return Running(process, state, stack, json.loads(written.read_text()))


def said(path: Path, count: int, patience: float = 10.0) -> list[Any]:
    """The first `count` things that functions told this file."""
    until = time.monotonic() + patience
    while True:
        lines = path.read_text().splitlines() if path.exists() else []
        if len(lines) >= count:
            return [json.loads(line) for line in lines]
        assert time.monotonic() < until, f"only {len(lines)} of {count} after {patience} s: {lines}"
        time.sleep(0.02)
