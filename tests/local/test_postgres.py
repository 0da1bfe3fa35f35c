"""The database under the local cloud and under every other test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pg8000.native
import pytest

from local.pgbouncer import PgBouncer, find_pgbouncer
from local.postgres import THROWAWAY, Postgres
from local.processes import port_is_free

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("pg"), settings=THROWAWAY) as started:
        yield started


def test_a_database_is_copied_from_a_template_and_dropped(server: Postgres) -> None:
    server.create_database("mould")
    server.execute("CREATE TABLE things (n int)", database="mould")
    server.execute("INSERT INTO things VALUES (7)", database="mould")
    server.create_database("cast", template="mould")
    assert server.execute("SELECT n FROM things", database="cast") == [(7,)]
    server.drop_database("cast")
    assert not server.has_database("cast")


def test_commits_are_synchronous_and_the_password_is_private(server: Postgres) -> None:
    assert server.execute("SHOW synchronous_commit") == [("on",)]
    assert (server.root / "superuser.password").stat().st_mode & 0o077 == 0
    with pytest.raises(Exception, match="password"):
        pg8000.native.Connection("postgres", host="127.0.0.1", port=server.port, password="wrong", ssl_context=False)


@pytest.mark.skipif(find_pgbouncer() is None, reason="pgbouncer is not installed here")
def test_many_clients_share_few_server_connections_in_transaction_mode(server: Postgres) -> None:
    server.create_role("pooled", "it's secret")
    server.create_database("pooled", owner="pooled")
    with PgBouncer(server, users={"pooled": "it's secret"}, pool_size=2) as pooler:
        clients = [
            pg8000.native.Connection(
                "pooled", host="127.0.0.1", port=pooler.port, database="pooled", password="it's secret",
                ssl_context=False,
            )
            for _ in range(12)
        ]  # fmt: skip
        seen = {client.run("SELECT pg_backend_pid()")[0][0] for client in clients}
        for client in clients:
            client.close()
    assert len(seen) <= 2


def test_data_survives_a_restart_and_the_server_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from local.postgres import Postgres\n"
        "server = Postgres(Path(sys.argv[1])); server.start(); server.execute('CREATE TABLE kept (n int)')\n"
        "print(server.port, server.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    port, child = map(int, parent.stdout.readline().split())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 10
    while not port_is_free(port) and time.monotonic() < until:
        time.sleep(0.02)
    assert port_is_free(port), f"PostgreSQL {child} outlived its parent"
    with Postgres(tmp_path) as again:
        assert again.execute("SELECT count(*) FROM kept") == [(0,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change user")
def test_as_root_a_directory_the_server_may_not_enter_is_replaced(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    server = Postgres(closed / "state", settings=THROWAWAY)
    try:
        with server:
            assert server.moved and server.root.parent == Path("/var/tmp")
            assert server.execute("SELECT 1") == [(1,)]
    finally:
        subprocess.run(["rm", "-rf", str(server.root)], check=True)
