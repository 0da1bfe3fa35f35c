"""The stack's database on this machine: a server, the application's role and database, a pooler where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local.pgbouncer import PgBouncer, find_pgbouncer
from local.postgres import MAJOR, Postgres

NAME = "bai"
USER = "bai"


class Database:
    def __init__(self, state: Path, port: int, pooler_port: int) -> None:
        self.postgres = Postgres(state, port=port)
        self.pooler_port = pooler_port
        self.pooled = find_pgbouncer() is not None
        self.pooler: PgBouncer | None = None
        self.password = ""

    @staticmethod
    def port_for(port: int, pooler_port: int) -> int:
        """Where the functions connect."""
        return pooler_port if find_pgbouncer() is not None else port

    @property
    def port(self) -> int:
        return self.port_for(self.postgres.port, self.pooler_port)

    def notes(self) -> list[str]:
        """What is not as in production, or not where it was asked for."""
        found = []
        if self.postgres.moved:
            found.append(f"the unprivileged user cannot enter the state directory: data is in {self.postgres.root}")
        if self.postgres.major != MAJOR:
            found.append(f"PostgreSQL {self.postgres.major} is what this machine has; the stack is meant for {MAJOR}")
        if not self.pooled:
            found.append(
                "PgBouncer is not installed: functions connect to PostgreSQL directly (RDS Proxy's rules untested)"
            )
        return found

    def prepare(self, password: str) -> None:
        """Role, database and pooler. Call from the main thread, when the server is ready."""
        self.password = password
        self.postgres.create_role(USER, password)
        if not self.postgres.has_database(NAME):
            self.postgres.create_database(NAME, owner=USER)
        if self.pooled:
            self.pooler = PgBouncer(self.postgres, port=self.pooler_port, users={USER: password})
            self.pooler.start()

    def stop(self) -> None:
        if self.pooler is not None:
            self.pooler.stop()
        self.postgres.stop()

    def addresses(self) -> dict[str, dict[str, Any]]:
        same = {"host": "127.0.0.1", "name": NAME, "user": USER, "password": self.password}
        direct = {**same, "port": self.postgres.port}
        superuser = {**direct, "user": "postgres", "password": self.postgres.password}
        return {"direct": direct, "pooled": {**same, "port": self.port}, "superuser": superuser}
