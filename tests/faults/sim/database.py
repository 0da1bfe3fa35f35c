"""A real PostgreSQL whose now() is the simulation's, and the door through which the engine reaches it.

All simulated processes share one connection: they give way only between transactions, so it is never in two of them.
A killed process's transaction is rolled back; a connection that "breaks" is handed out again after its rollback,
because a new one would cost ten milliseconds and tell nothing.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pg8000
import sqlalchemy

import bai.dialect
from bai import aws, db, settings
from local.postgres import THROWAWAY, Postgres

_FAKE_TIME = """
    CREATE SCHEMA sim;
    GRANT USAGE ON SCHEMA sim TO bai;
    CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE
        RETURN (pg_catalog.current_setting('sim.now'))::timestamptz;
    CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
        RETURN (pg_catalog.current_setting('sim.now'))::timestamptz
"""
_DEFAULTS = """
    SELECT table_schema || '.' || quote_ident(table_name), quote_ident(column_name), column_default
    FROM information_schema.columns
    WHERE table_schema = 'public' AND (column_default LIKE '%now()%' OR column_default LIKE '%clock_timestamp()%')
"""

# The database's clock lags a little behind everybody else's, as it does in life; telling it costs a round trip.
_SKEW = timedelta(milliseconds=25)

Door = Callable[[str, str, Callable[[], Any]], Any]


class Wire(bai.dialect.Connection):
    """The suite's own connection with the simulation's hand on it."""

    door: Door | None = None
    clock: Callable[[], datetime] | None = None
    shown = datetime(2000, 1, 1, tzinfo=UTC)

    def one_trip(self, statement: str, args: Any, oids: Any, *, begin: bool) -> Any:
        if self.door is None:
            return super().one_trip(statement, args, oids, begin=begin)
        if begin and self.clock is not None and not timedelta() <= (moment := self.clock()) - self.shown < _SKEW:
            self.execute_simple(f"SET sim.now = '{moment.isoformat()}'")
            self.shown = moment
        send = super().one_trip
        return self.door("database", statement, lambda: send(statement, args, oids, begin=begin))

    def commit(self) -> None:
        if self.door is None or not self._in_transaction:
            super().commit()
            return
        self.door("commit", "COMMIT", super().commit)

    def _drop(self) -> None:
        """What SQLAlchemy does with a connection that broke, or whose process died."""
        if self.door is None:
            super()._drop()
        elif self._in_transaction:
            self.execute_simple("rollback")

    def close(self) -> None:
        if self.door is None:
            super().close()
        else:
            self._drop()


class _Connected:
    """`engine().connect()` of the suite: gives way before a connection is taken and after it is given back."""

    def __init__(self, engine: sqlalchemy.Engine, give_way: Callable[[], None]) -> None:
        self._engine, self._give_way = engine, give_way
        self._held: sqlalchemy.Connection | None = None

    def __enter__(self) -> sqlalchemy.Connection:
        self._give_way()
        self._held = self._engine.connect()
        return self._held

    def __exit__(self, *raised: Any) -> None:
        assert self._held is not None
        self._held.close()
        if raised[0] is None:
            self._give_way()


class Database:
    """The server, the migrated database of one simulation, and the seam `db.engine`."""

    def __init__(self, server: Postgres, name: str, password: str) -> None:
        self.server, self.name, self.password = server, name, password
        self.wire = self.connect()
        self._engine = sqlalchemy.create_engine(
            "postgresql+onetrip://", creator=lambda: self.wire, pool_size=1, max_overflow=0, pool_timeout=1
        )

    def connect(self) -> Wire:
        return Wire(
            "bai", host="127.0.0.1", port=self.server.port, database=self.name, password=self.password, timeout=60,
            ssl_context=False,
        )  # fmt: skip

    def let_in(self, door: Door, give_way: Callable[[], None], clock: Callable[[], datetime]) -> None:
        """From here on the engine's transactions pass through the simulation."""
        self.wire.door, self.wire.clock = door, clock
        facade: Any = SimpleNamespace(connect=lambda: _Connected(self._engine, give_way))
        db.engine = lambda: facade  # type: ignore[assignment]

    def query(self, sql: str) -> list[Any]:
        """For the simulation's own eyes: through no door, outside transactions."""
        cursor = self.wire.execute_simple(sql)
        return list(cursor.rows or [])

    def empty(self) -> None:
        names = self.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
        kept = ", ".join(f"public.{name}" for (name,) in names if name != "alembic_version")
        self.query(f"TRUNCATE {kept}")


@contextmanager
def database() -> Iterator[Database]:
    """A server of the simulation's own, thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="bai-sim-") as folder, _environment():
        Path(folder).chmod(0o755)
        tuned = {"max_connections": "20", "synchronous_commit": "off", "shared_buffers": "256MB", "jit": "off"}
        with Postgres(Path(folder), settings={**THROWAWAY, **tuned}) as server:
            password = secrets.token_urlsafe(12)
            server.create_role("bai", password)
            server.create_database("sim", owner="bai")
            _migrate(server, password)
            for statement in _FAKE_TIME.split(";"):
                server.execute(statement, "sim")
            # pg_catalog named after sim: an unqualified now() is the simulation's.
            server.execute("ALTER DATABASE sim SET search_path = sim, pg_catalog, public")
            server.execute("ALTER DATABASE sim SET sim.now = '2027-01-01T00:00:00Z'")
            for table, column, default in server.execute(_DEFAULTS, "sim"):
                server.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {_unqualified(default)}", "sim")
            made = Database(server, "sim", password)
            try:
                yield made
            finally:
                bai.dialect.Connection._drop(made.wire)


def _unqualified(default: str) -> str:
    return default.replace("pg_catalog.", "")


def _migrate(server: Postgres, password: str) -> None:
    """As a deploy does it: by the Lambda's own handler."""
    from ops.migrate import handler

    os.environ.update(
        DB_HOST="127.0.0.1", DB_PORT=str(server.port), DB_NAME="sim", DB_USER="bai", DB_AUTH="secret",
        DB_SECRET_ARN="simulated", DB_TLS="off",
    )  # fmt: skip
    settings.forget()
    aws.remember_secret("simulated", password)
    handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))
    db.forget()


@contextmanager
def _environment() -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.update(POWERTOOLS_LOG_LEVEL="CRITICAL", POWERTOOLS_SERVICE_NAME="simulation")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
        settings.forget()
        aws.forget()


LOST_CONNECTION = pg8000.InterfaceError
