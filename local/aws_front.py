"""Where functions find AWS: passes every byte to the emulator and back, and watches.

It knows two things only: a SendMessage that went through wakes that queue's poller at once (the emulator's own long
poll looks every 100 ms), and each call is noted by the access key, which here is the function's logical id.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections import Counter
from collections.abc import Callable
from typing import cast
from urllib.parse import unquote

_CREDENTIAL = re.compile(rb"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")
_RESOURCE_KEYS = ("QueueUrl", "TableName", "SecretId", "Name", "QueueName", "StateMachineArn", "TopicArn")
_MAXIMUM_HEAD = 65_536


class Calls:
    """Who did what to which resource: (function, "sqs:SendMessage", "bai-local-PushQueue.fifo") -> how often."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[str, str, str]] = Counter()

    def note(self, function: str, action: str, resource: str) -> None:
        self.seen[function, action, resource] += 1

    def as_list(self) -> list[dict[str, str | int]]:
        return [
            {"function": function, "action": action, "resource": resource, "count": count}
            for (function, action, resource), count in sorted(self.seen.items())
        ]


class AwsFront:
    def __init__(self, upstream_port: int, calls: Calls) -> None:
        self.upstream_port = upstream_port
        self.calls = calls
        self.sent: dict[str, Callable[[], None]] = {}
        self.server: asyncio.Server | None = None

    def when_sent(self, queue: str, wake: Callable[[], None]) -> None:
        """`wake` is called as soon as a message for the queue of this name has been accepted."""
        self.sent[queue] = wake

    async def start(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: _Client(self), "127.0.0.1", port, backlog=1024)

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()


class _Upstream(asyncio.Protocol):
    """The emulator's side of one connection."""

    def __init__(self, client: _Client) -> None:
        self.client = client

    def data_received(self, data: bytes) -> None:
        self.client.answer(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.client.close()

    def pause_writing(self) -> None:
        self.client.transport.pause_reading()

    def resume_writing(self) -> None:
        self.client.transport.resume_reading()


class _Client(asyncio.Protocol):
    """A function's side of one connection; forwards first and reads along afterwards."""

    def __init__(self, front: AwsFront) -> None:
        self.front = front
        self.transport: asyncio.Transport
        self.upstream: asyncio.Transport | None = None
        self.held = bytearray()
        self.seen = bytearray()
        self.body_left = -1  # -1: reading a head
        self.opaque = False
        self.request: tuple[bytes, bytes] | None = None
        self.wake: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        _no_delay(self.transport)
        self.connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            upstream, _ = await loop.create_connection(lambda: _Upstream(self), "127.0.0.1", self.front.upstream_port)
        except OSError:
            self.transport.close()
            return
        _no_delay(upstream)
        self.upstream = upstream
        if self.held:
            upstream.write(bytes(self.held))
            self.held.clear()

    def data_received(self, data: bytes) -> None:
        if self.upstream is None:
            self.held += data
        else:
            self.upstream.write(data)
        if not self.opaque:
            self.seen += data
            self._read_along()

    def answer(self, data: bytes) -> None:
        self.transport.write(data)
        # The first bytes of the answer: the message is in the queue now.
        if self.wake is not None:
            if data.startswith(b"HTTP/1.1 200"):
                self.wake()
            self.wake = None

    def close(self) -> None:
        self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self.upstream is not None:
            self.upstream.close()

    def pause_writing(self) -> None:
        if self.upstream is not None:
            self.upstream.pause_reading()

    def resume_writing(self) -> None:
        if self.upstream is not None:
            self.upstream.resume_reading()

    def _read_along(self) -> None:
        while self.seen:
            if self.body_left < 0:
                end = self.seen.find(b"\r\n\r\n")
                if end < 0:
                    self.opaque = len(self.seen) > _MAXIMUM_HEAD
                    return
                self._head(bytes(self.seen[: end + 2]))
                del self.seen[: end + 4]
                if self.opaque:
                    self.seen.clear()
                    return
            if len(self.seen) < self.body_left:
                return
            body = bytes(self.seen[: self.body_left])
            del self.seen[: self.body_left]
            self.body_left = -1
            self._note(body)

    def _head(self, head: bytes) -> None:
        first, _, rest = head.partition(b"\r\n")
        lower = rest.lower()
        # A chunked body would have to be decoded; no call that matters here is sent so.
        self.opaque = b"\r\ntransfer-encoding:" in b"\r\n" + lower
        length = re.search(rb"(?:^|\r\n)content-length:\s*(\d+)", lower)
        self.body_left = int(length.group(1)) if length else 0
        self.request = (first, rest)

    def _note(self, body: bytes) -> None:
        assert self.request is not None
        first, headers = self.request
        credential = _CREDENTIAL.search(headers) or re.search(
            rb"X-Amz-Credential=([^%/]+)(?:%2F|/)[^%/]+(?:%2F|/)[^%/]+(?:%2F|/)([^%/]+)(?:%2F|/)", first
        )
        who, service = (part.decode() for part in credential.groups()) if credential else ("", "s3")
        target = re.search(rb"(?i)x-amz-target:\s*[\w.]*?\.?(\w+)\r\n", headers)
        if target:
            action, resource = target.group(1).decode(), _resource(body)
        else:
            method, path, *_ = first.decode("latin-1").split(" ")
            query = re.search(rb"(?:^|&)Action=(\w+)", body)
            action = query.group(1).decode() if query else method
            resource = unquote(path.partition("?")[0].strip("/"))
        if who:
            self.front.calls.note(who, f"{service}:{action}", resource)
        if service == "sqs" and action.startswith("SendMessage"):
            self.wake = self.front.sent.get(resource)


def _resource(body: bytes) -> str:
    try:
        parameters = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(parameters, dict):
        return ""
    for key in _RESOURCE_KEYS:
        if isinstance(parameters.get(key), str):
            value: str = parameters[key]
            return value.rsplit("/", 1)[-1] if key == "QueueUrl" else value
    items = parameters.get("RequestItems")
    return ",".join(items) if isinstance(items, dict) else ""


def _no_delay(transport: asyncio.Transport) -> None:
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
