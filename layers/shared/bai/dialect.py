"""pg8000 that sends BEGIN, Parse, Bind, Describe, Execute and Sync in one write, and its SQLAlchemy dialect.

Stock pg8000 waits for an answer after each of these: 7 round trips for an INSERT and its COMMIT, here 2. It is safe
behind a transaction pooler: only unnamed statements, no session state, no AUTOCOMMIT, and nothing that pins RDS Proxy.
Follows the extended query protocol, https://www.postgresql.org/docs/current/protocol-flow.html; knows no table.
"""

import functools
import select
import struct
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pg8000
from pg8000 import core, dbapi
from pg8000.converters import make_params
from pg8000.exceptions import InterfaceError
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.pg8000 import PGDialect_pg8000

_TIMESTAMPTZ = 1184


def _message(code: bytes, body: bytes = b"") -> bytes:
    return code + struct.pack("!i", len(body) + 4) + body


_SYNC = _message(b"S")
_EXECUTE = _message(b"E", b"\0" + struct.pack("!i", 0))
_DESCRIBE = _message(b"D", b"P\0")
_BIND_NOTHING = _message(b"B", b"\0\0" + struct.pack("!hhh", 0, 0, 0))

# Which exception a class of SQLSTATE becomes; stock pg8000 only knows 23505.
_ERROR_CLASSES: dict[str, type[Exception]] = {
    "23": pg8000.IntegrityError,
    "22": pg8000.DataError,
    "0A": pg8000.NotSupportedError,
    "XX": pg8000.InternalError,
    **dict.fromkeys(("08", "25", "40", "53", "54", "55", "57", "58"), pg8000.OperationalError),
}
# The server or the pooler has closed the connection, or is about to.
_DISCONNECTED = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "08000", "08003", "08006", "08P01"})


@functools.lru_cache(maxsize=512)
def _numbered(statement: str) -> str:
    """`%s` to `$1`; cached because pg8000 scans the text character by character on every call."""
    return str(dbapi.convert_paramstyle("format", statement, ())[0])


@functools.lru_cache(maxsize=512)
def _parse(statement: str, oids: tuple[int, ...]) -> bytes:
    types = struct.pack("!h", len(oids)) + b"".join(struct.pack("!i", 0 if oid == -1 else oid) for oid in oids)
    return _message(b"P", b"\0" + statement.encode() + b"\0" + types)


def _bind(parameters: Sequence[str | None]) -> bytes:
    if not parameters:
        return _BIND_NOTHING
    parts = [b"\0\0", struct.pack("!hh", 0, len(parameters))]
    for value in parameters:
        if value is None:
            parts.append(b"\xff\xff\xff\xff")
        else:
            encoded = value.encode()
            parts += (struct.pack("!i", len(encoded)), encoded)
    parts.append(struct.pack("!h", 0))
    return _message(b"B", b"".join(parts))


def _timestamp(text: str) -> datetime | str:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text  # infinity and years before Christ


class Cursor(dbapi.Cursor):  # type: ignore[misc]
    _input_oids: Sequence[int]

    def execute(self, operation: str, args: Sequence[Any] = (), stream: Any = None) -> "Cursor":
        connection: Connection | None = self._c
        if connection is None:
            raise InterfaceError("cursor is closed")
        if stream is not None:
            raise pg8000.NotSupportedError("COPY streams are not used in this suite")
        begin = not connection._in_transaction
        statement = _numbered(operation) if args else operation
        context = connection.one_trip(statement, args, tuple(self._input_oids), begin=begin)
        self._context, self._input_oids = context, ()
        self._row_iter = None if context.rows is None else iter(context.rows)
        self.input_types: list[Any] = []
        return self


class Connection(dbapi.Connection):  # type: ignore[misc]
    _sock: Any
    begin_statement = "begin"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            super().__init__(*arguments, **options)
        except OSError as error:
            raise InterfaceError(f"cannot connect: {error!r}") from error
        self.used = time.time()
        self.register_in_adapter(_TIMESTAMPTZ, _timestamp)

    def wait_for_answers(self, seconds: float) -> None:
        self._usock.settimeout(seconds)

    def cursor(self) -> Cursor:
        return Cursor(self)

    def one_trip(self, statement: str, args: Sequence[Any], oids: tuple[int, ...], *, begin: bool) -> Any:
        """Runs one statement, with BEGIN in front of it where a transaction has to start; one write, one answer."""
        if self._sock is None:
            raise InterfaceError("connection is closed")
        context = core.Context(statement)
        out = [_parse(self.begin_statement, ()), _BIND_NOTHING, _EXECUTE] if begin else []
        out += (_parse(statement, oids), _bind(make_params(self.py_types, args)), _DESCRIBE, _EXECUTE, _SYNC)
        try:
            core._write(self._sock, b"".join(out))
            core._flush(self._sock)
        except (OSError, InterfaceError) as error:
            self._drop()
            raise InterfaceError("network error while sending") from error
        self.handle_messages(context)
        return context

    def handle_COMMAND_COMPLETE(self, data: bytes, context: Any) -> None:  # noqa: N802 - pg8000's name
        if context.columns is None:
            context.row_count = -1  # BEGIN's count is not the statement's
        super().handle_COMMAND_COMPLETE(data, context)

    def handle_READY_FOR_QUERY(self, data: bytes, context: Any) -> None:  # noqa: N802
        self._transaction_status = data

    def handle_messages(self, context: Any) -> None:
        try:
            super().handle_messages(context)
        except OSError as error:  # stock pg8000 lets a reset or a timeout out as it is
            self._drop()
            raise InterfaceError("network error while reading") from error
        self.used = time.time()

    def handle_ERROR_RESPONSE(self, data: bytes, context: Any) -> None:  # noqa: N802
        super().handle_ERROR_RESPONSE(data, context)
        fields = context.error.args[0]
        context.error = _ERROR_CLASSES.get(fields.get("C", "")[:2], pg8000.ProgrammingError)(fields)

    def commit(self) -> None:
        if self._in_transaction:
            self.execute_simple("commit")

    def rollback(self) -> None:
        if self._in_transaction:
            self.execute_simple("rollback")

    def looks_dead(self) -> bool:
        """Whether the socket was closed or holds something nobody asked for; costs no round trip."""
        if self._sock is None:
            return True
        poll = select.poll()
        poll.register(self._usock, select.POLLIN | select.POLLERR | select.POLLHUP)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Never raises: after a thaw the other side may be long gone."""
        if self._sock is not None:
            try:
                self._usock.settimeout(0.2)
                self._usock.sendall(core.TERMINATE_MSG)
            except OSError:
                pass
        self._drop()

    def _drop(self) -> None:
        for closable in (self._sock, self._usock):
            try:
                closable.close()
            except (OSError, AttributeError):
                pass
        self._sock = None


class OneTripDialect(PGDialect_pg8000):
    driver = "onetrip"
    supports_statement_cache = True
    idle_ping_seconds = 60  # wall clock, so the time an environment was frozen counts

    def connect(self, *arguments: Any, **options: Any) -> Connection:
        return Connection(*arguments, **options)

    def initialize(self, connection: Any) -> None:
        """Takes from the start-up answer what SQLAlchemy would ask five queries for."""
        raw = connection.connection.dbapi_connection
        version = raw.parameter_statuses.get("server_version")
        if version is None or raw.parameter_statuses.get("standard_conforming_strings") != "on":
            super().initialize(connection)  # type: ignore[no-untyped-call]
            return
        self.server_version_info = tuple(int(part) for part in version.split()[0].split(".") if part.isdigit())
        self.default_schema_name = "public"
        self.default_isolation_level = "READ COMMITTED"
        self.supports_smallserial = self.supports_identity_columns = True
        self._supports_drop_index_concurrently = True
        self._backslash_escapes = False
        self._supports_jsonb_subscripting = self.server_version_info >= (14,)
        self.supports_virtual_generated_columns = self.server_version_info >= (18,)

    def set_isolation_level(self, dbapi_connection: Any, level: str) -> None:
        level = level.replace("_", " ")
        if level == "AUTOCOMMIT":  # through a transaction pooler it runs other clients' statements
            raise pg8000.NotSupportedError("AUTOCOMMIT is not safe behind a transaction pooler")
        dbapi_connection.begin_statement = (
            "begin" if level == "READ COMMITTED" else f"begin isolation level {level.lower()}"
        )

    def get_isolation_level(self, dbapi_connection: Any) -> Any:
        return dbapi_connection.begin_statement[22:].upper() or "READ COMMITTED"

    def reset_isolation_level(self, dbapi_connection: Any) -> None:
        dbapi_connection.begin_statement = "begin"

    def do_ping(self, dbapi_connection: Any) -> bool:
        if dbapi_connection.looks_dead():
            return False
        if time.time() - dbapi_connection.used > self.idle_ping_seconds:
            core.CoreConnection.execute_simple(dbapi_connection, ";")
        return True

    def do_terminate(self, dbapi_connection: Any) -> None:
        dbapi_connection._drop()

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        known: bool = super().is_disconnect(e, connection, cursor)  # type: ignore[no-untyped-call]
        if known or isinstance(e, InterfaceError):
            return True
        fields = e.args[0] if getattr(e, "args", None) else None
        return isinstance(fields, dict) and fields.get("C") in _DISCONNECTED


registry.register("postgresql.onetrip", __name__, "OneTripDialect")
