"""`bai logs`: what functions and servers of the local cloud wrote, one file each under the state directory."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.cli_cloud import Refused

LOOK_EVERY = 0.2


def show_logs(options: argparse.Namespace) -> int:
    """With no name: the list of logs. With names, or --all: their last lines, and what comes with --follow."""
    folder = options.state_dir / "logs"
    known = {file.stem: file for file in sorted(folder.glob("*.log"))}
    if not known:
        raise Refused(f"{folder} has no logs; start the platform with `make run`")
    names = list(known) if options.all else _chosen(options.names, known)
    if not names:
        print("\n".join(f"{name:<24} {file.stat().st_size:>10,} bytes" for name, file in known.items()))
        return 0
    marked = len(names) > 1
    for name in names:
        for line in _last_lines(known[name], options.lines):
            _print(name, line, marked)
    if options.follow:
        for name, line in _coming({name: known[name] for name in names}):
            _print(name, line, marked)
    return 0


def add_to(commands: Any) -> None:
    logs = commands.add_parser("logs", help="list the logs, or show some of them")
    logs.add_argument("names", nargs="*", help="functions (or their beginnings) such as PushDeliver; none lists them")
    logs.add_argument("--all", action="store_true", help="every log")
    logs.add_argument("-n", "--lines", type=int, default=40, metavar="N", help="how many of the last lines (40)")
    logs.add_argument("-f", "--follow", action="store_true", help="go on with what comes; Ctrl-C ends it")
    logs.set_defaults(command=show_logs)


def _chosen(asked: list[str], known: dict[str, Path]) -> list[str]:
    found = []
    for wanted in asked:
        fitting = [wanted] if wanted in known else [name for name in known if name.lower().startswith(wanted.lower())]
        if not fitting:
            raise Refused(f"there is no log {wanted}; known are {', '.join(known)}")
        found += fitting
    return list(dict.fromkeys(found))


def _last_lines(file: Path, number: int) -> list[str]:
    lines = file.read_text(errors="replace").splitlines()
    return lines[-number:] if number > 0 else []


def _coming(files: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """Whole lines as they are written. A file that shrank was started anew."""
    seen = {name: file.stat().st_size for name, file in files.items()}
    rest = dict.fromkeys(files, b"")
    while True:
        for name, file in files.items():
            size = file.stat().st_size if file.exists() else 0
            if size < seen[name]:
                seen[name], rest[name] = 0, b""
            if size > seen[name]:
                with file.open("rb") as source:
                    source.seek(seen[name])
                    content = rest[name] + source.read(size - seen[name])
                seen[name] = size
                *lines, rest[name] = content.split(b"\n")
                yield from ((name, line.decode(errors="replace")) for line in lines)
        time.sleep(LOOK_EVERY)


def _print(name: str, line: str, marked: bool) -> None:
    print(f"{name:<20} {line}" if marked else line, flush=True)
