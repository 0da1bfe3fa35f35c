"""One TCP connection of the WebSocket gateway: a socket by `websockets`' own protocol code, or plain HTTP for aiohttp.

Frames are seen one by one, because API Gateway limits a frame (32 KB) and a message (128 KB) separately.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Protocol, cast

from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

FRAME_LIMIT = 32 * 1024
MESSAGE_LIMIT = 128 * 1024
# A reader this far behind is cut rather than kept in memory.
BACKLOG_LIMIT = 4 * 1024 * 1024
HANDSHAKE_LIMIT = 16 * 1024


class Owner(Protocol):
    """The gateway."""

    def opening(self, wire: Wire, request: Request) -> None: ...

    def received(self, wire: Wire, message: str | bytes) -> None: ...

    def closed(self, wire: Wire, code: int, reason: str) -> None: ...


class Wire(asyncio.Protocol):
    """`send` and `close` are the only ways out; the owner hears of each message and, once, of the end."""

    def __init__(self, owner: Owner, plain_http: Callable[[], asyncio.Protocol]) -> None:
        self.owner = owner
        self.plain_http = plain_http
        self.ws: ServerProtocol | None = None
        self.transport: asyncio.Transport
        self.head = b""
        self.fragments: list[bytes] = []
        self.binary = False
        self.open = False
        self.ended = False
        self.active = time.monotonic()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def source_ip(self) -> str:
        return str((self.transport.get_extra_info("peername") or ("127.0.0.1",))[0])

    def data_received(self, data: bytes) -> None:
        if self.ws is not None:
            self._feed(data)
            return
        self.head += data
        if b"\r\n\r\n" in self.head:
            self._decide()
        elif len(self.head) > HANDSHAKE_LIMIT:
            self.transport.close()

    def _decide(self) -> None:
        head, self.head = self.head, b""
        if b"upgrade: websocket" in head.lower():
            self.ws = ServerProtocol(max_size=MESSAGE_LIMIT)
            self._feed(head)
            return
        http = self.plain_http()
        self.transport.set_protocol(http)
        http.connection_made(self.transport)
        http.data_received(head)

    def _feed(self, data: bytes) -> None:
        assert self.ws is not None
        self.ws.receive_data(data)
        for event in self.ws.events_received():
            if isinstance(event, Request):
                self.owner.opening(self, event)
            elif isinstance(event, Frame):
                self._frame(event)
        self._flush()

    def _frame(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        self.active = time.monotonic()
        if len(frame.data) > FRAME_LIMIT:
            self.close(1009, "Message too big")
            return
        if frame.opcode is not Opcode.CONT:
            self.binary = frame.opcode is Opcode.BINARY
        self.fragments.append(bytes(frame.data))
        if frame.fin:
            whole, self.fragments = b"".join(self.fragments), []
            self.owner.received(self, whole if self.binary else whole.decode(errors="replace"))

    def accept(self, request: Request, subprotocol: str | None) -> bool:
        """False when the client is gone, or its handshake was no good (it has been told)."""
        if self.ws is None or self.transport.is_closing():
            return False
        response = self.ws.accept(request)
        if response.status_code == 101 and subprotocol:
            response.headers["Sec-WebSocket-Protocol"] = subprotocol
        self.ws.send_response(response)
        self.open = response.status_code == 101
        self.active = time.monotonic()
        self._flush()
        return self.open

    def reject(self, status: int, reason: str, body: bytes, request_id: str) -> None:
        if self.ws is None or self.transport.is_closing():
            return
        headers = Headers(
            {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                "x-amzn-RequestId": request_id,
                "x-amz-apigw-id": request_id,
                "Connection": "close",
            }
        )
        self.ws.handshake_exc = InvalidHandshake(reason)
        self.ws.send_response(Response(status, reason, headers, body))
        self._flush()

    def send(self, message: bytes, text: bool = True) -> bool:
        """False when nobody reads any more."""
        if not self.open or self.ws is None or self.transport.is_closing():
            return False
        if self.transport.get_write_buffer_size() > BACKLOG_LIMIT:
            self.transport.abort()
            return False
        if text:
            self.ws.send_text(message)
        else:
            self.ws.send_binary(message)
        self.active = time.monotonic()
        self._flush()
        return True

    def close(self, code: int, reason: str) -> None:
        if self.open and self.ws is not None and not self.transport.is_closing():
            self.ws.fail(code, reason) if code == 1009 else self.ws.send_close(code, reason)
            self._flush()
            asyncio.get_running_loop().call_later(2.0, self.transport.abort)

    def _flush(self) -> None:
        assert self.ws is not None
        for chunk in self.ws.data_to_send():
            if chunk:
                self.transport.write(chunk)
            elif self.transport.can_write_eof():
                self.transport.write_eof()
        if self.ws.close_expected():
            self.open = False

    def connection_lost(self, error: Exception | None) -> None:
        self.open = False
        if self.ws is None or self.ended:
            return
        self.ended = True
        received: Close | None = self.ws.close_rcvd
        sent: Close | None = self.ws.close_sent
        first = sent if sent is not None and self.ws.close_rcvd_then_sent is not True else received
        if first is None:
            self.owner.closed(self, 1006, "Connection closed abnormally")
        else:
            self.owner.closed(self, first.code, first.reason or "")

    def eof_received(self) -> bool:
        if self.ws is not None:
            self.ws.receive_eof()
            self._flush()
        return False
