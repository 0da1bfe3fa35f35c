"""The only file that knows FastAPI's set-up and Mangum: a module's router becomes a Lambda handler.

Routes are thin `async def`: an environment serves one request at a time, so blocking delays nobody else and a thread
pool would cost a millisecond. Domain errors become RFC 9457 problem details in one table; routes never catch.
"""

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from mangum import Mangum
from starlette.exceptions import HTTPException

from bai import auth, clock, idempotency, telemetry
from bai.db import Session, transaction
from bai.errors import DomainError, Invalid, Unauthenticated
from bai.ids import new_id

__all__ = ["CallerAloneDep", "CallerDep", "SessionDep", "answer_once", "lambda_for", "problem_for"]

PREFIX = "/api/v1"
MAX_BODY_BYTES = 65_536
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")
_BEARER = "bearer "
_TEXT = ("text/", "application/json", "application/problem+json")  # anything else leaves as base64

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


async def _open_session() -> AsyncIterator[Session]:
    with transaction() as session:
        yield session


# scope="function": the COMMIT comes before the answer is sent, or a failed one would show 200.
SessionDep = Annotated[Session, Depends(_open_session, scope="function")]


async def _caller(
    session: SessionDep, authorization: Annotated[str, Header(include_in_schema=False)] = ""
) -> auth.Caller:
    if authorization[: len(_BEARER)].lower() != _BEARER:
        raise Unauthenticated("Send an access token in the header Authorization: Bearer …")
    return auth.load_caller(session, auth.verify(authorization[len(_BEARER) :]))


CallerDep = Annotated[auth.Caller, Depends(_caller, scope="function")]


async def _caller_alone(authorization: Annotated[str, Header(include_in_schema=False)] = "") -> auth.Caller:
    with transaction() as session:
        return await _caller(session, authorization)


# For what asks other systems or commits in parts: no transaction is open meanwhile.
CallerAloneDep = Annotated[auth.Caller, Depends(_caller_alone, scope="function")]


def answer_once(
    session: Session, caller: auth.Caller, request: Request, body: Any, make: Callable[[], idempotency.Answer]
) -> JSONResponse:
    """Answers a POST that creates, honouring its Idempotency-Key."""
    key = request.headers.get("idempotency-key")
    asked = (f"{request.method} {request.url.path}", body)
    status, content, headers = idempotency.once(session, caller.id, key, asked, make)
    return JSONResponse(content, status, headers)


def problem(status: int, title: str, code: str, detail: str, instance: str, **extra: Any) -> JSONResponse:
    """RFC 9457 problem details with this suite's stable `code`."""
    fields = {key: clock.to_wire(value) if hasattr(value, "isoformat") else value for key, value in extra.items()}
    content = {"type": f"urn:bai:problem:{code}", "title": title, "status": status, "detail": detail, "code": code}
    return JSONResponse({**content, "instance": instance, **fields}, status, media_type="application/problem+json")


async def _domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this class only
    return problem_for(error, request.url.path)


def problem_for(error: DomainError, instance: str) -> JSONResponse:
    """The answer that raising `error` would give, for a refusal whose transaction has to be committed."""
    answer = problem(error.status, error.title, error.code, error.detail, instance, **error.extra)
    if (seconds := getattr(error, "retry_after", None)) is not None:
        answer.headers["Retry-After"] = str(seconds)
    if error.status == Unauthenticated.status:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # The input itself is not echoed: it may be a password.
    errors = [
        {"loc": [str(part) for part in row["loc"]], "msg": row["msg"].removeprefix("Value error, ")}
        for row in error.errors()
    ]
    return problem(
        422,
        "Some fields are not valid",
        "validation_failed",
        "See errors, field by field.",
        request.url.path,
        errors=errors,
    )


_PLAIN = {
    404: ("Not found", "not_found", "There is no such address."),
    405: ("Method not allowed", "method_not_allowed", ""),
}


async def _plain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    title, code, detail = _PLAIN.get(error.status_code, ("Request refused", "request_refused", str(error.detail)))
    return problem(error.status_code, title, code, detail or title, request.url.path)


async def _broken_text(request: Request, error: Exception) -> JSONResponse:
    """JSON can spell half a surrogate pair, which is no text and has no UTF-8 form."""
    return problem_for(Invalid("request", "holds broken characters (half a surrogate pair)"), request.url.path)


async def _crash(request: Request, error: Exception) -> JSONResponse:
    telemetry.logger().error("request failed", path=request.url.path, exc_info=error)
    return _internal_error(request.url.path)


def _internal_error(path: str) -> JSONResponse:
    detail = f"Something went wrong on our side. Quote request {telemetry.correlation_id()} when you ask about it."
    return problem(500, "Internal error", "internal_error", detail, path)


def app_for(*routers: APIRouter) -> FastAPI:
    """The FastAPI application of one module (or of all, where the OpenAPI document is written)."""
    app = FastAPI(title="B.A.I.", version="1", openapi_url=None)
    for router in routers:
        app.include_router(router, prefix=PREFIX)
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _plain_error)
    app.add_exception_handler(UnicodeEncodeError, _broken_text)
    app.add_exception_handler(Exception, _crash)
    return app


def lambda_for(router: APIRouter, *, max_body_bytes: int = MAX_BODY_BYTES) -> Handler:
    """The Lambda handler for API Gateway HTTP API events (payload 2.0). Every answer carries X-Request-Id."""
    gc.disable()
    mangum = Mangum(app_for(router), lifespan="off", text_mime_types=list(_TEXT))
    gc.enable()
    gc.freeze()  # what was built at init lives as long as the environment
    loop = asyncio.new_event_loop()

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        asyncio.set_event_loop(loop)  # Mangum asks for the thread's loop, which asyncio.run elsewhere takes away
        request_id = _request_id(event)
        telemetry.set_correlation_id(request_id)
        path = event.get("rawPath", "")
        if len((event.get("body") or "").encode(errors="replace")) > max_body_bytes:
            detail = f"The body may have {max_body_bytes} bytes at the most."
            answer = _as_lambda(problem(413, "Body too large", "body_too_large", detail, path))
        else:
            try:
                answer = dict(mangum(event, context))
            except UnicodeEncodeError:  # a header or an address whose bytes are no text
                detail = "A header or the address holds bytes that are not UTF-8."
                answer = _as_lambda(problem(400, "Request refused", "request_refused", detail, path))
            except Exception:
                telemetry.logger().exception("request failed before or after the application", path=path)
                answer = _as_lambda(_internal_error(path))
        answer.setdefault("headers", {})["x-request-id"] = request_id
        _log_request(event, answer["statusCode"])
        return answer

    return handler


def _request_id(event: dict[str, Any]) -> str:
    offered = str((event.get("headers") or {}).get("x-request-id", ""))
    return (
        offered if _REQUEST_ID.fullmatch(offered) else str(event.get("requestContext", {}).get("requestId") or new_id())
    )


def _as_lambda(response: JSONResponse) -> dict[str, Any]:
    return {
        "statusCode": response.status_code,
        "headers": dict(response.headers),
        "body": bytes(response.body).decode(),
        "isBase64Encoded": False,
    }


def _log_request(event: dict[str, Any], status: int) -> None:
    call = event.get("requestContext", {}).get("http", {})
    telemetry.logger().info("request", method=call.get("method"), path=call.get("path"), status=status)


def openapi_of(*routers: APIRouter) -> str:
    """The OpenAPI document of the given modules, as the console's client is generated from it."""
    return json.dumps(app_for(*routers).openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
