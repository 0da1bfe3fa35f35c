"""Puts the local cloud together, in order, and takes it down again."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import aiohttp

from local import addresses, cloudformation, gateways, resources, state_directory
from local.addresses import Ports
from local.aws import Aws
from local.aws_front import AwsFront, Calls
from local.connections_api import ConnectionsApi
from local.console_server import ConsoleServer
from local.database import NAME, USER, Database
from local.event_sources import Poller
from local.functions import Functions
from local.http_api import HttpGateway
from local.invoke_api import InvokeApi
from local.mail import Mailbox
from local.ministack import MiniStack, find_ministack
from local.n8n import N8n
from local.processes import NotAvailable, die_with_parent
from local.resources import KeptSecrets
from local.schedules import Scheduler
from local.template import Template
from local.websocket_api import WebSocketGateway

MIGRATE = "OpsMigrate"


class Cloud:
    """`start()` returns what addresses.json holds; `stop()` ends everything that was started."""

    def __init__(
        self,
        repository: Path,
        state: Path,
        *,
        template: Path | None = None,
        ports_from: int | None = None,
        console: bool = True,
        say: Callable[[str], None] = print,
    ) -> None:
        self.repository = repository
        self.state = state.resolve()
        self.template_file = template or repository / "template.yaml"
        self.ports = Ports.choose(ports_from)
        self.console = console
        self.say = say
        self.calls = Calls()
        self.listeners = gateways.Listeners()
        self.stoppers: list[Callable[[], Any]] = []
        self.lock: IO[str] | None = None

    async def start(self) -> dict[str, Any]:
        self.lock = state_directory.hold(self.state)
        self.began = self.stepped = time.monotonic()
        for moved in self.ports.moved:
            self.say(f"  {moved}")
        self.template = Template(self.template_file, self._parameters(), aws_url=f"http://127.0.0.1:{self.ports.aws}")
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256), trust_env=False)
        await self._start_servers()
        await self._start_functions()
        await self._open_ports()
        await self._migrate_and_seed()
        for poller in self.pollers:
            poller.start()
        self.scheduler.start()
        self._step("event sources and schedules")
        self._warm = asyncio.create_task(self._warm_up())
        stage = self.gateway.api.stage if self.gateway else ""
        return addresses.write(self.state, self.ports, stage, self.database.addresses())

    async def _start_servers(self) -> None:
        executable = find_ministack(self.repository)
        self.ministack = MiniStack(executable, self.state)
        self.database = Database(self.state, self.ports.postgres, self.ports.pgbouncer)
        self.kept = KeptSecrets(self.state)
        for note in self.database.notes():
            self.say(f"  note: {note}")
        self.stoppers += [self.ministack.stop, self.database.stop]
        # Both are spawned before either is waited for.
        self.ministack.launch()
        self.database.postgres.launch()
        await self.ministack.wait_ready(self.session)
        self._step("AWS services (MiniStack)")
        self.aws = Aws(self.ministack.url, self.session)
        await resources.create_all(self.template, self.aws, self._secrets())
        self._step("queues, tables, secrets, buckets")
        await asyncio.to_thread(self.database.postgres.wait_ready)
        self.database.prepare(self.kept.named("DatabaseSecret"))
        pooled = "through PgBouncer" if self.database.pooled else "direct"
        self._step(f"PostgreSQL {self.database.postgres.major}, {pooled}")

    async def _start_functions(self) -> None:
        self.front = AwsFront(self.ministack.port, self.calls)
        defined = gateways.with_local_addresses(self.template, self.template.functions(), self.ports)
        self.functions = Functions(defined, self.template.aws_url, self.state / "logs")
        self.pollers = []
        for source in self.template.event_sources():
            poller = Poller(source, self.template.queue_url(source.queue_arn), self.aws, self.functions)
            self.front.when_sent(source.queue_arn.rsplit(":", 1)[1], poller.wake)
            self.pollers.append(poller)
        self.scheduler = Scheduler(self.template.schedules(), self.functions)

    async def _open_ports(self) -> None:
        http_apis, socket_apis = self.template.http_apis(), self.template.websocket_apis()
        if len(http_apis) > 1 or len(socket_apis) > 1:
            raise NotAvailable("the local cloud serves one API of each kind")
        await self.front.start(self.ports.aws)
        await self.listeners.run(InvokeApi(self.functions, self.calls).application(), self.ports.invoke)
        n8n = N8n(self.kept.named("N8nSecret"), self.session)
        await self.listeners.run(n8n.application(), self.ports.n8n)
        self.gateway: WebSocketGateway | None = None
        if socket_apis:
            self.gateway = WebSocketGateway(socket_apis[0], self.functions, ConnectionsApi(self.calls))
            await self.gateway.start(self.ports.realtime)
        if http_apis:
            http = HttpGateway(http_apis[0], self.functions)
            await self.listeners.serve(http.serve, self.ports.api)
            if self.console:
                dist = self.repository / "web" / "console" / "dist"
                sockets = f"ws://127.0.0.1:{self.ports.realtime} ws://localhost:{self.ports.realtime}"
                mailbox = Mailbox(self.ministack.url, self.session)
                console = ConsoleServer(dist, http, mailbox, sockets, self.status)
                await self.listeners.serve(console.serve, self.ports.console, both_families=True)
        self._step("gateways, console, stand-ins")

    async def _migrate_and_seed(self) -> None:
        if MIGRATE not in self.functions.pools:
            return
        outcome = await self.functions.invoke(MIGRATE, b"{}")
        if outcome.error:
            log = self.state / "logs" / f"{MIGRATE}.log"
            raise NotAvailable(f"{MIGRATE} failed, see {log}:\n{outcome.payload.decode()[:1500]}")
        moved = json.loads(outcome.payload)
        self._step(f"migrations: {moved.get('from') or 'empty'} -> {moved.get('to')}")
        if not (self.repository / "local" / "seed.py").exists():
            self.say("  no local/seed.py: no demo clients")
            return
        pool = self.functions.pools[MIGRATE]
        path = os.pathsep.join([pool.variables["PYTHONPATH"], str(self.repository)])
        seeding = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "local.seed",
            cwd=self.repository, env={**pool.variables, "PYTHONPATH": path}, preexec_fn=die_with_parent,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await seeding.communicate()
        if seeding.returncode != 0:
            raise NotAvailable(f"python -m local.seed failed:\n{said.decode(errors='replace')[-1500:]}")
        self._step(said.decode(errors="replace").strip().splitlines()[-1] if said else "seed")

    async def _warm_up(self) -> None:
        """One environment of each function that somebody waits for, so that the first click is not the slow one."""
        waited = [route.function for api in self.template.http_apis() for route in api.routes]
        waited += [source.function for source in self.template.event_sources()]
        for api in self.template.websocket_apis():
            waited += [name for name in (api.authorizer, *(r.function for r in api.routes.values())) if name]
        await self.functions.warm(list(dict.fromkeys(waited)))

    async def stop(self) -> None:
        """Within about five seconds; safe after a start that failed half-way."""
        if self.lock is None:
            return
        (self.state / "addresses.json").unlink(missing_ok=True)
        if hasattr(self, "scheduler"):
            self._warm.cancel() if hasattr(self, "_warm") else None
            self.scheduler.stop()
            for poller in self.pollers:
                await poller.stop()
        if getattr(self, "gateway", None) is not None:
            assert self.gateway is not None
            await self.gateway.stop()
        await self.listeners.close()
        if hasattr(self, "functions"):
            await self.functions.stop()
            await self.front.stop()
        if hasattr(self, "session"):
            await self.session.close()
        await asyncio.gather(*(asyncio.to_thread(stopper) for stopper in self.stoppers))
        self.lock.close()

    def status(self) -> dict[str, object]:
        return {
            "functions": self.functions.as_dict(),
            "sockets": len(self.gateway.wires) if self.gateway else 0,
            "logs": str(self.state / "logs"),
            "uptime_s": round(time.monotonic() - self.began),
        }

    def _step(self, what: str) -> None:
        now = time.monotonic()
        self.say(f"  {what}  {now - self.stepped:.1f} s")
        self.stepped = now

    def _secrets(self) -> KeptSecrets:
        key = os.environ.get("BAI_OPENAI_API_KEY")
        if key:
            self.kept.values["OpenAiSecret"] = key
        return self.kept

    def _parameters(self) -> dict[str, str]:
        console = f"http://localhost:{self.ports.console}"
        database_port = Database.port_for(self.ports.postgres, self.ports.pgbouncer)
        wanted = {
            "Stage": "local",
            "ConsoleUrl": console,
            "PublicApiUrl": console,
            "DatabaseHost": "127.0.0.1",
            "DatabasePort": str(database_port),
            "DatabaseName": NAME,
            "DatabaseUser": USER,
            "DatabaseAuth": "secret",
            "DatabaseTls": "off",
            "TextEngine": os.environ.get("BAI_TEXT_ENGINE", "template"),
            "N8nWebhookUrl": f"http://127.0.0.1:{self.ports.n8n}/webhook/content",
            "OpenAiBaseUrl": os.environ.get("BAI_OPENAI_BASE_URL", ""),
            "OpenAiModel": os.environ.get("BAI_OPENAI_MODEL", ""),
        }
        return gateways.parameters(cloudformation.read(self.template_file), wanted)
