"""The stand-in n8n speaks the wire format of the real hand-off and can be told to misbehave."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from local.n8n import NOTICE, N8n
from local.processes import free_port

pytestmark = pytest.mark.anyio
BRIEF = {"campaign_id": "c1", "callback_id": "b1", "month": "2026-12", "themes": ["pan"], "platforms": ["x", "tiktok"]}


class Receiver:
    """The callback's end: keeps what came."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((dict(request.headers), await request.read()))
        return web.json_response({"success": True})


async def handed_off(mode: str, **control: Any) -> list[tuple[dict[str, str], bytes]]:
    receiver, port, own = Receiver(), free_port(), free_port()
    async with aiohttp.ClientSession() as session:
        n8n = N8n("shared", session)
        callback = web.Application()
        callback.add_routes([web.post("/callback", receiver.take)])
        runners = [web.AppRunner(n8n.application()), web.AppRunner(callback)]
        for runner, at in zip(runners, (own, port), strict=True):
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", at).start()
        await session.post(f"http://127.0.0.1:{own}/_control", json={"mode": mode, "delay_s": 0.01, **control})
        brief = {**BRIEF, "callback_url": f"http://127.0.0.1:{port}/callback"}
        async with session.post(f"http://127.0.0.1:{own}/webhook/content", json=brief) as answer:
            assert answer.status == 200 and (await answer.json())["notice"] == NOTICE
        await asyncio.sleep(0.3)
        for runner in runners:
            await runner.cleanup()
    return receiver.came


async def test_it_calls_back_once_with_four_posts_and_a_reel_and_says_what_it_is() -> None:
    [(headers, body)] = await handed_off("answer")
    content = json.loads(body)
    assert headers["X-BAI-Secret"] == "shared" and content["campaign_id"] == "c1" and content["callback_id"] == "b1"
    pieces = content["generated_content"]["pieces"]
    assert [piece["kind"] for piece in pieces] == ["post"] * 4 + ["reel"] and pieces[4]["script"]["shots"]
    assert all(piece["media_brief"] == NOTICE for piece in pieces)


async def test_the_signed_form_can_be_verified() -> None:
    [(headers, body)] = await handed_off("answer", signed=True)
    parts = dict(part.split("=") for part in headers["X-BAI-Signature"].split(","))
    expected = hmac.new(b"shared", f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected and "X-BAI-Secret" not in headers


@pytest.mark.parametrize(
    ("mode", "times"), [("twice", 2), ("never", 0), ("error", 1), ("rubbish", 1), ("wrong_secret", 1)]
)
async def test_it_misbehaves_when_told(mode: str, times: int) -> None:
    came = await handed_off(mode)
    assert len(came) == times
    if mode == "error":
        assert json.loads(came[0][1])["error"] and "generated_content" not in json.loads(came[0][1])
    if mode == "wrong_secret":
        assert came[0][0]["X-BAI-Secret"] != "shared"
