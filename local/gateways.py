"""Opens the local ports: both APIs, the Invoke API, the console and the stand-ins, and closes them again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from local.addresses import Ports
from local.shapes import REGION, Function
from local.template import Template

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listeners:
    def __init__(self) -> None:
        self.servers: list[asyncio.Server] = []
        self.runners: list[web.AppRunner] = []

    async def serve(self, handler: Handler, port: int, *, both_families: bool = False) -> None:
        """Low-level HTTP. `both_families`: browsers try ::1 first for the name localhost."""
        loop = asyncio.get_running_loop()
        factory = web.Server(handler, access_log=None, keepalive_timeout=75, auto_decompress=False)
        self.servers.append(await loop.create_server(factory, "127.0.0.1", port, backlog=1024))
        if both_families:
            try:
                self.servers.append(await loop.create_server(factory, "::1", port))
            except OSError:
                # No IPv6 on this machine: the name then means 127.0.0.1 only.
                return

    async def run(self, application: web.Application, port: int) -> None:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self.runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", port).start()

    async def close(self) -> None:
        for server in self.servers:
            server.close()
        for runner in self.runners:
            await runner.cleanup()


def with_local_addresses(template: Template, functions: dict[str, Function], ports: Ports) -> dict[str, Function]:
    """Where the template names an API of its own by its AWS address, the function gets the local one."""
    replaced: dict[str, str] = {}
    for http_api in template.http_apis():
        replaced[f"https://{_domain(http_api.api_id)}"] = f"http://127.0.0.1:{ports.api}"
    for socket_api in template.websocket_apis():
        replaced[f"https://{_domain(socket_api.api_id)}"] = f"http://127.0.0.1:{ports.realtime}"
        replaced[f"wss://{_domain(socket_api.api_id)}"] = f"ws://127.0.0.1:{ports.realtime}"

    def local(value: str) -> str:
        for real, here in replaced.items():
            value = value.replace(real, here)
        return value

    def moved(function: Function) -> Function:
        environment = {key: local(value) for key, value in function.environment.items()}
        return dataclasses.replace(function, environment=environment)

    return {name: moved(function) for name, function in functions.items()}


def _domain(api_id: str) -> str:
    return f"{api_id}.execute-api.{REGION}.amazonaws.com"


def parameters(template_body: dict[str, Any], wanted: dict[str, str]) -> dict[str, str]:
    """Those of the wanted parameters that the template declares."""
    return {name: value for name, value in wanted.items() if name in template_body.get("Parameters", {})}
