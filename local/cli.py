"""The command line `bai`: what a developer asks of the platform on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from local import cli_jobs, cli_platform
from local.cli_client import USER, Client, Unanswered, read_addresses
from local.cli_verbs import asked_as
from local.demo_clients import ADMIN, PASSWORD

ROOT = Path(__file__).resolve().parents[1]


def run(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] == "run":
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "local", "run", *given[1:]])
    if given and given[0] == "demo":
        from local import demo  # noqa: PLC0415 - the other commands need no socket library

        return demo.run(given[1:])
    options = _parser().parse_args(given)
    try:
        if options.command == "jobs":
            client = Client(read_addresses(options.state_dir)["api"])
            client.sign_in(asked_as(options), options.password)
            return int(options.act(options, client))
        return int(options.act(options))
    except Unanswered as problem:
        print(problem, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130


def write_openapi(options: argparse.Namespace) -> int:
    from local.openapi import document  # noqa: PLC0415 - imports every module's routes

    text = document()
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(text)
        print(f"{options.output} written")
    else:
        print(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bai", description="The B.A.I. platform on this machine.", epilog="`bai COMMAND --help` tells more."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--state-dir", type=Path, default=ROOT / ".local", help="where the running platform keeps its state"
    )
    signed_in = argparse.ArgumentParser(add_help=False)
    signed_in.add_argument(
        "--user",
        default=os.environ.get("BAI_USER"),
        help=f"default: BAI_USER, or {USER}, or {ADMIN} for what only an admin may",
    )
    signed_in.add_argument(
        "--password",
        default=os.environ.get("BAI_PASSWORD", PASSWORD),
        help="default: the demo clients', or BAI_PASSWORD",
    )
    commands.add_parser("run", add_help=False, help="start the platform (as `make run`, which also sets up)")
    commands.add_parser("demo", add_help=False, help="launch a month of content on a platform of its own and watch it")

    status = commands.add_parser("status", parents=[shared], help="addresses, and how each dependency is")
    status.set_defaults(act=cli_platform.show_status)

    logs = commands.add_parser("logs", parents=[shared], help="a function's log; without a name, which there are")
    logs.add_argument("function", nargs="?", help="its name in template.yaml, for example ContentPlannerJobs")
    logs.add_argument("-n", "--lines", type=int, default=40, help="how many of the last lines (default %(default)s)")
    logs.add_argument("-f", "--follow", action="store_true", help="go on with new lines until Ctrl-C")
    logs.set_defaults(act=cli_platform.show_logs)

    cli_jobs.add_to(commands, shared, signed_in)

    invoke = commands.add_parser("invoke", parents=[shared], help="call a function with an event")
    invoke.add_argument("function", help="its name in template.yaml")
    invoke.add_argument("--event", type=Path, required=True, help="a JSON file, for example from events/; - for stdin")
    invoke.set_defaults(act=cli_platform.invoke_function)

    openapi = commands.add_parser("openapi", help="the API's OpenAPI document")
    openapi.add_argument("--output", type=Path, help="a file instead of stdout")
    openapi.set_defaults(act=write_openapi)
    return parser


if __name__ == "__main__":
    sys.exit(run())
