"""Somebody else's system, with a memory of its own: counts what was done, whatever our database believes.

POST /keyed drops a repeated Idempotency-Key; /probed and /plain do what they are asked, each time; GET /probed/<key>
tells whether it was done; /hand-off takes a brief and drops repetitions, as n8n with a key does.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Outside:
    """`done` counts by (job, door): how often the world was changed. `keys` are the keys that came with it."""

    def __init__(self) -> None:
        self.port = 0
        self.done: Counter[tuple[str, str]] = Counter()
        self.keys: dict[tuple[str, str], set[str]] = {}
        self.seen: set[str] = set()
        self.lock = threading.Lock()

    def take(self, door: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        place = (str(body["job"]), door)
        with self.lock:
            self.keys.setdefault(place, set()).add(key)
            repeated = key in self.seen
            self.seen.add(key)
            if not (repeated and door in ("keyed", "hand-off")):
                self.done[place] += 1
        return {"key": key, "repeated": repeated}

    def knows(self, key: str) -> bool:
        with self.lock:
            return key in self.seen


@contextmanager
def serving() -> Iterator[Outside]:
    outside = Outside()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(outside.take(self.path.strip("/"), self.headers["Idempotency-Key"], body))

        def do_GET(self) -> None:
            key = self.path.partition("/probed/")[2]
            self._answer({"done": outside.knows(key), "key": key})

        def _answer(self, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # whoever asked was killed meanwhile

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    outside.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield outside
    finally:
        server.shutdown()
        server.server_close()
