"""API Gateway WebSocket API: authorizer, $connect, routes by the selection expression, $disconnect, limits.

Limits: 10 min idle and 2 h of life, which BAI_WS_IDLE_SECONDS and BAI_WS_LIFE_SECONDS shorten for tests.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any

from websockets.http11 import Request

from local.connections_api import ConnectionsApi
from local.functions import Functions, PayloadTooLarge, Throttled
from local.runtime_api import Outcome
from local.shapes import WebSocketApi
from local.socket_protocol import Wire
from local.throttle import TokenBucket
from local.websocket_events import (
    AuthorizerBroken,
    Connection,
    allowed_context,
    connect_answer,
    new_id,
    select_route,
)

AUTHORIZER_LIMIT = 10.0


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class WebSocketGateway:
    def __init__(self, api: WebSocketApi, functions: Functions, management: ConnectionsApi) -> None:
        self.api = api
        self.functions = functions
        self.management = management
        self.idle = float(os.environ.get("BAI_WS_IDLE_SECONDS", "600"))
        self.life = float(os.environ.get("BAI_WS_LIFE_SECONDS", "7200"))
        self.bucket = TokenBucket(api.rate, api.burst)
        self.wires: dict[str, Wire] = {}
        self.connections: dict[Wire, Connection] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.server: asyncio.Server | None = None
        self.stopping = False
        management.serve(self)

    async def start(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        factory = self.management.handlers
        self.server = await loop.create_server(lambda: Wire(self, factory), "127.0.0.1", port, backlog=4096)
        self._keep(self._cut_the_old())

    async def stop(self) -> None:
        self.stopping = True
        if self.server is not None:
            self.server.close()
        for wire in list(self.wires.values()):
            wire.close(1001, "Going away")
        for task in self.tasks:
            task.cancel()

    # ------------------------------------------------------------- what a wire reports

    def opening(self, wire: Wire, request: Request) -> None:
        path, _, query = request.path.partition("?")
        connection = Connection(self.api, list(request.headers.raw_items()), query, wire.source_ip)
        self._keep(self._open(wire, request, connection, path))

    def received(self, wire: Wire, message: str | bytes) -> None:
        connection = self.connections.get(wire)
        if connection is not None:
            self._keep(self._message(wire, connection, message))

    def closed(self, wire: Wire, code: int, reason: str) -> None:
        connection = self.connections.pop(wire, None)
        if connection is None or self.stopping:
            return
        self.wires.pop(connection.id, None)
        if "$disconnect" in self.api.routes:
            self._keep(self._disconnect(connection, code, reason))

    # ------------------------------------------------------------- what follows

    async def _open(self, wire: Wire, request: Request, connection: Connection, path: str) -> None:
        try:
            await self._admit(connection, path)
            subprotocol = await self._connect(connection)
        except Refused as refused:
            wire.reject(
                refused.status, HTTPStatus(refused.status).phrase, _error(refused.message, connection), new_id()
            )
            return
        if wire.accept(request, subprotocol):
            self.connections[wire], self.wires[connection.id] = connection, wire
        elif "$disconnect" in self.api.routes:
            # $connect ran, but the client left meanwhile.
            await self._disconnect(connection, 1006, "Connection closed abnormally")

    async def _admit(self, connection: Connection, path: str) -> None:
        if path.rstrip("/") != f"/{self.api.stage}":
            raise Refused(403, "Forbidden")
        if not self.bucket.take():
            raise Refused(429, "Too Many Requests")
        if self.api.authorizer is None:
            return
        if connection.missing_identity():
            raise Refused(401, "Unauthorized")
        outcome = await self._call(self.api.authorizer, connection.authorizer_event(), AUTHORIZER_LIMIT)
        if outcome is None or outcome.error:
            said = json.loads(outcome.payload).get("errorMessage") if outcome else None
            raise Refused(401, "Unauthorized") if said == "Unauthorized" else Refused(500, "Internal server error")
        try:
            context = allowed_context(outcome.payload, connection.method_arn())
        except AuthorizerBroken as broken:
            self.functions.pools[self.api.authorizer].log.line(f"API Gateway: {broken}")
            raise Refused(500, "Internal server error") from None
        if context is None:
            raise Refused(403, "User is not authorized to access this resource")
        connection.authorizer = context

    async def _connect(self, connection: Connection) -> str | None:
        route = self.api.routes.get("$connect")
        if route is None:
            return None
        outcome = await self._call(route.function, connection.connect_event(), route.timeout)
        if outcome is None:
            raise Refused(504, "Endpoint request timed out")
        if outcome.error:
            raise Refused(502, "Internal server error")
        status, subprotocol = connect_answer(outcome.payload)
        if not 200 <= status <= 299:
            refusal = {401: "Unauthorized", 403: "Forbidden", 502: "Internal server error"}
            known = status if status in set(HTTPStatus) else 502
            raise Refused(known, refusal.get(status, HTTPStatus(known).phrase))
        return subprotocol

    async def _message(self, wire: Wire, connection: Connection, message: str | bytes) -> None:
        if not self.bucket.take():
            wire.send(_error("Too Many Requests", connection))
            return
        key = select_route(self.api, message)
        if key is None:
            wire.send(_error("Forbidden", connection))
            return
        route = self.api.routes[key]
        event, request_id = connection.message_event(key, message)
        outcome = await self._call(route.function, event, route.timeout)
        if outcome is None:
            wire.send(_error("Endpoint request timed out", connection, request_id))
        elif outcome.error:
            wire.send(_error("Internal server error", connection, request_id))

    async def _disconnect(self, connection: Connection, code: int, reason: str) -> None:
        route = self.api.routes["$disconnect"]
        await self._call(route.function, connection.disconnect_event(code, reason), route.timeout)

    async def _call(self, function: str, event: bytes, limit: float) -> Outcome | None:
        """None when it took too long; a throttled call counts as the function's error."""
        try:
            async with asyncio.timeout(limit):
                return await self.functions.invoke(function, event)
        except TimeoutError:
            return None
        except (Throttled, PayloadTooLarge) as error:
            return Outcome.failed(type(error).__name__, "the function could not be invoked")

    async def _cut_the_old(self) -> None:
        while True:
            await asyncio.sleep(min(5.0, self.idle / 5, self.life / 5))
            now, epoch = time.monotonic(), time.time() * 1000
            for wire, connection in list(self.connections.items()):
                if now - wire.active > self.idle or epoch - connection.connected_at > self.life * 1000:
                    wire.close(1001, "Going away")

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def _error(message: str, connection: Connection, request_id: str | None = None) -> bytes:
    body = {"message": message, "connectionId": connection.id, "requestId": request_id or new_id()}
    return json.dumps(body).encode()
