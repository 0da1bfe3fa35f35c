"""PgBouncer in transaction mode: stands in for RDS Proxy. Synchronous, so that pytest can use it as it is."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

from local.postgres import Postgres
from local.processes import NotAvailable, free_port, stop


def find_pgbouncer() -> str | None:
    return shutil.which("pgbouncer") or next(
        (path for path in ("/usr/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer") if Path(path).exists()), None
    )


class PgBouncer:
    """In front of `postgres`; `users` maps each role to its password (the superuser is always admitted)."""

    def __init__(
        self, postgres: Postgres, *, port: int | None = None, users: dict[str, str], pool_size: int = 20
    ) -> None:
        found = find_pgbouncer()
        if found is None:
            raise NotAvailable("pgbouncer is not installed (Debian: apt-get install pgbouncer)")
        self.executable = found
        self.postgres = postgres
        self.port = port or free_port()
        self.users = {"postgres": postgres.password, **users}
        self.pool_size = pool_size
        self.root = postgres.root / f"pgbouncer-{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PgBouncer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Call from the main thread: the child dies with the thread that made it."""
        self.root.mkdir(mode=0o700, exist_ok=True)
        users, settings, log = (self.root / name for name in ("users.txt", "pgbouncer.ini", "pgbouncer.log"))
        users.touch(mode=0o600)
        users.write_text("".join(f'"{name}" "{password}"\n' for name, password in self.users.items()))
        settings.write_text(self._settings(users))
        log.touch()
        self.postgres.account.own(self.root, users, settings, log)
        command = [self.executable, str(settings)]
        self.process = self.postgres.account.spawn(command, self.root, log)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise NotAvailable(f"PgBouncer ended at start:\n{log.read_text(errors='replace')[-1500:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.01)
        raise NotAvailable(f"PgBouncer did not listen within 10 s; see {log}")

    def stop(self) -> None:
        # It holds nothing that a client's transaction does not; its gentle signals wait for clients to leave.
        stop(self.process, signal.SIGKILL)
        self.process = None
        shutil.rmtree(self.root, ignore_errors=True)

    def _settings(self, users: Path) -> str:
        # query_wait_timeout matches RDS Proxy's borrow timeout of 120 s.
        return "\n".join(
            [
                "[databases]",
                f"* = host=127.0.0.1 port={self.postgres.port}",
                "[pgbouncer]",
                "listen_addr = 127.0.0.1",
                f"listen_port = {self.port}",
                "unix_socket_dir =",
                "auth_type = scram-sha-256",
                f"auth_file = {users}",
                "admin_users = postgres",
                "pool_mode = transaction",
                f"default_pool_size = {self.pool_size}",
                "max_client_conn = 5000",
                "listen_backlog = 4096",
                "query_wait_timeout = 120",
                "server_idle_timeout = 60",
                # Its own 15 s would prolong each outage; RDS Proxy follows a fail-over within seconds.
                "server_login_retry = 1",
                "ignore_startup_parameters = extra_float_digits",
                "log_connections = 0",
                "log_disconnections = 0",
                "",
            ]
        )
