"""What the template defines, as plain typed values. Whoever runs a part of it needs only these."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclass(frozen=True)
class HttpRoute:
    function: str
    method: str
    path: str
    timeout: float


@dataclass(frozen=True)
class EventSource:
    function: str
    queue_arn: str
    batch_size: int
    window: float
    reports_failures: bool
    maximum_concurrency: int | None


@dataclass(frozen=True)
class Schedule:
    function: str
    name: str
    expression: str
    time_zone: str
    input: str | None
    retries: int


@dataclass(frozen=True)
class Function:
    logical_id: str
    name: str
    handler: str
    code: Path
    layers: tuple[Path, ...]
    environment: dict[str, str]
    memory: int
    timeout: float
    concurrency: int | None
    json_logs: bool

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"


@dataclass(frozen=True)
class HttpApi:
    logical_id: str
    api_id: str
    cors: dict[str, Any]
    rate: float
    burst: int
    routes: tuple[HttpRoute, ...]


@dataclass(frozen=True)
class WebSocketRoute:
    function: str
    timeout: float


@dataclass(frozen=True)
class WebSocketApi:
    logical_id: str
    api_id: str
    stage: str
    selection: str
    authorizer: str | None
    identity_sources: tuple[str, ...]
    rate: float
    burst: int
    routes: dict[str, WebSocketRoute]


@dataclass(frozen=True)
class Resource:
    """A queue, table, bucket or secret: its properties, resolved, are handed to the emulator."""

    logical_id: str
    name: str
    properties: dict[str, Any]


def api_id(logical_id: str) -> str:
    digits = hashlib.sha256(logical_id.encode()).digest()[:10]
    return "".join("abcdefghijklmnopqrstuvwxyz0123456789"[digit % 36] for digit in digits)
