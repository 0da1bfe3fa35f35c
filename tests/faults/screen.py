"""A client's open screen: HTTP by httpx, one WebSocket that comes back with the last number it saw, every frame kept."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from local.demo_clients import PASSWORD
from tests.conftest import Cloud

EMAIL = "cerebro@demo.bai.example"


class Screen:
    """Reads in a thread of its own and reconnects by itself, as the console does."""

    def __init__(self, cloud: Cloud) -> None:
        self.http = httpx.Client(base_url=f"{cloud.api}/api/v1", timeout=30, trust_env=False)
        signed_in = self.http.post("/auth/token", data={"username": EMAIL, "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text
        self.http.headers["Authorization"] = f"Bearer {signed_in.json()['access_token']}"
        self.frames: list[dict[str, Any]] = []
        self.first: int | None = None
        self.reconnects = -1
        self.socket: ClientConnection | None = None
        self._changed = threading.Condition()
        self._closed = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for(lambda: self.first is not None, 20)

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        if self.socket is not None:
            self.socket.close()
        self._reader.join(10)
        self.http.close()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == "event"]

    @property
    def seen(self) -> list[int]:
        return [event["seq"] for event in self.events]

    def launch(self, themes: list[str]) -> dict[str, Any]:
        month = datetime.now(UTC).strftime("%Y-%m")
        body = {"month": month, "tone_of_voice": "cercano", "themes": themes, "target_platforms": ["instagram", "x"]}
        answer = self.http.post("/content-planner/launch-monthly-campaign", json=body)
        assert answer.status_code == 202, answer.text
        launched: dict[str, Any] = answer.json()
        return launched

    def ended(self, name: str) -> set[str]:
        """Ids of the campaigns that an event of this name told of."""
        return {event["data"]["id"] for event in self.events if event["event"] == name}

    def wait_for(self, told: Callable[[], bool], seconds: float) -> None:
        with self._changed:
            if not self._changed.wait_for(told, seconds):
                last = [(event["seq"], event["event"]) for event in self.events[-5:]]
                raise AssertionError(f"not told within {seconds} s; {len(self.frames)} frames, the last: {last}")

    def cut(self) -> None:
        """The network goes away: no close frame, as when a laptop is shut."""
        assert self.socket is not None
        with contextlib.suppress(OSError):
            self.socket.socket.shutdown(2)

    def newest(self) -> int:
        answer = self.http.get("/events", params={"after": 0, "limit": 1})
        return int(answer.json()["newest"])

    def assert_each_number_once(self) -> None:
        assert self.first is not None
        newest = self.newest()
        self.wait_for(lambda: bool(self.seen) and self.seen[-1] >= newest, 30)
        assert self.seen == list(range(self.first + 1, self.seen[-1] + 1))
        assert {frame["type"] for frame in self.frames} <= {"ready", "event"}

    def _read(self) -> None:
        while not self._closed:
            try:
                self._read_one_socket()
            except (ConnectionClosed, InvalidStatus, OSError, TimeoutError, httpx.HTTPError):
                time.sleep(0.2)

    def _read_one_socket(self) -> None:
        ticket = self.http.post("/realtime/ticket").json()
        after = "" if self.first is None else f"&last_seq={self.seen[-1] if self.seen else self.first}"
        with connect(f"{ticket['url']}?ticket={ticket['ticket']}{after}", proxy=None, open_timeout=10) as socket:
            self.socket = socket
            self.reconnects += 1
            for text in socket:
                frame = json.loads(text)
                with self._changed:
                    if frame["type"] == "ready" and self.first is None:
                        self.first = frame["seq"]
                    self.frames.append(frame)
                    self._changed.notify_all()
