"""PostgreSQL behind PgBouncer, MiniStack's queues, the outside service and a fork server: what the killed workers live in."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pg8000.exceptions
import pg8000.native

from bai import aws, db, settings
from local.ministack import MiniStack, find_ministack
from local.pgbouncer import PgBouncer, find_pgbouncer
from local.postgres import THROWAWAY, Postgres
from local.shapes import ACCOUNT
from tests.builders import lambda_context
from tests.faults.kill.outside import Outside, serving

ROOT = Path(__file__).resolve().parents[3]
_VISIBLE_AFTER = "2"
MAX_RECEIVES = 5


class Answers:
    """What forks returned: a file for each, by its number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, number: int) -> list[Any]:
        paths = [self.folder / f"{each}.json" for each in range(number)]
        return [json.loads(path.read_text()) if path.exists() else None for path in paths]


class World:
    """`ask` has forks of the server do something; the environment of this process reaches the same database and queues."""

    def __init__(
        self, server: Postgres, outside: Outside, process: subprocess.Popen[str], log: Path, bouncer: PgBouncer | None
    ) -> None:
        self.server, self.outside, self.process, self.log, self.bouncer = server, outside, process, log, bouncer
        self._eyes: pg8000.native.Connection | None = None

    def ask(self, act: str, **fields: Any) -> list[int]:
        """Forks `workers` (or one for each of `points`), waits for them, returns their exit statuses."""
        return list(self._say({"act": act, **fields})["ended"])

    def _say(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the fork server ended:\n{self.log.read_text()[-3000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def start(self, act: str, **fields: Any) -> list[int]:
        """As `ask`, without waiting for the forks to end; returns their process ids."""
        return list(self._say({"act": act, "later": True, **fields})["pids"])

    def wait_for(self, pids: list[int]) -> list[int]:
        return list(self._say({"act": "wait", "pids": pids})["ended"])

    def gather(self, act: str, **fields: Any) -> list[Any]:
        """As `ask`, but returns what each fork's act returned; None for one that died before."""
        answers = self.answers()
        return answers.read(len(self.ask(act, answers=str(answers.folder), **fields)))

    def answers(self) -> Answers:
        return Answers(Path(tempfile.mkdtemp(dir=self.log.parent)))

    def forget_messages(self) -> None:
        """Nobody reads the sockets' queue here, and MiniStack crawls when 30,000 lie in it."""
        aws.sqs().purge_queue(QueueUrl=settings.queue_url("push"))

    def sql(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """As superuser, in autocommit; through a connection of its own that is kept."""
        for last in (False, True):
            try:
                if self._eyes is None:
                    self._eyes = pg8000.native.Connection(
                        "postgres", host="127.0.0.1", port=self.server.port, database="faults",
                        password=self.server.password, ssl_context=False,
                    )  # fmt: skip
                return [tuple(row) for row in self._eyes.run(statement, **parameters) or []]
            except (pg8000.exceptions.InterfaceError, OSError):
                self._eyes = None
                if last:
                    raise
        raise AssertionError("not reached")


@contextmanager
def world(folder: Path) -> Iterator[World]:
    before = dict(os.environ)
    with ExitStack() as stack:
        stack.callback(_restore, before)
        server = stack.enter_context(Postgres(folder / "postgres", settings={**THROWAWAY, "max_connections": "200"}))
        password = secrets.token_urlsafe(12)
        server.create_role("bai", password)
        server.create_database("faults", owner="bai")
        bouncer = None
        if find_pgbouncer() is not None:
            bouncer = stack.enter_context(PgBouncer(server, users={"bai": password}, pool_size=30))
        port = bouncer.port if bouncer else server.port
        outside = stack.enter_context(serving())
        endpoint = stack.enter_context(_queues(folder))
        _point_at(endpoint, port, password, outside.port, folder / "workers.log")
        _migrate(server, port)
        process = stack.enter_context(_fork_server())
        here = World(server, outside, process, folder / "workers.log", bouncer)
        here.ask("warm up")
        yield here
        db.forget()


@contextmanager
def _queues(folder: Path) -> Iterator[str]:
    stack = MiniStack(find_ministack(ROOT), folder / "state")
    stack.launch()

    async def ready() -> None:
        async with aiohttp.ClientSession() as session:
            await stack.wait_ready(session)

    try:
        asyncio.run(ready())
        yield stack.url
    finally:
        stack.stop()


def _point_at(endpoint: str, port: int, password: str, outside_port: int, log: Path) -> None:
    values = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DB_HOST": "127.0.0.1",
        "DB_PORT": str(port),
        "DB_NAME": "faults",
        "DB_USER": "bai",
        "DB_AUTH": "secret",
        "DB_TLS": "off",
        "JOB_LEASE_SECONDS": "20",
        "JOB_RESULTS_BUCKET": "results",
        "LOG_LEVEL": "ERROR",
        "POWERTOOLS_SERVICE_NAME": "faults",
        "OUTSIDE_PORT": str(outside_port),
        "KILL_LOG": str(log),
    }
    os.environ.update(values)
    settings.forget()
    aws.forget()
    sqs = boto3.client("sqs")
    fifo: Any = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}
    os.environ["PUSH_QUEUE_URL"] = sqs.create_queue(QueueName="push.fifo", Attributes=fifo)["QueueUrl"]
    for name in ("content_planner", "content_planner_urgent", "jobs"):
        dead = sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
        policy = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}-dlq", "maxReceiveCount": MAX_RECEIVES}
        attributes: Any = {"VisibilityTimeout": _VISIBLE_AFTER, "RedrivePolicy": json.dumps(policy)}
        live = sqs.create_queue(QueueName=f"{name}-queue", Attributes=attributes)["QueueUrl"]
        os.environ.update({f"{name.upper()}_QUEUE_URL": live, f"{name.upper()}_DLQ_URL": dead})
    os.environ["DATABASE_PASSWORD"] = password
    secret = boto3.client("secretsmanager").create_secret(Name="database", SecretString=password)["ARN"]
    os.environ["TOKEN_SECRET"] = secrets.token_urlsafe(48)
    token_secret = boto3.client("secretsmanager").create_secret(Name="jwt", SecretString=os.environ["TOKEN_SECRET"])
    os.environ.update({"DB_SECRET_ARN": secret, "JWT_SECRET_ARN": token_secret["ARN"]})
    settings.forget()


def _migrate(server: Postgres, pooled: int) -> None:
    from ops.migrate import handler

    os.environ["DB_PORT"] = str(server.port)
    settings.forget()
    handler({}, lambda_context())
    db.forget()
    os.environ["DB_PORT"] = str(pooled)
    # What a deploy sets to a minute: a worker frozen in the middle of a transaction is cut off sooner here.
    server.execute("ALTER DATABASE faults SET idle_in_transaction_session_timeout = '2s'")
    settings.forget()


@contextmanager
def _fork_server() -> Iterator[subprocess.Popen[str]]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "functions", "layers/shared", "migrations"))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.kill.forkserver"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        if "ready" not in process.stdout.readline():
            raise RuntimeError("the fork server did not start")
        yield process
    finally:
        process.kill()
        process.wait(10)


def _restore(before: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)
    settings.forget()
    aws.forget()
