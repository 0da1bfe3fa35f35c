"""The @connections management API as boto3's apigatewaymanagementapi calls it: post, get, delete."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import web

from local.aws_front import Calls

if TYPE_CHECKING:
    from local.websocket_api import WebSocketGateway

POST_LIMIT = 128 * 1024
_WHO = re.compile(r"Credential=([^/,]+)/")
_ACTIONS = {"POST", "GET", "DELETE"}


class ConnectionsApi:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.gateway: WebSocketGateway | None = None
        self.handlers = web.Server(self._serve, access_log=None, keepalive_timeout=120)

    def serve(self, gateway: WebSocketGateway) -> None:
        self.gateway = gateway

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        gateway = self.gateway
        assert gateway is not None
        stage, _, connection_id = request.raw_path.partition("?")[0].lstrip("/").partition("/@connections/")
        if stage != gateway.api.stage or not connection_id or request.method not in _ACTIONS:
            return _error(403, "ForbiddenException", "Forbidden")
        caller = _WHO.search(request.headers.get("Authorization", ""))
        if caller is None:
            return _error(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        self.calls.note(caller.group(1), "execute-api:ManageConnections", f"{gateway.api.logical_id}/{stage}")
        body = await request.content.read()
        wire = gateway.wires.get(unquote(connection_id))
        if wire is None or not wire.open:
            return _error(410, "GoneException", "Gone")
        if request.method == "POST":
            if len(body) > POST_LIMIT:
                return _error(413, "PayloadTooLargeException", "Payload too large")
            if not wire.send(body):
                return _error(410, "GoneException", "Gone")
            return web.Response(status=200)
        connection = gateway.connections[wire]
        if request.method == "DELETE":
            wire.close(1000, "Connection Closed Normally")
            return web.Response(status=204)
        last_active = time.time() - (time.monotonic() - wire.active)
        return web.json_response(
            {
                "connectedAt": _iso(connection.connected_at / 1000),
                "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
                "lastActiveAt": _iso(last_active),
            }
        )


def _iso(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status, headers={"x-amzn-ErrorType": code})
