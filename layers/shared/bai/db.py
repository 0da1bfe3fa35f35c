"""One engine, one way to get a transaction. Knows pooling, TLS and passwords; refuses to know any table.

Core without the ORM: a quarter less import and half the CPU of a call (docs/decisions/0003-core-not-orm.md).
"""

import json
import os
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import pg8000
from sqlalchemy import Connection, CursorResult, Engine, Executable, RowMapping, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import bai.dialect
from bai import aws, clock, rds_token, settings
from bai.errors import Invalid, Unavailable

_CONNECT_SECONDS = 5
# With the connect before it less than the 14 s that the API waits: a client is answered, not cut off.
_ANSWER_SECONDS = 8
_WRONG_PASSWORD = "28P01"  # noqa: S105 - a SQLSTATE
# Too busy, too slow, locked, shutting down, out of connections: the same call can succeed a moment later.
_TRANSIENT_CLASSES = ("08", "40", "53", "57", "58")
_UNSTORABLE_CLASS = "22"  # data exceptions; the last line of defence behind the bounds of each field
_TRANSIENT = frozenset({"55P03", "25P03", "25P04"})

Hook = Callable[["Session"], None]
_open = 0


class Session:
    """One database transaction and what has to happen before and after its COMMIT.

    `info` carries the request's own state. Services get a Session and never commit.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.info: dict[str, Any] = {}
        self._before: dict[str, Hook] = {}
        self._after: dict[str, Hook] = {}

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return self.connection.execute(statement, parameters)

    def row(self, statement: Executable, parameters: Any = None) -> RowMapping | None:
        """The first row, or None."""
        return self.connection.execute(statement, parameters).mappings().first()

    def rows(self, statement: Executable, parameters: Any = None) -> Sequence[RowMapping]:
        return self.connection.execute(statement, parameters).mappings().all()

    def value(self, statement: Executable, parameters: Any = None) -> Any:
        """The first column of the first row, or None."""
        return self.connection.execute(statement, parameters).scalar()

    def before_commit(self, name: str, hook: Hook) -> None:
        """Runs once inside the transaction, last thing before COMMIT; a second hook of the same name is the first."""
        self._before.setdefault(name, hook)

    def after_commit(self, name: str, hook: Hook) -> None:
        """Runs once after COMMIT; what it raises is logged, because the transaction stands whatever happens."""
        self._after.setdefault(name, hook)

    def run_before_commit(self) -> None:
        while self._before:
            self._before.pop(next(iter(self._before)))(self)

    def run_after_commit(self) -> None:
        for name, hook in self._after.items():
            try:
                hook(self)
            except Exception:
                from bai.telemetry import logger  # noqa: PLC0415 - a reader without failures never pays for it

                logger().exception("after-commit step failed; the sweeper makes good for it", step=name)


def sqlstate(error: BaseException) -> str:
    """The five-character SQLSTATE of a database error, or an empty string."""
    original = getattr(error, "orig", error)
    fields = original.args[0] if getattr(original, "args", None) else None
    return str(fields.get("C", "")) if isinstance(fields, dict) else ""


def is_transient(error: DBAPIError) -> bool:
    state = sqlstate(error)
    return error.connection_invalidated or not state or state[:2] in _TRANSIENT_CLASSES or state in _TRANSIENT


@contextmanager
def transaction() -> Iterator[Session]:
    """One explicit transaction: commits when the block ends, rolls back when it raises.

    Raises Unavailable when the database is away, too busy or too slow, Invalid for a value it can't hold; other database
    errors come as they are.
    """
    global _open  # noqa: PLW0603 - one thing at a time in an execution environment
    _open += 1
    try:
        with engine().connect() as connection:
            session = Session(connection)
            with connection.begin():
                yield session
                session.run_before_commit()
    except PoolTimeout as error:
        raise Unavailable("No database connection was free in time.") from error
    except DBAPIError as error:
        if is_transient(error):
            raise Unavailable("The database did not answer in time.") from error
        if sqlstate(error)[:2] == _UNSTORABLE_CLASS:
            raise Invalid(
                "request", "holds a value that cannot be stored, such as a NUL or a number too large"
            ) from error
        raise
    finally:
        _open -= 1
    session.run_after_commit()


def in_transaction() -> bool:
    """Whether this execution environment is talking to the database right now."""
    return _open > 0


@cache
def engine() -> Engine:
    """One connection per execution environment; RDS Proxy does the pooling. Checked by a look at its socket."""
    return create_engine(
        "postgresql+onetrip://",
        creator=_connect,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_CONNECT_SECONDS,
        pool_pre_ping=True,
        pool_recycle=900,
        hide_parameters=True,  # a failed statement is logged without the hashes and texts it carried
    )


def wait_longer(connection: Connection, seconds: float) -> None:
    """Lets each statement of this connection take so long: for work that nobody waits for, such as a new index."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, bai.dialect.Connection)  # noqa: S101 - the engine makes no other
    driver.wait_for_answers(seconds)


def _connect() -> "bai.dialect.Connection":
    where = settings.database()
    try:
        return _connect_with(_password(where, fresh=False))
    except pg8000.DatabaseError as error:
        if where.auth != "secret" or sqlstate(error) != _WRONG_PASSWORD:
            raise
        return _connect_with(_password(where, fresh=True))  # rotated since it was read


def _connect_with(password: str) -> "bai.dialect.Connection":
    where = settings.database()
    connection = bai.dialect.Connection(
        where.user,
        host=where.host,
        port=where.port,
        database=where.name,
        password=password,
        timeout=_CONNECT_SECONDS,
        ssl_context=_tls(where.ca_file) if where.tls == "verify" else False,
        application_name=settings.service(),
    )
    connection.wait_for_answers(_ANSWER_SECONDS)
    return connection


def _password(where: settings.Database, *, fresh: bool) -> str:
    if where.auth == "iam":
        return rds_token.sign(where.host, where.port, where.user, os.environ["AWS_REGION"], clock.now())
    value = aws.secret(where.secret_arn, fresh=fresh)
    return str(json.loads(value)["password"]) if value.startswith("{") else value


@cache
def _tls(ca_file: str) -> ssl.SSLContext:
    """Verifies the server against the RDS CA alone: loading the machine's 126 CAs costs 34-49 ms at every connect."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        context.load_verify_locations(ca_file)
    else:
        context.load_default_certs()
    return context


def forget() -> None:
    """Closes the engine, for tests that change the database."""
    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
