"""`bai status`, `bai logs`, `bai invoke`: a look at the platform that runs on this machine."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from local.cli_client import Client, Unanswered, read_addresses

LONGEST_INVOCATION = 910.0  # Lambda's own limit is 900 s


def show_status(options: argparse.Namespace) -> int:
    """Exit 0 only when everything is up."""
    addresses = read_addresses(options.state_dir)
    for name in ("console", "api", "realtime", "mail"):
        print(f"{name:10} {addresses[name]}")
    report = Client(addresses["api"]).call("GET", "/health/deps", accept=(503,))
    for dependency in report["deps"]:
        latency = dependency["latency_ms"]
        shown = f"{latency:.1f} ms" if latency is not None else ""
        print(f"  {dependency['name']:12} {dependency['status']:9} {shown:>10}  {dependency['detail'] or ''}".rstrip())
    print(f"{report['status']}, measured at {report['checked_at']}")
    return 0 if report["status"] == "ok" else 1


def show_logs(options: argparse.Namespace) -> int:
    folder = options.state_dir / "logs"
    files = sorted(folder.glob("*.log"))
    if not files:
        raise Unanswered(f"There are no logs in {folder}; has the platform been started (`make run`)?")
    if not options.function:
        print("\n".join(file.stem for file in files))
        return 0
    chosen = [file for file in files if file.stem.lower() == options.function.lower()]
    if not chosen:
        raise Unanswered(f"No log of {options.function}; there are {', '.join(file.stem for file in files)}.")
    lines = chosen[0].read_text(errors="replace").splitlines()
    print("\n".join(lines[-options.lines :]))
    if options.follow:
        for text in _added(chosen[0]):
            sys.stdout.write(text)
            sys.stdout.flush()
    return 0


def invoke_function(options: argparse.Namespace) -> int:
    """The function's answer goes to stdout; exit 1 when it failed."""
    address = read_addresses(options.state_dir)["lambda"]
    try:
        event = sys.stdin.buffer.read() if str(options.event) == "-" else options.event.read_bytes()
    except OSError as error:
        raise Unanswered(f"The event cannot be read: {error}") from None
    url = f"{address}/2015-03-31/functions/{options.function}/invocations"
    try:
        answer = httpx.post(url, content=event, trust_env=False, timeout=LONGEST_INVOCATION)
    except httpx.HTTPError as error:
        raise Unanswered(f"No answer from {url}: {error}") from None
    print(answer.text)
    return 1 if answer.is_error or "X-Amz-Function-Error" in answer.headers else 0


def _added(file: Path) -> Iterator[str]:
    """What is written from now on, until Ctrl-C; follows the file when it is started anew."""
    position = file.stat().st_size
    while True:
        time.sleep(0.3)
        size = file.stat().st_size if file.exists() else 0
        if size < position:
            position = 0
        if size > position:
            with file.open(errors="replace") as log:
                log.seek(position)
                yield log.read()
                position = log.tell()
