"""An OpenAI-compatible endpoint that takes its time, so that there is a middle to be killed in."""

from __future__ import annotations

import http.server
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class SlowModel:
    """`begun` lists the pieces it was asked for, call by call: each of them would have been paid."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.begun: list[str] = []
        self.url = ""

    def complete(self, request: dict[str, Any]) -> bytes:
        schema = request["response_format"]["json_schema"]["schema"]
        prompt = request["messages"][1]["content"]
        theme = re.search(r'"theme": "([^"]+)"', prompt)
        piece = f"{'reel' if 'script' in schema['properties'] else 'post'} on {theme.group(1) if theme else '?'}"
        self.begun.append(piece)
        time.sleep(self.seconds)
        content: dict[str, Any] = {"text": "Hola barrio", "hashtags": ["#barrio"], "media_brief": "Una foto"}
        if piece.startswith("reel"):
            shots = [{"seconds": 5, "visual": "La puerta", "voice": "Pasa"}] * 3
            content["script"] = {"hook": "Mira", "shots": shots, "caption": "Te esperamos"}
        message = {"role": "assistant", "content": json.dumps(content)}
        answer = {"model": "slow", "choices": [{"message": message}], "usage": {"prompt_tokens": 9}}
        return json.dumps(answer).encode()


@contextmanager
def serving(seconds: float) -> Iterator[SlowModel]:
    model = SlowModel(seconds)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = model.complete(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            try:
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                return  # whoever asked was killed meanwhile

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        server.shutdown()
