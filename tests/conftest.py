"""What tests stand on: a real PostgreSQL behind a real PgBouncer, AWS by moto from template.yaml, the whole local cloud.

A test gets a database of its own (copied from a migrated template) and the environment that template.yaml gives the
functions; nothing of ours is patched.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from bai import auth, aws, db, settings
from local.pgbouncer import PgBouncer, find_pgbouncer
from local.postgres import THROWAWAY, Postgres
from local.template import Template
from tests.builders import Api, Worker, lambda_context

ROOT = Path(__file__).parent.parent
_PARAMETERS = {
    "Stage": "test",
    "DatabaseAuth": "secret",
    "DatabaseTls": "off",
    "ConsoleUrl": "http://localhost:8000",
    "PublicApiUrl": "http://localhost:8000",
}
_AWS_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves its event loop running in the main thread, where no other can run."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@dataclass(frozen=True)
class Pool:
    """Where functions connect: PgBouncer in transaction mode, or PostgreSQL itself where it is not installed."""

    server: Postgres
    port: int
    password: str


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    password = secrets.token_urlsafe(12)
    server = Postgres(tmp_path_factory.mktemp("postgres"), settings={**THROWAWAY, "max_connections": "200"})
    with server:
        server.create_role("bai", password)
        server.create_database("migrated", owner="bai")
        _migrate(server, password)
        if find_pgbouncer() is None:
            yield Pool(server, server.port, password)
            return
        with PgBouncer(server, users={"bai": password}, pool_size=20) as bouncer:
            yield Pool(server, bouncer.port, password)


def _migrate(server: Postgres, password: str) -> None:
    """As a deploy does it: by the Lambda's own handler."""
    from ops.migrate import handler

    with pytest.MonkeyPatch.context() as patch:
        _use_database(patch, server.port, "migrated", password)
        handler({}, lambda_context())
        db.forget()


def _use_database(patch: pytest.MonkeyPatch, port: int, name: str, password: str) -> None:
    values = {
        "DB_HOST": "127.0.0.1",
        "DB_PORT": str(port),
        "DB_NAME": name,
        "DB_USER": "bai",
        "DB_AUTH": "secret",
        "DB_SECRET_ARN": "test-database-password",
        "DB_TLS": "off",
    }
    for key, value in values.items():
        patch.setenv(key, value)
    settings.forget()
    aws.remember_secret("test-database-password", password)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Template]:
    """An AWS account (moto) with the template's queues, tables and secrets, and the functions' environment."""
    for key, value in _AWS_ENVIRONMENT.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # What tests serve on loopback themselves (the @connections API, an n8n) is really called.
    with mock_aws(config={"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1.*"]}}}):
        template = Template(ROOT / "template.yaml", _PARAMETERS, aws_url="https://sqs.us-east-1.amazonaws.com")
        _create_resources(template)
        for function in template.functions().values():
            for key, value in function.environment.items():
                monkeypatch.setenv(key, value)
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "test")
        settings.forget()
        aws.forget()
        yield template
    aws.forget()
    settings.forget()


def _create_resources(template: Template) -> None:
    sqs, dynamodb, store = boto3.client("sqs"), boto3.client("dynamodb"), boto3.client("secretsmanager")
    for queue in template.queues():
        attributes: Any = {
            key: str(value).lower()
            for key, value in queue.properties.items()
            if key in ("VisibilityTimeout", "FifoQueue")
        }
        sqs.create_queue(QueueName=queue.name, Attributes=attributes)
    for table in template.tables():
        given = {k: table.properties[k] for k in ("AttributeDefinitions", "KeySchema", "BillingMode")}
        dynamodb.create_table(TableName=table.name, **given)
    for secret in template.secrets():
        value = secrets.token_urlsafe(32)
        template.secret_arns[secret.logical_id] = store.create_secret(Name=secret.name, SecretString=value)["ARN"]


@pytest.fixture
def database(account: Template, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A migrated database of the test's own, reached through the pooler."""
    name = f"test_{secrets.token_hex(6)}"
    pool.server.create_database(name, template="migrated", owner="bai")
    _copy_settings(pool.server, name)
    _use_database(monkeypatch, pool.port, name, pool.password)
    db.forget()
    yield pool
    db.forget()
    pool.server.drop_database(name)


def _copy_settings(server: Postgres, name: str) -> None:
    """CREATE DATABASE … TEMPLATE leaves out the bounds (lock_timeout and its like) that the first migration sets."""
    query = (
        "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase "
        "WHERE d.datname = 'migrated'"
    )
    for (setting,) in server.execute(query):
        key, _, value = str(setting).partition("=")
        server.execute(f"ALTER DATABASE {name} SET {key} = '{value}'")


@pytest.fixture
def api(database: Pool) -> Api:
    """Calls the functions' own handlers with API Gateway's events, as the template routes them."""
    return Api()


@pytest.fixture
def worker(database: Pool, account: Template) -> Worker:
    """Hands queued messages to the template's workers, as event source mappings do."""
    return Worker(account)


@pytest.fixture
def caller(api: Api) -> auth.Caller:
    """A CEREBRO client as the services see it."""
    user = api.client(plan="CEREBRO")
    with db.transaction() as session:
        return auth.load_caller(session, user.id)


@dataclass(frozen=True)
class Cloud:
    """Addresses of a running local cloud."""

    console: str
    api: str
    realtime: str
    aws: str
    lambda_url: str
    state: Path
    database: dict[str, Any]
    process: subprocess.Popen[bytes]

    def invoke(self, function: str, event: dict[str, Any] | None = None) -> Any:
        """Invokes a function synchronously, as `aws lambda invoke` does."""
        url = f"{self.lambda_url}/2015-03-31/functions/{function}/invocations"
        request = urllib.request.Request(url, data=json.dumps(event or {}).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=330) as answer:
            return json.loads(answer.read())


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The whole platform as `make run` starts it, on free ports and in a directory of its own."""
    state = tmp_path_factory.mktemp("cloud")
    process = start_cloud(state, ports_from=31_000)
    try:
        yield addresses_of(state, process)
    finally:
        process.terminate()
        process.wait(30)


def start_cloud(state: Path, *, ports_from: int, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "local", "run", "--state-dir", str(state), "--ports-from", str(ports_from)]
    with (state / "run.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--quiet"], cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **environment}
        )
    end = time.monotonic() + 90
    while not (state / "addresses.json").exists():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise RuntimeError(f"the local cloud did not start:\n{(state / 'run.log').read_text()[-4000:]}")
        time.sleep(0.05)
    return process


def addresses_of(state: Path, process: subprocess.Popen[bytes]) -> Cloud:
    found = json.loads((state / "addresses.json").read_text())
    return Cloud(
        console=found["console"],
        api=found["api"],
        realtime=found["realtime"],
        aws=found["aws"],
        lambda_url=found["lambda"],
        state=state,
        database=found["database"],
        process=process,
    )
