"""Stands in for CloudFront: the built console with its cache and security headers, /api/* to the HTTP API, /_local/."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path

from aiohttp import web

from local import demo_clients
from local.http_api import HttpGateway
from local.mail import Mailbox

_UNBUILT = (
    "<!doctype html><meta charset=utf-8><title>B.A.I.</title><h1>The console is not built</h1>"
    "<p>Run <code>make web</code> in the repository, then reload. The API is running.</p>"
)


class ConsoleServer:
    """For aiohttp's low-level server. `status` gives what the page /_local/ shows."""

    def __init__(
        self, dist: Path, gateway: HttpGateway, mailbox: Mailbox, sockets: str, status: Callable[[], dict[str, object]]
    ) -> None:
        self.dist = dist.resolve()
        self.gateway = gateway
        self.mailbox = mailbox
        self.status = status
        self.headers = _security_headers(sockets)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path == "/api" or path.startswith("/api/"):
            # The same request object: nothing of it can get lost on the way.
            return await self.gateway.serve(request)
        if request.method not in ("GET", "HEAD"):
            response: web.StreamResponse = web.Response(status=405, headers={"Allow": "GET, HEAD"})
        elif path.startswith("/_local"):
            response = await self._local(path)
        else:
            response = self._file(path)
        response.headers.update(self.headers)
        return response

    def _file(self, path: str) -> web.StreamResponse:
        wanted = (self.dist / path.lstrip("/")).resolve()
        if wanted.is_file() and wanted.is_relative_to(self.dist):
            hashed = path.startswith("/assets/")
            cache = "public, max-age=31536000, immutable" if hashed else "no-cache"
            return web.FileResponse(wanted, headers={"Cache-Control": cache})
        index = self.dist / "index.html"
        if not index.is_file():
            return web.Response(status=503, text=_UNBUILT, content_type="text/html")
        if "." in path.rsplit("/", 1)[-1]:
            # A missing file is missing; only the console's own addresses fall back to its page.
            return web.Response(status=404, text="Not Found")
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    async def _local(self, path: str) -> web.StreamResponse:
        pages: dict[str, Callable[[], Awaitable[web.Response]]] = {
            "/_local": self._status_page,
            "/_local/": self._status_page,
            "/_local/status.json": self._status_json,
            "/_local/demo.json": self._demo_json,
            "/_local/mail": self._mail_page,
            "/_local/mail.json": self._mail_json,
        }
        if path not in pages:
            return web.Response(status=404, text="Not Found")
        response = await pages[path]()
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _status_page(self) -> web.Response:
        shown = escape(json.dumps(self.status(), indent=2))
        text = f"<!doctype html><meta charset=utf-8><title>Local cloud</title><h1>Local cloud</h1><pre>{shown}</pre>"
        return web.Response(text=text + '<p><a href="/_local/mail">Mail</a></p>', content_type="text/html")

    async def _status_json(self) -> web.Response:
        return web.json_response(self.status())

    async def _demo_json(self) -> web.Response:
        return web.json_response({"clients": demo_clients.as_json()})

    async def _mail_page(self) -> web.Response:
        return web.Response(text=await self.mailbox.page(), content_type="text/html")

    async def _mail_json(self) -> web.Response:
        return web.json_response(await self.mailbox.messages())


def _security_headers(sockets: str) -> dict[str, str]:
    policy = {
        "default-src": "'self'",
        "connect-src": f"'self' {sockets}",
        "img-src": "'self' data: blob:",
        "style-src": "'self' 'unsafe-inline'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Server": "local",
    }
