"""A terminal for tests: `bai jobs` as it is typed, over HTTP against the functions' own handlers."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from local import cli
from tests.builders import Api


class Door(BaseHTTPRequestHandler):
    """An HTTP server in front of the handlers, one request at a time, as one environment serves them."""

    api = Api()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        asked = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        answer = self.api.call(
            self.command,
            asked.path.removeprefix("/api/v1"),
            body=body or None,
            query=dict(parse_qsl(asked.query)),
            headers=dict(self.headers),
        )
        content = (json.dumps(answer.body) if answer.body else "").encode()
        self.send_response(answer.status)
        self.send_header("content-type", answer.headers.get("content-type", ""))
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *given: Any) -> None:
        pass


class Typed:
    """What is typed after `bai jobs`, and what came of it."""

    def __init__(self, state: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.state, self.capsys = state, capsys

    def __call__(self, *words: str, exits: int = 0, said: str = "out") -> str:
        self.capsys.readouterr()
        code = cli.run(["jobs", words[0], "--state-dir", str(self.state), *words[1:]])
        captured = self.capsys.readouterr()
        assert code == exits, captured
        return captured.err if said == "err" else _without_logs(captured.out)

    def json(self, *words: str, exits: int = 0) -> Any:
        return json.loads(self(*words, "--json", exits=exits))


def _without_logs(text: str) -> str:
    """The handlers log to the same stdout here."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(('{"level"', '{"_aws"')))
