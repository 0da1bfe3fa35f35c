"""The events that a WebSocket API hands to its functions and to its authorizer, and what it makes of the answers."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from local.shapes import ACCOUNT, REGION, WebSocketApi


class AuthorizerBroken(ValueError):
    """The authorizer answered something that is neither a yes nor a no."""


def new_id() -> str:
    """Sixteen characters ending in =, like API Gateway's connection and request ids."""
    return base64.b64encode(os.urandom(11), altchars=b"-_").decode()


@dataclass
class Connection:
    """What stays the same from $connect to $disconnect."""

    api: WebSocketApi
    headers: list[tuple[str, str]]
    query: str
    source_ip: str
    id: str = field(default_factory=new_id)
    connected_at: int = field(default_factory=lambda: int(time.time() * 1000))
    authorizer: dict[str, Any] = field(default_factory=dict)

    @property
    def user_agent(self) -> str:
        return next((value for name, value in self.headers if name.lower() == "user-agent"), "")

    def missing_identity(self) -> bool:
        query = dict(parse_qsl(self.query))
        names = {name.lower() for name, value in self.headers if value}
        for source in self.api.identity_sources:
            _, _, rest = source.partition("route.request.")
            kind, _, name = rest.partition(".")
            if kind == "querystring" and not query.get(name):
                return True
            if kind == "header" and name.lower() not in names:
                return True
        return False

    def context(self, route_key: str, event_type: str, **more: Any) -> dict[str, Any]:
        now, request_id = time.time(), new_id()
        domain = f"{self.api.api_id}.execute-api.{REGION}.amazonaws.com"
        context: dict[str, Any] = {
            "routeKey": route_key,
            "eventType": event_type,
            "extendedRequestId": request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "messageDirection": "IN",
            "stage": self.api.stage,
            "connectedAt": self.connected_at,
            "requestTimeEpoch": int(now * 1000),
            "identity": {"sourceIp": self.source_ip, "userAgent": self.user_agent},
            "requestId": request_id,
            "domainName": domain,
            "connectionId": self.id,
            "apiId": self.api.api_id,
            **more,
        }
        if self.authorizer:
            context["authorizer"] = self.authorizer
        return context

    def method_arn(self) -> str:
        return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{self.api.api_id}/{self.api.stage}/$connect"

    def _request(self) -> dict[str, Any]:
        singles: dict[str, str] = {}
        lists: dict[str, list[str]] = {}
        for name, value in [*self.headers, ("X-Forwarded-For", self.source_ip)]:
            singles[name] = value
            lists.setdefault(name, []).append(value)
        built: dict[str, Any] = {"headers": singles, "multiValueHeaders": lists}
        pairs = parse_qsl(self.query, keep_blank_values=True)
        if pairs:
            built["queryStringParameters"] = dict(pairs)
            many: dict[str, list[str]] = {}
            for name, value in pairs:
                many.setdefault(name, []).append(value)
            built["multiValueQueryStringParameters"] = many
        return built

    def authorizer_event(self) -> bytes:
        built = {"type": "REQUEST", "methodArn": self.method_arn(), **self._request(), "stageVariables": {}}
        return json.dumps({**built, "requestContext": self.context("$connect", "CONNECT")}).encode()

    def connect_event(self) -> bytes:
        context = self.context("$connect", "CONNECT")
        return json.dumps({**self._request(), "requestContext": context, "isBase64Encoded": False}).encode()

    def message_event(self, route_key: str, message: str | bytes) -> tuple[bytes, str]:
        """The event, and its request id for an error frame."""
        context = self.context(route_key, "MESSAGE", messageId=new_id())
        binary = isinstance(message, bytes)
        body = base64.b64encode(message).decode() if isinstance(message, bytes) else message
        built = {"requestContext": context, "body": body, "isBase64Encoded": binary}
        return json.dumps(built).encode(), context["requestId"]

    def disconnect_event(self, code: int, reason: str) -> bytes:
        context = self.context("$disconnect", "DISCONNECT", disconnectStatusCode=code, disconnectReason=reason)
        host = {"Host": context["domainName"], "X-Forwarded-For": self.source_ip}
        lists = {name: [value] for name, value in host.items()}
        built = {"headers": host, "multiValueHeaders": lists, "requestContext": context, "isBase64Encoded": False}
        return json.dumps(built).encode()


def allowed_context(payload: bytes, arn: str) -> dict[str, Any] | None:
    """The authorizer's context (texts only, as API Gateway passes it on) if its policy allows `arn`, else None."""
    try:
        returned = json.loads(payload)
        statements = returned["policyDocument"]["Statement"]
        principal = str(returned["principalId"])
    except (ValueError, KeyError, TypeError):
        raise AuthorizerBroken("no principalId or policyDocument") from None
    effects = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        if _covers(statement.get("Action"), "execute-api:Invoke") and _covers(statement.get("Resource"), arn):
            effects.add(statement.get("Effect"))
    if effects != {"Allow"}:
        return None
    context = {"principalId": principal, "integrationLatency": 0}
    for name, value in (returned.get("context") or {}).items():
        if isinstance(value, (dict, list)):
            raise AuthorizerBroken(f"context value {name} is not a text, number or boolean")
        context[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return context


def _covers(patterns: Any, value: str) -> bool:
    for pattern in patterns if isinstance(patterns, list) else [patterns]:
        expression = re.escape(str(pattern)).replace(r"\*", ".*").replace(r"\?", ".")
        if re.fullmatch(expression, value, re.I if value.startswith("execute-api:") else 0):
            return True
    return False


def select_route(api: WebSocketApi, message: str | bytes) -> str | None:
    """The route that $request.body.<path> selects, else $default if there is one."""
    fallback = "$default" if "$default" in api.routes else None
    try:
        value: Any = json.loads(message)
    except (ValueError, RecursionError):
        return fallback
    for name in api.selection.removeprefix("$request.body.").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, str) and value in api.routes and not value.startswith("$"):
        return value
    return fallback


def connect_answer(payload: bytes) -> tuple[int, str | None]:
    """Status and subprotocol that $connect's function answered; 502 for what is no answer."""
    try:
        returned = json.loads(payload)
        status = int(returned["statusCode"])
    except (ValueError, KeyError, TypeError):
        return 502, None
    headers = returned.get("headers") or {}
    protocol = next((str(v) for k, v in headers.items() if k.lower() == "sec-websocket-protocol"), None)
    return status, protocol
