"""The database layer on a real server behind a real pooler: transactions, errors, round trips, outages."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from pg8000 import core
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from bai import db, rds_token
from bai.errors import Invalid, Unavailable


def test_a_block_that_raises_is_rolled_back_and_runs_no_after_commit_step(database: Any) -> None:
    ran: list[str] = []

    def fail() -> None:
        with db.transaction() as session:
            session.execute(text("CREATE TABLE t (x int)"))
            session.after_commit("x", lambda _: ran.append("after"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with pytest.raises(ProgrammingError), db.transaction() as session:
        session.execute(text("SELECT * FROM t"))
    assert ran == []


def test_hooks_run_in_their_place_once_and_a_failing_after_step_is_only_logged(database: Any) -> None:
    order: list[str] = []

    def broken(session: db.Session) -> None:
        raise RuntimeError("the queue is away")

    with db.transaction() as session:
        session.after_commit("broken", broken)
        session.after_commit("a", lambda _: order.append("after"))
        session.after_commit("a", lambda _: order.append("again"))
        session.before_commit("b", lambda _: order.append("before"))
        order.append("block")
    assert order == ["block", "before", "after"]


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("INSERT INTO jobs (id) VALUES (gen_random_uuid())", IntegrityError),
        ("SELECT * FROM no_such_table", ProgrammingError),
    ],
)
def test_database_errors_keep_their_class_and_the_connection_stays_good(
    database: Any, statement: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught, db.transaction() as session:
        session.execute(text(statement))
    assert len(db.sqlstate(caught.value)) == 5
    with db.transaction() as session:
        assert session.value(text("SELECT 1")) == 1


@pytest.mark.parametrize("statement", ["SELECT CAST('x' AS int)", "SELECT 1/0", "SELECT 2^31::int"])
def test_a_value_that_the_database_cannot_hold_is_invalid(database: Any, statement: str) -> None:
    with pytest.raises(Invalid), db.transaction() as session:
        session.execute(text(statement.replace("2^31", "2147483648::bigint")))
    with db.transaction() as session:
        assert session.value(text("SELECT 1")) == 1


def test_a_lost_connection_is_unavailable_and_the_next_transaction_is_fine(database: Any) -> None:
    with pytest.raises(Unavailable), db.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with db.transaction() as session:
        assert session.value(text("SELECT 2")) == 2


def test_a_connection_closed_while_idle_is_replaced_before_use(database: Any) -> None:
    with db.transaction() as session:
        session.execute(text("SELECT 1"))
    pooled = db.engine().raw_connection()
    connection: Any = pooled.dbapi_connection
    pooled.close()
    connection._usock.shutdown(2)
    with db.transaction() as session:
        assert session.value(text("SELECT 3")) == 3


def test_waiting_for_a_lock_ends_in_unavailable(database: Any) -> None:
    """The bound (5 s) is the database's own default, set by the first migration."""
    engine = create_engine("postgresql+onetrip://", creator=db._connect)
    with engine.begin() as holder:
        holder.execute(text("LOCK TABLE jobs"))
        with pytest.raises(Unavailable), db.transaction() as session:
            session.execute(text("LOCK TABLE jobs"))
    engine.dispose()


def test_a_transaction_of_one_statement_takes_two_round_trips(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction() as session:
        session.execute(text("SELECT 1"))
    trips: list[None] = []
    flush = core._flush

    def counted(sock: Any) -> None:
        trips.append(None)
        flush(sock)

    monkeypatch.setattr(core, "_flush", counted)
    with db.transaction() as session:
        session.value(text("SELECT count(*) FROM jobs WHERE state = :s"), {"s": "queued"})
    assert len(trips) == 2, trips


def test_types_survive_the_trip(database: Any) -> None:
    moment = datetime(2027, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    with db.transaction() as session:
        row = session.row(
            text(
                "SELECT :a AS a, CAST(:b AS timestamptz) AS b, CAST(:c AS jsonb) AS c, CAST(:d AS text) AS d, NULL AS e"
            ),
            {"a": "ñ😀'\"\\", "b": moment, "c": '{"x": [1, null]}', "d": "%s :x $1"},
        )
    assert row is not None
    assert dict(row) == {"a": "ñ😀'\"\\", "b": moment, "c": {"x": [1, None]}, "d": "%s :x $1", "e": None}


def test_autocommit_is_refused(database: Any) -> None:
    with pytest.raises(Exception, match="AUTOCOMMIT"), db.engine().connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")


def test_a_database_that_is_away_is_unavailable(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bai import settings

    db.forget()
    monkeypatch.setenv("DB_PORT", "1")
    settings.forget()
    with pytest.raises(Unavailable), db.transaction():
        pytest.fail("there is no database")
    db.forget()


def test_a_rotated_password_is_read_again(account: Any, pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    from bai import aws, settings

    arn = boto3.client("secretsmanager").create_secret(Name="db", SecretString=f'{{"password": "{pool.password}"}}')[
        "ARN"
    ]
    values = {"DB_HOST": "127.0.0.1", "DB_PORT": str(pool.server.port), "DB_NAME": "migrated", "DB_USER": "bai"}
    for key, value in {**values, "DB_SECRET_ARN": arn}.items():
        monkeypatch.setenv(key, value)
    settings.forget()
    db.forget()
    aws.remember_secret(arn, "the old one")
    with db.transaction() as session:
        assert session.value(text("SELECT current_user")) == "bai"
    db.forget()


def test_the_iam_token_is_the_one_boto3_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret/+key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session/+token==")
    at = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    host = "p.proxy-abc.eu-west-1.rds.amazonaws.com"
    client = boto3.session.Session(region_name="eu-west-1").client("rds")
    theirs = client.generate_db_auth_token(host, 5432, "bai")
    ours = rds_token.sign(host, 5432, "bai", "eu-west-1", at)
    stamp = theirs.split("X-Amz-Date=")[1][:16]
    again = rds_token.sign(
        host, 5432, "bai", "eu-west-1", datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    )
    assert sorted(again.partition("?")[2].split("&")) == sorted(theirs.partition("?")[2].split("&"))
    assert ours.startswith(f"{host}:5432/?")


def test_numbers_rise_by_one_under_concurrent_writers(database: Any, caller: Any) -> None:
    """Sixteen transactions at once, some rolled back: COMMIT order is number order and no number is left out."""
    from bai import push

    engine = create_engine("postgresql+onetrip://", creator=db._connect, pool_size=8)

    def write(n: int) -> None:
        with engine.connect() as connection:
            transaction = connection.begin()
            session = db.Session(connection)
            push.tell(session, caller.id, "thing.happened", {"n": n})
            session.run_before_commit()
            transaction.rollback() if n % 4 == 0 else transaction.commit()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    engine.dispose()
    with db.transaction() as session:
        numbers = session.execute(text("SELECT seq FROM events ORDER BY at, seq")).scalars().all()
    assert numbers == list(range(1, 13))


def test_an_answer_that_takes_too_long_is_unavailable_before_the_api_gives_up(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert db._CONNECT_SECONDS + db._ANSWER_SECONDS < 14, "the routes' TimeoutInMillis in template.yaml"
    monkeypatch.setattr(db, "_ANSWER_SECONDS", 0.3)
    slow = text("SELECT pg_sleep(0.6)")
    with pytest.raises(Unavailable), db.transaction() as session:
        session.execute(slow)
    db.forget()
    with db.engine().begin() as connection:
        db.wait_longer(connection, 5)
        connection.execute(slow)
