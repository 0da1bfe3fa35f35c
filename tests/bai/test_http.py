"""What every module's HTTP surface promises: problem documents, request ids, and no success before the COMMIT."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import text

from bai import db
from bai.errors import RateLimited, Unavailable
from bai.http import SessionDep, lambda_for
from tests.builders import Api, http_event, lambda_context

router = APIRouter()


@router.post("/fails-at-commit")
async def fail_at_commit(session: SessionDep) -> dict[str, str]:
    session.execute(text("CREATE TABLE parent (id int PRIMARY KEY)"))
    session.execute(text("CREATE TABLE child (id int REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"))
    session.execute(text("INSERT INTO child VALUES (1)"))
    return {"status": "done"}


@router.get("/crashes")
async def crash() -> None:
    raise RuntimeError("password=hunter2")


@router.get("/unavailable")
async def be_unavailable() -> None:
    raise Unavailable("The database did not answer in time.", retry_after=7)


@router.get("/limited")
async def be_limited() -> None:
    raise RateLimited("Slow down.", retry_after=3)


handler = lambda_for(router)


def call(method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    return handler(http_event(method, f"/api/v1{path}", headers, body, {}), lambda_context())


def test_a_failed_commit_never_shows_success(database: Any) -> None:
    answer = call("POST", "/fails-at-commit")
    assert answer["statusCode"] == 500
    with db.transaction() as session:
        assert session.value(text("SELECT to_regclass('child')")) is None


def test_a_crash_is_a_problem_with_the_request_id_and_without_the_reason(account: Any) -> None:
    answer = call("GET", "/crashes", **{"x-request-id": "abc-123"})
    assert answer["statusCode"] == 500
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert answer["headers"]["x-request-id"] == "abc-123"
    assert "hunter2" not in answer["body"]
    assert "abc-123" in answer["body"]


@pytest.mark.parametrize(("path", "status", "seconds"), [("/unavailable", 503, "7"), ("/limited", 429, "3")])
def test_what_is_worth_another_try_says_when(account: Any, path: str, status: int, seconds: str) -> None:
    answer = call("GET", path)
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (status, seconds)


@pytest.mark.parametrize("offered", ["", "x" * 200, "new\nline", "<script>", "ñ"])
def test_a_request_id_that_is_not_one_is_replaced(account: Any, offered: str) -> None:
    answer = call("GET", "/limited", **{"x-request-id": offered})
    assert answer["headers"]["x-request-id"] not in ("", offered)


def test_unknown_addresses_methods_and_large_bodies_are_problems(api: Api) -> None:
    for method, path, status, code in [
        ("GET", "/auth/nothing", 404, "not_found"),
        ("DELETE", "/auth/me", 405, "method_not_allowed"),
    ]:
        answer = api.call(method, path)
        assert (answer.status, answer.body["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    large = api.call("POST", "/auth/register", body="x" * 70_000)
    assert (large.status, large.body["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', '{"a": NaN}', "\x00"])
def test_bodies_that_are_not_the_json_asked_for_are_422(api: Api, body: str) -> None:
    answer = api.call("POST", "/auth/register", body=body)
    assert (answer.status, answer.body["code"]) == (422, "validation_failed")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/register", r'{"email":"a@example.com","password":"\ud800aaaaaaaaaa","full_name":"A"}'),
        ("/auth/refresh", r'{"refresh_token":"\ud800aaaaaaaaaaaaaaaaaaaaaaaa"}'),
        ("/auth/token", "username=a%00@example.com&password=longenough1"),
    ],
)
def test_text_that_cannot_be_stored_is_refused_and_no_crash(api: Api, path: str, body: str) -> None:
    answer = api.call("POST", path, body=body)
    assert answer.status in (401, 422), answer.body


@pytest.mark.parametrize("name", ["authorization", "x-request-id", "idempotency-key", "x-anything", "cookie"])
def test_header_bytes_that_are_no_text_are_refused_and_no_crash(api: Api, name: str) -> None:
    answer = api.call("GET", "/auth/me", headers={name: "\udcff\udcfe"})
    assert answer.status in (400, 401)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", [{"type": "\x00"}, {"cursor": "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwgIjAiXQ"}])
def test_queries_that_cannot_be_asked_are_422(api: Api, query: dict[str, str]) -> None:
    assert api.client().get("/jobs", **query).status == 422
