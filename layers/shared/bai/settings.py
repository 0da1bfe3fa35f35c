"""Every environment variable the suite reads, in small groups that are read on first use.

Refuses to know what a value is used for. A missing variable is an error that names it and the group.
"""

import os
from dataclasses import dataclass
from functools import cache


class MissingSetting(RuntimeError):
    """A variable that template.yaml should give this function is not there."""


def _text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise MissingSetting(f"environment variable {name} is not set for this function; see template.yaml")
    return value


def _whole(name: str, default: str, low: int, high: int) -> int:
    value = int(_text(name, default))
    if not low <= value <= high:
        raise MissingSetting(f"environment variable {name}={value} is outside {low}..{high}")
    return value


@dataclass(frozen=True, slots=True)
class Database:
    host: str
    port: int
    name: str
    user: str
    auth: str  # iam | secret
    secret_arn: str
    tls: str  # verify | off
    ca_file: str


@dataclass(frozen=True, slots=True)
class Tokens:
    secret_arn: str
    issuer: str
    audience: str
    access_seconds: int
    refresh_seconds: int


@dataclass(frozen=True, slots=True)
class Realtime:
    """Addresses differ per function: only PushRoutes has the url, only PushDeliver the endpoint."""

    url: str
    endpoint: str
    tickets_table: str
    connections_table: str
    replay_queue_url: str
    retention_days: int


@dataclass(frozen=True, slots=True)
class Text:
    engine: str  # template | openai | n8n
    openai_base_url: str
    openai_model: str
    openai_secret_arn: str
    n8n_webhook_url: str
    n8n_secret_arn: str
    n8n_callback_url: str


@cache
def database() -> Database:
    return Database(
        host=_text("DB_HOST"),
        port=_whole("DB_PORT", "5432", 1, 65535),
        name=_text("DB_NAME"),
        user=_text("DB_USER"),
        auth=_text("DB_AUTH", "iam"),
        secret_arn=_text("DB_SECRET_ARN", ""),
        tls=_text("DB_TLS", "verify"),
        ca_file=_text("DB_CA_FILE", ""),
    )


@cache
def tokens() -> Tokens:
    stage = _text("BAI_STAGE", "dev")
    return Tokens(_text("JWT_SECRET_ARN"), f"bai-{stage}", f"bai-{stage}-api", 900, 30 * 86_400)


@cache
def realtime() -> Realtime:
    return Realtime(
        url=_text("REALTIME_URL", ""),
        endpoint=_text("REALTIME_ENDPOINT", ""),
        tickets_table=_text("TICKETS_TABLE", ""),
        connections_table=_text("CONNECTIONS_TABLE", ""),
        replay_queue_url=_text("REPLAY_QUEUE_URL", ""),
        retention_days=_whole("EVENT_RETENTION_DAYS", "7", 1, 90),
    )


@cache
def text() -> Text:
    return Text(
        engine=_text("TEXT_ENGINE", "template"),
        openai_base_url=_text("OPENAI_BASE_URL", "").rstrip("/"),
        openai_model=_text("OPENAI_MODEL", ""),
        openai_secret_arn=_text("OPENAI_SECRET_ARN", ""),
        n8n_webhook_url=_text("N8N_WEBHOOK_URL", ""),
        n8n_secret_arn=_text("N8N_SECRET_ARN", ""),
        n8n_callback_url=_text("N8N_CALLBACK_URL", ""),
    )


@cache
def queue_url(module: str) -> str:
    """Address of a module's job queue, e.g. queue_url("content_planner"); `push` is the socket queue."""
    return _text(f"{module.upper()}_QUEUE_URL")


@cache
def dead_letter_url(module: str) -> str:
    return _text(f"{module.upper()}_DLQ_URL")


@cache
def job_queues() -> tuple[str, ...]:
    """Names of the job queues, known by having dead letters: template.yaml gives every function the address of each."""
    return tuple(sorted(name[: -len("_DLQ_URL")].lower() for name in os.environ if name.endswith("_DLQ_URL")))


@cache
def lease_seconds() -> int:
    return _whole("JOB_LEASE_SECONDS", "20", 1, 60)


@cache
def memory_mb() -> int:
    """What Lambda gave this function; it sets this itself. A job's cost counts GB-seconds."""
    return _whole("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512", 128, 10_240)


@cache
def results_bucket() -> str:
    """Where results too large for a row are kept."""
    return _text("JOB_RESULTS_BUCKET")


def service() -> str:
    return _text("POWERTOOLS_SERVICE_NAME", "bai")


def forget() -> None:
    """Drops what was read, for tests that change the environment."""
    for group in (
        database,
        tokens,
        realtime,
        text,
        queue_url,
        dead_letter_url,
        job_queues,
        lease_seconds,
        memory_mb,
        results_bucket,
    ):
        group.cache_clear()
