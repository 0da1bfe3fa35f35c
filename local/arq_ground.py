"""What Arq and our engine each stand on when they are compared: a Redis, or PostgreSQL, PgBouncer and queues. Own ports,
own directories, gone at the end. Knows neither Arq's API nor a job.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp

from local.ministack import MiniStack, find_ministack
from local.pgbouncer import PgBouncer, find_pgbouncer
from local.postgres import Postgres
from local.processes import NotAvailable, clean_environment, die_with_parent, free_port, stop
from local.shapes import REGION

ROOT = Path(__file__).parents[1]
DATABASE = USER = "bai"
REDIS_HELP = (
    "redis-server is not installed, and Arq lives in it. `python3 -m local.setup bench` installs it where this is root "
    "on Debian or Ubuntu; elsewhere: apt-get install redis-server, dnf install redis, brew install redis."
)


def find_redis(search: str | None = None) -> str:
    """Raises NotAvailable with how to get it."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/bin"]
    found = shutil.which("redis-server", path=os.pathsep.join(places) if search is None else search)
    if found is None:
        raise NotAvailable(REDIS_HELP)
    return found


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[int, int]]:
    """A Redis of our own that keeps nothing; (port, process id)."""
    folder.mkdir(parents=True, exist_ok=True)
    port, log = free_port(), folder / "redis.log"
    command = [find_redis(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [*command, "--dir", str(folder)], env=clean_environment(), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - it only calls prctl
        )  # fmt: skip
    try:
        _wait_for_port(port, process, log)
        yield port, process.pid
    finally:
        stop(process)


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise NotAvailable(f"Redis did not start:\n{log.read_text(errors='replace')[-1000:]}")


@dataclass(frozen=True)
class Database:
    """`direct` and `pooled` are ports; functions use the pooled one."""

    server: Postgres
    direct: int
    pooled: int
    password: str
    pooler: PgBouncer | None

    @property
    def process_id(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid


@contextmanager
def database(folder: Path, settings: dict[str, str] | None = None) -> Iterator[Database]:
    """A migrated database behind PgBouncer, where that is installed."""
    password = secrets.token_urlsafe(12)
    with ExitStack() as stack:
        server = stack.enter_context(Postgres(folder, settings=settings))
        server.create_role(USER, password)
        server.create_database(DATABASE, owner=USER)
        pooler = None
        if find_pgbouncer() is not None:
            pooler = stack.enter_context(PgBouncer(server, users={USER: password}))
        yield Database(server, server.port, pooler.port if pooler else server.port, password, pooler)


@contextmanager
def queues(folder: Path) -> Iterator[str]:
    """MiniStack; its address."""
    emulator = MiniStack(find_ministack(ROOT), folder)
    emulator.launch()

    async def ready() -> None:
        async with aiohttp.ClientSession() as session:
            await emulator.wait_ready(session)

    try:
        asyncio.run(ready())
        yield emulator.url
    finally:
        emulator.stop()


def worker_environment(database: Database, endpoint: str, names: Sequence[str], **more: str) -> dict[str, str]:
    """A worker's environment; makes the job queues `names`, with their dead letters, and the push queue."""
    import boto3  # noqa: PLC0415 - half a second

    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": REGION}
    named: dict[str, Any] = {"endpoint_url": endpoint, "region_name": REGION}
    named |= {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    sqs, store = boto3.client("sqs", **named), boto3.client("secretsmanager", **named)
    found = {}
    for name in names:
        for suffix, queue in (("QUEUE", name), ("DLQ", f"{name}-dlq")):
            made = sqs.create_queue(QueueName=queue, Attributes={"VisibilityTimeout": "5"})
            found[f"{name.upper()}_{suffix}_URL"] = made["QueueUrl"]
    fifo: Any = {"FifoQueue": "true", "ContentBasedDeduplication": "false"}
    found["PUSH_QUEUE_URL"] = sqs.create_queue(QueueName="push.fifo", Attributes=fifo)["QueueUrl"]
    secret = store.create_secret(Name=f"database-{secrets.token_hex(4)}", SecretString=database.password)["ARN"]
    where = {
        "DB_HOST": "127.0.0.1",
        "DB_PORT": str(database.pooled),
        "DB_NAME": DATABASE,
        "DB_USER": USER,
        "DB_AUTH": "secret",
        "DB_SECRET_ARN": secret,
        "DB_TLS": "off",
    }
    return {**keys, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": endpoint, **where, **found, **more}


@contextmanager
def as_environment(values: dict[str, str]) -> Iterator[None]:
    """This process sees what a worker sees, until the end of the block."""
    from bai import aws, db, settings  # noqa: PLC0415 - after the environment is there

    before = dict(os.environ)
    os.environ.update(values)
    settings.forget()
    aws.forget()
    try:
        yield
    finally:
        db.forget()
        os.environ.clear()
        os.environ.update(before)
        settings.forget()
        aws.forget()


def migrate(database: Database, environment: dict[str, str]) -> None:
    """As a deploy does it: by the Lambda's own handler, past the pooler."""
    from ops.migrate import handler  # noqa: PLC0415

    with as_environment({**environment, "DB_PORT": str(database.direct), "LOG_LEVEL": "ERROR"}):
        handler({}, lambda_context(600))


def lambda_context(seconds: float) -> Any:
    """Lambda's context object, as far as anything reads it."""
    ends = time.monotonic() + seconds
    return SimpleNamespace(
        aws_request_id="compare", get_remaining_time_in_millis=lambda: int((ends - time.monotonic()) * 1000)
    )


def start_python(
    module: str, arguments: Sequence[str], environment: dict[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """A Python process with the project's import roots; it dies with this one. stdin and stdout are pipes for bench."""
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "functions", "layers/shared", "migrations"))
    with log.open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=ROOT,
            env={**clean_environment(), **environment, "PYTHONPATH": paths},
            stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - it only calls prctl
        )  # fmt: skip
