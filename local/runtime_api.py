"""The Lambda Runtime API (2018-06-01) for one execution environment, on a port of its own.

A port each, because the runtime client accepts only host:port and so could not say which environment it is.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

PAYLOAD_LIMIT = 6 * 1024 * 1024
_PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to. `error` is Lambda's X-Amz-Function-Error, or None."""

    payload: bytes
    error: str | None = None

    @classmethod
    def failed(cls, kind: str, message: str) -> Outcome:
        return cls(json.dumps({"errorType": kind, "errorMessage": message}).encode(), "Unhandled")


@dataclass
class Invocation:
    payload: bytes
    arn: str
    done: asyncio.Future[Outcome]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    deadline_ms: int = 0

    def settle(self, outcome: Outcome) -> None:
        # The caller may have gone away meanwhile; the function ran all the same.
        if not self.done.done():
            self.done.set_result(outcome)


class Runtime(Protocol):
    """The environment behind the API."""

    async def next(self) -> Invocation: ...

    def finish(self, request_id: str, outcome: Outcome) -> bool: ...

    def init_failed(self, outcome: Outcome) -> None: ...


class RuntimeApi:
    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.server: asyncio.Server | None = None
        self.handlers = web.Server(self._serve, access_log=None, keepalive_timeout=3600)

    async def start(self) -> str:
        """The address for AWS_LAMBDA_RUNTIME_API. aiohttp sets TCP_NODELAY on what it accepts."""
        self.server = await asyncio.get_running_loop().create_server(self.handlers, "127.0.0.1", 0)
        host, port = self.server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            self.server = None
            for connection in list(self.handlers.connections):
                if connection.transport is not None:
                    connection.transport.close()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.removeprefix(_PREFIX)
        if path == "invocation/next" and request.method == "GET":
            return _as_response(await self.runtime.next())
        body = await request.content.read()
        if path == "init/error":
            self.runtime.init_failed(Outcome(body, "Unhandled"))
            return web.json_response({"status": "OK"}, status=202)
        parts = path.split("/")
        if len(parts) == 3 and parts[0] == "invocation" and parts[2] in ("response", "error"):
            return self._finish(parts[1], parts[2] == "error", body)
        return web.json_response({"errorType": "Runtime.UnknownPath"}, status=404)

    def _finish(self, request_id: str, failed: bool, body: bytes) -> web.Response:
        outcome = Outcome(body, "Unhandled" if failed else None)
        too_large = len(body) > PAYLOAD_LIMIT
        if too_large:
            text = f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes)."
            outcome = Outcome.failed("Function.ResponseSizeTooLarge", text)
        if not self.runtime.finish(request_id, outcome):
            return web.json_response({"errorType": "InvalidRequestID"}, status=400)
        if too_large:
            return web.json_response({"errorType": "RequestEntityTooLarge"}, status=413)
        return web.json_response({"status": "OK"}, status=202)


def _as_response(invocation: Invocation) -> web.Response:
    headers = {
        "Lambda-Runtime-Aws-Request-Id": invocation.id,
        "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
        "Lambda-Runtime-Trace-Id": "Root=1-00000000-" + invocation.id.replace("-", "")[:24] + ";Sampled=0",
    }
    return web.Response(body=invocation.payload, headers=headers, content_type="application/json")
