"""Lambda's Invoke API, for tests, the demo and the seed, and a look at what runs."""

from __future__ import annotations

from aiohttp import web

from local.aws_front import Calls
from local.functions import Functions, PayloadTooLarge, Throttled


class InvokeApi:
    def __init__(self, functions: Functions, calls: Calls) -> None:
        self.functions = functions
        self.calls = calls

    def application(self) -> web.Application:
        application = web.Application(client_max_size=8 * 1024 * 1024)
        application.add_routes(
            [
                web.post("/2015-03-31/functions/{name}/invocations", self.invoke),
                web.get("/_local/functions", self.list_functions),
                web.get("/_local/calls", self.list_calls),
                web.delete("/_local/calls", self.forget_calls),
            ]
        )
        return application

    async def invoke(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        pool = self.functions.find(name)
        if pool is None:
            return _error(404, "ResourceNotFoundException", f"Function not found: {name}")
        payload = await request.read() or b"{}"
        kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return web.Response(status=204)
        try:
            if kind == "Event":
                self.functions.invoke_later(pool.function.logical_id, payload)
                return web.Response(status=202)
            outcome = await pool.invoke(payload)
        except Throttled:
            return _error(429, "TooManyRequestsException", "Rate Exceeded.", "ConcurrentInvocationLimitExceeded")
        except PayloadTooLarge:
            return _error(
                413, "RequestTooLargeException", "Request must be smaller than the limit for this invocation."
            )
        headers = {"X-Amz-Executed-Version": "$LATEST"}
        if outcome.error:
            headers["X-Amz-Function-Error"] = outcome.error
        return web.Response(body=outcome.payload, headers=headers, content_type="application/json")

    async def list_functions(self, _: web.Request) -> web.Response:
        return web.json_response(self.functions.as_dict())

    async def list_calls(self, _: web.Request) -> web.Response:
        return web.json_response(self.calls.as_list())

    async def forget_calls(self, _: web.Request) -> web.Response:
        self.calls.seen.clear()
        return web.Response(status=204)


def _error(status: int, code: str, message: str, reason: str | None = None) -> web.Response:
    body = {"Type": "User", "message": message, **({"Reason": reason} if reason else {})}
    return web.json_response(body, status=status, headers={"x-amzn-ErrorType": code})
