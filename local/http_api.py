"""API Gateway HTTP API: routes, CORS, limits, throttling and the gateway's own errors; functions answer the rest."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from local import http_events
from local.functions import Functions, PayloadTooLarge, Throttled
from local.http_events import Answer, BadAnswer, Call
from local.shapes import HttpApi, HttpRoute
from local.throttle import TokenBucket

BODY_LIMIT = 10 * 1024 * 1024
_CORS_HEADERS = "access-control-"


class Routes:
    """Finds the most specific route: a fixed segment before a variable, a greedy one last, then a method before ANY."""

    def __init__(self, routes: tuple[HttpRoute, ...]) -> None:
        self.fallback = next((route for route in routes if route.path == "$default"), None)
        patterns = [(_rank(route), _pattern(route.path), route) for route in routes if route is not self.fallback]
        self.patterns = sorted(patterns, key=lambda one: one[0])

    def find(self, method: str, path: str) -> tuple[HttpRoute, dict[str, str]] | None:
        for _, pattern, route in self.patterns:
            if route.method not in (method, "ANY"):
                continue
            match = pattern.fullmatch(path)
            if match:
                names = re.findall(r"{([^}+]+)\+?}", route.path)
                return route, {name: unquote(value) for name, value in zip(names, match.groups(), strict=True)}
        return (self.fallback, {}) if self.fallback else None


def _rank(route: HttpRoute) -> tuple[list[int], int]:
    kinds = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in route.path.split("/")]
    # A path that ends is more specific than one that goes on greedily.
    return ([*kinds, -1] if 2 not in kinds else kinds), int(route.method == "ANY")


def _pattern(path: str) -> re.Pattern[str]:
    parts = []
    for part in path.split("/"):
        if part.endswith("+}"):
            parts.append("(.+)")
        elif part.startswith("{"):
            parts.append("([^/]+)")
        else:
            parts.append(re.escape(part))
    return re.compile("/".join(parts))


class Cors:
    """As configured on the API: the function's own CORS headers are dropped, a preflight never reaches it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.on = bool(settings)
        self.origins = [str(origin) for origin in settings.get("AllowOrigins", [])]
        self.credentials = str(settings.get("AllowCredentials", False)).lower() == "true"
        self.methods = ",".join(settings.get("AllowMethods", []))
        self.headers = ",".join(settings.get("AllowHeaders", []))
        self.exposed = ",".join(settings.get("ExposeHeaders", []))
        self.max_age = settings.get("MaxAge")

    def for_answer(self, origin: str | None) -> list[tuple[str, str]]:
        allowed = self._allowed(origin)
        if allowed is None:
            return []
        found = [("access-control-allow-origin", allowed)]
        if allowed != "*":
            found.append(("vary", "Origin"))
        if self.exposed:
            found.append(("access-control-expose-headers", self.exposed))
        if self.credentials:
            found.append(("access-control-allow-credentials", "true"))
        return found

    def preflight(self, origin: str | None) -> list[tuple[str, str]]:
        found = [pair for pair in self.for_answer(origin) if pair[0] != "access-control-expose-headers"]
        if found:
            found.append(("access-control-allow-methods", self.methods))
            found.append(("access-control-allow-headers", self.headers))
            if self.max_age is not None:
                found.append(("access-control-max-age", str(self.max_age)))
        return found

    def _allowed(self, origin: str | None) -> str | None:
        if not self.on or origin is None:
            return None
        if "*" in self.origins:
            return "*"
        for allowed in self.origins:
            if re.fullmatch(re.escape(allowed).replace(r"\*", r"[^/]*"), origin):
                return origin
        return None


class HttpGateway:
    def __init__(self, api: HttpApi, functions: Functions) -> None:
        self.api = api
        self.functions = functions
        self.routes = Routes(api.routes)
        self.cors = Cors(api.cors)
        self.bucket = TokenBucket(api.rate, api.burst)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """For aiohttp's low-level server: no router of its own stands between."""
        request_id = http_events.request_id()
        origin = request.headers.get("Origin")
        answer = await self._answer(request, request_id)
        response = web.Response(status=answer.status, body=answer.body)
        for name, value in answer.headers:
            if not (self.cors.on and name.startswith(_CORS_HEADERS)):
                response.headers.add(name, value)
        preflight = _is_preflight(request)
        for name, value in self.cors.preflight(origin) if preflight else self.cors.for_answer(origin):
            response.headers.add(name, value)
        response.headers["apigw-requestid"] = request_id
        response.headers["Server"] = "local"
        return response

    async def _answer(self, request: web.BaseRequest, request_id: str) -> Answer:
        if not self.bucket.take():
            return _gateway_error(429, "Too Many Requests")
        if self.cors.on and _is_preflight(request):
            return Answer(204)
        found = self.routes.find(request.method, _raw_path(request))
        if found is None:
            return _gateway_error(404, "Not Found")
        body = await _read(request)
        if body is None:
            return _gateway_error(413, "Request Entity Too Large")
        headers = list(request.headers.items())
        call = Call(request.method, request.raw_path, headers, body, request.remote or "127.0.0.1", request_id)
        return await self._invoke(call, *found)

    async def _invoke(self, call: Call, route: HttpRoute, parameters: dict[str, str]) -> Answer:
        event = http_events.event(call, route, parameters, self.api.api_id)
        try:
            async with asyncio.timeout(route.timeout):
                outcome = await self.functions.invoke(route.function, event)
        except (TimeoutError, Throttled):
            return _gateway_error(503, "Service Unavailable")
        except PayloadTooLarge:
            return _gateway_error(413, "Request Entity Too Large")
        if outcome.error:
            return _gateway_error(500, "Internal Server Error")
        try:
            return http_events.answer(outcome.payload)
        except BadAnswer as bad:
            self.functions.pools[route.function].log.line(f"API Gateway: malformed answer: {bad}")
            return _gateway_error(500, "Internal Server Error")


def _raw_path(request: web.BaseRequest) -> str:
    return request.raw_path.partition("?")[0]


def _is_preflight(request: web.BaseRequest) -> bool:
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


async def _read(request: web.BaseRequest) -> bytes | None:
    """None when it is larger than API Gateway takes."""
    if (request.content_length or 0) > BODY_LIMIT:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


def _gateway_error(status: int, message: str) -> Answer:
    return Answer(status, [("content-type", "application/json")], f'{{"message":"{message}"}}'.encode())
