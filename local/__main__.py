"""python -m local run: the whole platform in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import time
from pathlib import Path

from local.cloud import Cloud
from local.cloudformation import TemplateError
from local.demo_clients import CLIENTS, PASSWORD
from local.processes import NotAvailable
from local.state_directory import reset

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> int:
    options = _options()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        if options.reset:
            reset(options.state_dir)
        return asyncio.run(_run(options))
    except (NotAvailable, TemplateError) as error:
        print(f"The local cloud cannot start: {error}", file=sys.stderr)
        return 1


async def _run(options: argparse.Namespace) -> int:
    cloud = Cloud(
        REPOSITORY,
        options.state_dir,
        template=options.template,
        ports_from=options.ports_from,
        console=not options.no_console,
        say=(lambda _: None) if options.quiet else _say,
    )
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ended.set)
    began = time.monotonic()
    _say("Starting the local cloud")
    starting = asyncio.create_task(cloud.start())
    waiting = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            return 130
        found = starting.result()
        _say(f"Ready in {time.monotonic() - began:.1f} s")
        _say(f"  console   {found['console']}" if not options.no_console else f"  API       {found['api']}")
        _say(f"  sockets   {found['realtime']}")
        _say(f"  mail      {found['mail']}")
        _say(f"  logs      {found['logs']}")
        for email, (_, plan) in CLIENTS.items():
            _say(f"  sign in   {email:<26} {plan}")
        _say(f"            password: {PASSWORD}        Ctrl-C stops everything")
        await ended.wait()
        return 0
    finally:
        starting.cancel()
        began = time.monotonic()
        await cloud.stop()
        _say(f"Stopped in {time.monotonic() - began:.1f} s")


def _say(text: str) -> None:
    print(text, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start the platform; Ctrl-C stops it")
    run.add_argument("--state-dir", type=Path, default=REPOSITORY / ".local", help="data, logs, addresses.json")
    run.add_argument("--reset", action="store_true", help="forget all data first")
    run.add_argument("--ports-from", type=int, metavar="N", help="take eight ports from N on")
    run.add_argument("--no-console", action="store_true", help="do not serve the console")
    run.add_argument("--quiet", action="store_true", help="no step by step progress")
    run.add_argument("--template", type=Path, help="another template than template.yaml")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
