"""Which ports the local cloud takes, and the file that tells others where everything is."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.processes import NotAvailable, port_is_free

PREFERRED = {
    "console": 8000,
    "api": 8080,
    "realtime": 8081,
    "aws": 4566,
    "lambda": 9001,
    "n8n": 5678,
    "postgres": 54320,
    "pgbouncer": 64320,
}


@dataclass(frozen=True)
class Ports:
    console: int
    api: int
    realtime: int
    aws: int
    invoke: int
    n8n: int
    postgres: int
    pgbouncer: int
    moved: tuple[str, ...]

    @classmethod
    def choose(cls, start: int | None = None) -> Ports:
        """The preferred ones, or a row from `start`; a busy one is replaced by the next free and named in `moved`."""
        taken: dict[str, int] = {}
        moved = []
        for offset, (name, usual) in enumerate(PREFERRED.items()):
            wanted = usual if start is None else start + offset
            port = wanted
            while port in taken.values() or not port_is_free(port):
                port += 1
                if port > wanted + 500:
                    raise NotAvailable(f"no free port for {name} from {wanted} on")
            if port != wanted:
                moved.append(f"port {wanted} is busy: {name} takes {port}")
            taken[name] = port
        return cls(**{"invoke" if name == "lambda" else name: port for name, port in taken.items()}, moved=tuple(moved))


def write(state: Path, ports: Ports, stage: str, databases: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """addresses.json appears whole, and only when everything is up."""
    console = f"http://localhost:{ports.console}"
    realtime = f"127.0.0.1:{ports.realtime}/{stage}"
    content = {
        "console": console,
        "api": f"http://127.0.0.1:{ports.api}",
        "realtime": f"ws://{realtime}",
        "connections": f"http://{realtime}",
        "aws": f"http://127.0.0.1:{ports.aws}",
        "lambda": f"http://127.0.0.1:{ports.invoke}",
        "postgres": f"127.0.0.1:{ports.postgres}",
        "pgbouncer": f"127.0.0.1:{ports.pgbouncer}",
        "mail": f"{console}/_local/mail",
        "n8n": f"http://127.0.0.1:{ports.n8n}",
        "logs": str(state / "logs"),
        "pid": os.getpid(),
        "database": databases,
    }
    half = state / "addresses.json.new"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    half.rename(state / "addresses.json")
    return content
