"""A client of the platform as any outside client is one: it signs in, calls the API and remembers what it asked."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

USER = "cerebro@demo.bai.example"
SECONDS = 35.0  # an HTTP API answers, or gives up, within 30


class Unanswered(Exception):
    """What was asked for could not be had; the text is for the person at the terminal."""


def read_addresses(state: Path) -> dict[str, Any]:
    """Where the running platform is, as it wrote it when it was up."""
    file = state / "addresses.json"
    try:
        addresses: dict[str, Any] = json.loads(file.read_text())
        os.kill(addresses["pid"], 0)
    except FileNotFoundError:
        raise Unanswered(f"The platform is not running ({file} is missing). Start it with `make run`.") from None
    except ProcessLookupError:
        raise Unanswered(f"The platform that wrote {file} has ended. Start it with `make run`.") from None
    except PermissionError:
        pass  # it runs as another user
    except ValueError as error:
        raise Unanswered(f"{file} cannot be read: {error}") from None
    return addresses


@dataclass
class Client:
    api: str
    token: str = ""
    asked: list[str] = field(default_factory=list)

    def sign_in(self, user: str, password: str) -> None:
        self.token = self.call("POST", "/auth/token", form={"username": user, "password": password})["access_token"]

    def call(  # noqa: PLR0913 - what a request has, each by name
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        form: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        accept: tuple[int, ...] = (),
    ) -> Any:
        """The answer's JSON. A problem document becomes Unanswered, unless its status is among `accept`."""
        self.asked.append(f"{method} {path}")
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            with httpx.Client(trust_env=False, timeout=SECONDS) as http:
                answer = http.request(
                    method,
                    f"{self.api}/api/v1{path}",
                    json=body,
                    data=form,
                    params={name: value for name, value in (query or {}).items() if value is not None},
                    headers={**authorization, **(headers or {})},
                )
        except httpx.HTTPError as error:
            raise Unanswered(f"{method} {path}: no answer from {self.api} ({error})") from None
        if answer.is_error and answer.status_code not in accept:
            raise Unanswered(f"{method} {path}: {answer.status_code} {_problem(answer)}")
        return answer.json() if answer.content else None


def _problem(answer: httpx.Response) -> str:
    try:
        document = answer.json()
        fields = "".join(f"; {'.'.join(map(str, at['loc']))}: {at['msg']}" for at in document.get("errors") or [])
        return f"{document.get('code', '')}: {document.get('detail') or document.get('title')}{fields}"
    except (ValueError, AttributeError, KeyError, TypeError):
        return answer.text[:300]
