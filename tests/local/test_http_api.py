"""The HTTP API's behaviour that functions and clients rely on."""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import time
from typing import Any

import pytest

from local.http_api import Routes
from local.shapes import HttpRoute
from tests.local.running import Running


def call(cloud: Running, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection(cloud.addresses["api"].removeprefix("http://"), timeout=40)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, names)
    response = connection.getresponse()
    found = response.status, response.headers, response.read()
    connection.close()
    return found


def event_of(answer: tuple[int, Any, bytes]) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(answer[2])["event"]
    return event


def test_the_event_is_payload_format_2(cloud: Running) -> None:
    connection = http.client.HTTPConnection(cloud.addresses["api"].removeprefix("http://"))
    connection.putrequest("POST", "/things/a%20b?x=1&y=%C3%B1&x=2")
    for name, value in [("X-Two", "1"), ("X-Two", "2"), ("Cookie", "a=1; b=2"), ("Content-Type", "application/json")]:
        connection.putheader(name, value)
    connection.putheader("Content-Length", "2")
    connection.endheaders(b"{}")
    event = json.loads(connection.getresponse().read())["event"]
    assert event["version"] == "2.0" and event["routeKey"] == "POST /things/{id}"
    assert event["rawPath"] == "/things/a b" and event["rawQueryString"] == "x=1&y=%C3%B1&x=2"
    assert event["queryStringParameters"] == {"x": "1,2", "y": "ñ"} and event["pathParameters"] == {"id": "a b"}
    assert event["headers"]["x-two"] == "1,2" and event["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in event["headers"]
    assert (event["body"], event["isBase64Encoded"]) == ("{}", False)
    context = event["requestContext"]
    assert context["http"]["method"] == "POST" and context["stage"] == "$default"
    assert context["routeKey"] == event["routeKey"] and abs(context["timeEpoch"] / 1000 - time.time()) < 10


def test_forms_and_binary_bodies_come_in_base64(cloud: Running) -> None:
    form = event_of(call(cloud, "POST", "/things/1", b"a=b", content_type="application/x-www-form-urlencoded"))
    assert form["isBase64Encoded"] and base64.b64decode(form["body"]) == b"a=b"
    raw = event_of(call(cloud, "POST", "/things/1", b"\x00\xff", content_type="text/plain"))
    assert raw["isBase64Encoded"] and base64.b64decode(raw["body"]) == b"\x00\xff"


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/things/fixed", "GET /things/fixed"),
        ("PUT", "/things/fixed", "ANY /things/{id}"),
        ("POST", "/things/7", "POST /things/{id}"),
        ("GET", "/things/7/more", "ANY /things/{proxy+}"),
    ],
)
def test_the_most_specific_route_wins(cloud: Running, method: str, path: str, key: str) -> None:
    assert event_of(call(cloud, method, path))["routeKey"] == key


def test_a_default_route_takes_what_no_other_does() -> None:
    routes = Routes((HttpRoute("a", "ANY", "$default", 1), HttpRoute("b", "GET", "/x", 1)))
    found = routes.find("POST", "/x")
    assert found is not None and found[0].function == "a"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/nowhere", 404, "Not Found"),
        ("/do/raise", 500, "Internal Server Error"),
        ("/do/crash", 500, "Internal Server Error"),
        ("/do/bad", 500, "Internal Server Error"),
        ("/do/object", 500, "Internal Server Error"),
        ("/do/huge", 500, "Internal Server Error"),
        ("/do/slow", 503, "Service Unavailable"),
        ("/wait/hang", 500, "Internal Server Error"),
    ],
)
def test_the_gateways_own_errors_have_its_shape_and_cors(cloud: Running, path: str, status: int, message: str) -> None:
    origin = cloud.addresses["console"]
    answered, headers, body = call(cloud, "GET", path, origin=origin)
    assert (answered, json.loads(body)) == (status, {"message": message})
    assert headers["access-control-allow-origin"] == origin and headers["apigw-requestid"]


def test_a_timeout_ends_the_whole_process_group(cloud: Running) -> None:
    call(cloud, "GET", "/wait/hang")
    time.sleep(0.3)
    assert "sleep 4321" not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "Task timed out after 2.00 seconds" in cloud.log("Echo")


def test_a_body_above_ten_megabytes_is_refused(cloud: Running) -> None:
    status, _, body = call(cloud, "POST", "/things/1", b"x" * (10 * 1024 * 1024 + 1))
    assert (status, json.loads(body)) == (413, {"message": "Request Entity Too Large"})


def test_answers_structured_inferred_binary_and_cookies(cloud: Running) -> None:
    status, headers, body = call(cloud, "GET", "/do/inferred")
    assert (status, headers["content-type"], json.loads(body)) == (200, "application/json", {"hello": "you"})
    assert call(cloud, "GET", "/do/text")[2] == b"only text"
    status, headers, body = call(cloud, "GET", "/do/binary")
    assert (status, headers["content-type"], body) == (201, "image/png", b"\x00\x01\x02")
    assert call(cloud, "GET", "/do/cookies")[1].get_all("set-cookie") == ["a=1; Path=/", "b=2"]


def test_a_preflight_is_answered_by_the_gateway(cloud: Running) -> None:
    origin = cloud.addresses["console"]
    status, headers, _ = call(cloud, "OPTIONS", "/things/1", origin=origin, access_control_request_method="POST")
    assert status == 204 and headers["access-control-allow-origin"] == origin
    assert headers["access-control-allow-methods"] == "GET,POST" and headers["access-control-max-age"] == "600"
    foreign = call(cloud, "OPTIONS", "/things/1", origin="https://evil.example", access_control_request_method="POST")
    assert foreign[0] == 204 and "access-control-allow-origin" not in foreign[1]


def test_the_functions_own_cors_headers_are_dropped(cloud: Running) -> None:
    assert "access-control-allow-origin" not in call(cloud, "GET", "/do/cors")[1]


def test_the_console_forwards_the_api_and_says_when_it_is_not_built(cloud: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(cloud.addresses["console"].rsplit(":", 1)[1]))
    connection.request("GET", "/api/x?y=1", headers={"X-Request-Id": "abc"})
    event = json.loads(connection.getresponse().read())["event"]
    assert event["rawPath"] == "/api/x" and event["headers"]["x-request-id"] == "abc"
    connection.request("GET", "/_local/status.json")
    response = connection.getresponse()
    assert "Echo" in json.loads(response.read())["functions"]
    assert "default-src 'self'" in response.headers["content-security-policy"]
