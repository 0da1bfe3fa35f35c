"""The two-statement job of bench/jobs.py, the same for both engines, and how a worker says that one is done."""

from __future__ import annotations

import os
import socket
from functools import cache

ACCOUNTS = 1_000
TABLES = (
    "CREATE TABLE bench_notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account int NOT NULL, body text NOT NULL)",
    "CREATE TABLE bench_accounts (id int PRIMARY KEY, notes int NOT NULL DEFAULT 0)",
    f"INSERT INTO bench_accounts (id) SELECT generate_series(0, {ACCOUNTS - 1})",
    "ALTER TABLE bench_notes OWNER TO bai",
    "ALTER TABLE bench_accounts OWNER TO bai",
)
INSERT = "INSERT INTO bench_notes (account, body) VALUES ({account}, {body})"
UPDATE = "UPDATE bench_accounts SET notes = notes + 1 WHERE id = {account}"
BODY = "x" * 200


@cache
def _told() -> tuple[socket.socket, tuple[str, int]] | None:
    port = os.environ.get("BENCH_PORT")
    return (socket.socket(socket.AF_INET, socket.SOCK_DGRAM), ("127.0.0.1", int(port))) if port else None


def tell(what: str) -> None:
    """A datagram to the bench, whose clock says when; nothing where nobody listens."""
    told = _told()
    if told is not None:
        told[0].sendto(what.encode(), told[1])
