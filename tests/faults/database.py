"""A superuser's hands on a local cloud's database: to let time pass, and to take it away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pg8000.native

from tests.conftest import Cloud


@contextmanager
def superuser(cloud: Cloud, database: str | None = None) -> Iterator[pg8000.native.Connection]:
    where = cloud.database["superuser"]
    connection = pg8000.native.Connection(
        where["user"],
        host=where["host"],
        port=where["port"],
        database=database or where["name"],
        password=where["password"],
    )
    try:
        yield connection
    finally:
        connection.close()


def let_leases_pass(cloud: Cloud) -> list[Any]:
    """As if the step's own budget were over: a lease is as long as the slowest model may take, 70 s."""
    with superuser(cloud) as database:
        moved: list[Any] = database.run("UPDATE jobs SET wake_at = now() WHERE state = 'running' RETURNING id::text")
        return moved


def let_a_minute_pass(cloud: Cloud) -> None:
    """A message that was received by a worker which never claimed its job is sent again after a minute."""
    with superuser(cloud) as database:
        database.run("UPDATE jobs SET wake_at = now() WHERE state = 'queued' AND parked_at IS NULL")


@contextmanager
def away(cloud: Cloud) -> Iterator[None]:
    """The server ends every connection and takes no new ones, as in a fail-over."""
    name = cloud.database["superuser"]["name"]
    with superuser(cloud, "postgres") as database:
        database.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=name)
        try:
            yield
        finally:
            database.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
