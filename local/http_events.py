"""Payload format 2.0: an HTTP request as the function's event, and the function's answer as an HTTP response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.shapes import ACCOUNT, REGION, HttpRoute

_TEXT_TYPES = re.compile(r"^(text/.*|application/(json|xml|javascript)|application/[\w.-]+\+(json|xml))(;|$)", re.I)
_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


class BadAnswer(ValueError):
    """The function answered something that API Gateway cannot turn into a response."""


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    source_ip: str
    request_id: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


def request_id() -> str:
    """Sixteen characters ending in =, as in the header apigw-requestid."""
    return base64.b64encode(os.urandom(11), altchars=b"-_").decode()


def route_key(route: HttpRoute) -> str:
    return "$default" if route.path == "$default" else f"{route.method} {route.path}"


def event(call: Call, route: HttpRoute, parameters: dict[str, str], api_id: str) -> bytes:
    headers, cookies = _headers(call)
    now = time.time()
    path = unquote(call.path)
    built: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key(route),
        "rawPath": path,
        "rawQueryString": call.query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": api_id,
            "domainName": f"{api_id}.execute-api.{REGION}.amazonaws.com",
            "domainPrefix": api_id,
            "http": {
                "method": call.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": call.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": call.request_id,
            "routeKey": route_key(route),
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        built["cookies"] = cookies
    query = parse_qsl(call.query, keep_blank_values=True)
    if query:
        built["queryStringParameters"] = _joined(query)
    if parameters:
        built["pathParameters"] = parameters
    if call.body:
        built["body"], built["isBase64Encoded"] = _body(call.body, headers.get("content-type", ""))
    return json.dumps(built).encode()


def _headers(call: Call) -> tuple[dict[str, str], list[str]]:
    cookies: list[str] = []
    kept: list[tuple[str, str]] = []
    for name, value in call.headers:
        lower = name.lower()
        if lower == "cookie":
            cookies += [part.strip() for part in value.split(";") if part.strip()]
        elif lower not in _HOP_BY_HOP:
            kept.append((lower, value))
    headers = _joined(kept)
    forwarded = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{forwarded}, {call.source_ip}" if forwarded else call.source_ip
    headers.setdefault("x-forwarded-proto", "http")
    headers.setdefault("x-forwarded-port", headers.get("host", "").rpartition(":")[2] or "80")
    headers.setdefault("x-amzn-trace-id", f"Root=1-{int(time.time()):08x}-{os.urandom(12).hex()}")
    return headers, cookies


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    # A form is not among the text types: API Gateway hands it over in base64.
    if not content_type or _TEXT_TYPES.match(content_type):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def answer(payload: bytes) -> Answer:
    """What the function returned; without statusCode the shape is inferred. Raises BadAnswer."""
    try:
        returned = json.loads(payload)
    except ValueError as error:
        raise BadAnswer(f"not JSON: {error}") from None
    if not isinstance(returned, dict) or "statusCode" not in returned:
        body = (
            returned if isinstance(returned, str) else json.dumps(returned, separators=(",", ":"), ensure_ascii=False)
        )
        return Answer(200, [("content-type", "application/json")], body.encode())
    try:
        status = int(returned["statusCode"])
    except (TypeError, ValueError):
        raise BadAnswer("statusCode is not a number") from None
    if not 100 <= status <= 599:
        raise BadAnswer(f"statusCode {status}")
    headers = [*_answer_headers(returned), *(("set-cookie", cookie) for cookie in _cookies(returned))]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain;charset=UTF-8"))
    return Answer(status, headers, _answer_body(returned))


def _answer_headers(returned: dict[str, Any]) -> list[tuple[str, str]]:
    given = returned.get("headers") or {}
    if not isinstance(given, dict):
        raise BadAnswer("headers is not an object")
    found = []
    for name, value in given.items():
        if isinstance(value, (dict, list)):
            raise BadAnswer(f"header {name} is not a text")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if "\r" in text or "\n" in text:
            raise BadAnswer(f"header {name} has a line break")
        if name.lower() not in _HOP_BY_HOP | {"content-length"}:
            found.append((name.lower(), text))
    return found


def _cookies(returned: dict[str, Any]) -> list[str]:
    cookies = returned.get("cookies") or []
    if not isinstance(cookies, list) or not all(isinstance(cookie, str) for cookie in cookies):
        raise BadAnswer("cookies is not a list of texts")
    return cookies


def _answer_body(returned: dict[str, Any]) -> bytes:
    body = returned.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise BadAnswer("body is not a text")
    if returned.get("isBase64Encoded") in (True, "true"):
        try:
            return base64.b64decode(body, validate=True)
        except ValueError:
            raise BadAnswer("body is not base64") from None
    return body.encode()
