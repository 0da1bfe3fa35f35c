"""Shows the e-mail that was sent: the emulator's SES keeps every message, this makes a page of them."""

from __future__ import annotations

from html import escape
from typing import Any

import aiohttp

from local.shapes import ACCOUNT

_STYLE = "body{font:15px system-ui;max-width:52rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid #ccc}"


class Mailbox:
    def __init__(self, ministack_url: str, session: aiohttp.ClientSession) -> None:
        self.url = f"{ministack_url}/_ministack/ses/messages"
        self.session = session

    async def messages(self) -> list[dict[str, Any]]:
        """Newest first, as SES took them: Source, To, Subject, BodyText, BodyHtml, Timestamp."""
        async with self.session.get(self.url, params={"account": ACCOUNT}) as response:
            kept: list[dict[str, Any]] = (await response.json())["messages"].get(ACCOUNT, [])
        return list(reversed(kept))

    async def page(self) -> str:
        articles = "".join(_article(message) for message in await self.messages())
        body = articles or "<p>No message has been sent yet.</p>"
        return f"<!doctype html><meta charset=utf-8><title>Mail</title><style>{_STYLE}</style><h1>Mail</h1>{body}"


def _article(message: dict[str, Any]) -> str:
    # Always as text: a page that renders foreign HTML would run with the console's origin.
    text = message.get("BodyText") or message.get("BodyHtml") or ""
    to = ", ".join(message.get("To", []))
    return (
        f"<article><h2>{escape(message.get('Subject') or '(no subject)')}</h2>"
        f"<p>{escape(str(message.get('Source')))} &rarr; {escape(to)}, {escape(str(message.get('Timestamp')))}</p>"
        f"<pre style='white-space:pre-wrap'>{escape(text)}</pre></article>"
    )
