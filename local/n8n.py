"""A stand-in for n8n: takes a brief at its webhook, answers at once, and later calls back with content.

It says in every answer and piece that it is a stand-in. A brief whose Idempotency-Key it has seen is dropped, as the
workflow of docs/limits.md does. POST /_control {"mode", "delay_s", "signed"} makes it behave:
answer, twice, late (delay_s, 30 by default), error, rubbish, wrong_secret or never. GET /_received lists the briefs.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import time
from typing import Any

import aiohttp
from aiohttp import web

MODES = ("answer", "twice", "late", "error", "rubbish", "wrong_secret", "never")
NOTICE = "Stand-in n8n of the local cloud: this text comes from no workflow."


class N8n:
    def __init__(self, secret: str, session: aiohttp.ClientSession) -> None:
        self.secret = secret
        self.session = session
        self.mode = "answer"
        self.delay = float(os.environ.get("BAI_N8N_DELAY_SECONDS", "1"))
        self.signed = os.environ.get("BAI_N8N_SIGNED", "") == "1"
        self.received: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.repeated = 0
        self.answers: list[dict[str, Any]] = []
        self.tasks: set[asyncio.Task[None]] = set()

    def application(self) -> web.Application:
        application = web.Application()
        application.add_routes(
            [
                web.post("/webhook/{name}", self.take_brief),
                web.get("/healthz", self.health),
                web.post("/_control", self.control),
                web.get("/_received", self.list_received),
            ]
        )
        return application

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "notice": NOTICE})

    async def control(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if wanted.get("mode", self.mode) not in MODES:
            return web.json_response({"error": f"mode is one of {', '.join(MODES)}"}, status=400)
        self.mode = wanted.get("mode", self.mode)
        self.delay = float(wanted.get("delay_s", 30.0 if self.mode == "late" else self.delay))
        self.signed = bool(wanted.get("signed", self.signed))
        return web.json_response({"mode": self.mode, "delay_s": self.delay, "signed": self.signed})

    async def list_received(self, _: web.Request) -> web.Response:
        return web.json_response({"briefs": self.received, "repeated": self.repeated, "callbacks": self.answers})

    async def take_brief(self, request: web.Request) -> web.Response:
        try:
            brief = await request.json()
        except ValueError:
            return web.json_response({"message": "not JSON"}, status=400)
        missing = [name for name in ("campaign_id", "callback_url", "platforms", "themes") if not brief.get(name)]
        if missing:
            return web.json_response({"message": f"missing: {', '.join(missing)}"}, status=422)
        key = request.headers.get("Idempotency-Key", "")
        if key and key in self.keys:
            self.repeated += 1
            return web.json_response({"message": "Workflow had been started by this key", "notice": NOTICE})
        self.keys.add(key)
        self.received.append(brief)
        if self.mode != "never":
            task = asyncio.create_task(self._call_back(brief, self.mode))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return web.json_response({"message": "Workflow was started", "notice": NOTICE})

    async def _call_back(self, brief: dict[str, Any], mode: str) -> None:
        await asyncio.sleep(self.delay)
        answer: dict[str, Any] = {"campaign_id": brief["campaign_id"], "callback_id": brief.get("callback_id")}
        if mode == "error":
            answer["error"] = "The stand-in was told to fail."
        elif mode == "rubbish":
            answer["generated_content"] = {"pieces": [{"kind": "poem", "platform": 7, "text": None}, "x"]}
        else:
            answer["generated_content"] = {"pieces": pieces(brief)}
        for _ in range(2 if mode == "twice" else 1):
            await self._send(brief["callback_url"], json.dumps(answer).encode(), mode == "wrong_secret")

    async def _send(self, url: str, body: bytes, forged: bool) -> None:
        secret = "forged" if forged else self.secret
        headers = {"Content-Type": "application/json"}
        if self.signed:
            moment = str(int(time.time()))
            digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
            headers["X-BAI-Signature"] = f"t={moment},v1={digest}"
        else:
            headers["X-BAI-Secret"] = secret
        try:
            async with self.session.post(url, data=body, headers=headers) as response:
                self.answers.append({"url": url, "status": response.status, "answer": await response.text()})
        except aiohttp.ClientError as error:
            self.answers.append({"url": url, "status": None, "answer": str(error)})


def pieces(brief: dict[str, Any]) -> list[dict[str, Any]]:
    """Four posts and a reel about the brief's themes, short enough for every platform."""
    platforms, themes, month = brief["platforms"], brief["themes"], brief.get("month", "")
    made: list[dict[str, Any]] = []
    for position in range(5):
        theme = str(themes[position % len(themes)])[:60]
        piece: dict[str, Any] = {
            "kind": "reel" if position == 4 else "post",
            "platform": platforms[position % len(platforms)],
            "text": f"[n8n] {theme} ({month}) - {position + 1}/5",
            "hashtags": ["#" + "".join(char for char in theme.title() if char.isalnum())[:30]],
            "media_brief": NOTICE,
        }
        if position == 4:
            shots = [{"seconds": 5, "visual": f"{theme}: {part}", "voice": f"{theme}."} for part in ("1", "2", "3")]
            piece["script"] = {"hook": f"{theme}?", "shots": shots, "caption": f"[n8n] {theme}"}
        made.append(piece)
    return made
