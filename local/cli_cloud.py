"""Talks to a local cloud that runs: finds it by addresses.json, signs in as a client, counts every HTTP request it sends."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from local.seed import PASSWORD

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".local"
PREFIX = "/api/v1"
TIMEOUT = 35.0  # the gateway itself gives up after 30


class Refused(RuntimeError):
    """What was asked cannot be had; the text is for a person."""


def running_cloud(state: Path = STATE) -> dict[str, Any]:
    """Addresses of the cloud on `state`. Raises Refused when none runs there."""
    try:
        found: dict[str, Any] = json.loads((state / "addresses.json").read_text())
        os.kill(found["pid"], 0)
    except PermissionError:
        return found
    except (OSError, ValueError, KeyError):
        raise Refused(f"No local cloud runs on {_shown(state)}. Start it with `make run`.") from None
    return found


@dataclass
class ApiClient:
    """One signed-in client of the HTTP API. `requests` is how many it has sent."""

    base: str
    email: str
    password: str = PASSWORD
    requests: int = 0
    token: str = ""

    def __post_init__(self) -> None:
        # No proxy and no credentials from the shell: everything is on this machine.
        self._http = httpx.Client(base_url=self.base, timeout=TIMEOUT, trust_env=False)

    def sign_in(self) -> None:
        form = {"username": self.email, "password": self.password}
        self.token = self.call("POST", "/auth/token", form=form)["access_token"]

    def call(
        self, method: str, path: str, *, body: Any = None, query: dict[str, Any] | None = None, form: Any = None
    ) -> Any:
        """The answer's JSON. A problem document or a dead gateway is Refused."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        self.requests += 1
        try:
            answer = self._http.request(method, PREFIX + path, json=body, data=form, params=query, headers=headers)
        except httpx.HTTPError as error:
            raise Refused(f"{method} {path}: {type(error).__name__}: {error}") from error
        if answer.is_error:
            raise Refused(f"{method} {path} answered {answer.status_code}: {_problem(answer)}")
        return answer.json() if answer.content else None


def invoke(cloud: dict[str, Any], function: str, event: Any) -> Any:
    """Invokes a function as `aws lambda invoke` does. A function error is Refused with its type and message."""
    url = f"{cloud['lambda']}/2015-03-31/functions/{function}/invocations"
    try:
        answer = httpx.post(url, json=event, timeout=330.0, trust_env=False)
    except httpx.HTTPError as error:
        raise Refused(f"{function}: {type(error).__name__}: {error}") from error
    if answer.is_error:
        raise Refused(f"{function}: {answer.status_code} {answer.text[:500]}")
    content = answer.json() if answer.content else None
    if "x-amz-function-error" in answer.headers:
        raise Refused(f"{function} failed:\n{json.dumps(content, indent=2, ensure_ascii=False)}")
    return content


def local_status(cloud: dict[str, Any]) -> dict[str, Any] | None:
    """What the console's server knows of functions and sockets; None where the console is not served."""
    try:
        answer = httpx.get(f"{cloud['console']}/_local/status.json", timeout=5.0, trust_env=False)
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError):
        return None
    return found


def _problem(answer: httpx.Response) -> str:
    try:
        found = answer.json()
        rows = [f"{'.'.join(row['loc'])}: {row['msg']}" for row in found.get("errors", [])]
        return "; ".join([f"{found.get('code', '')}: {found.get('detail') or found.get('message', '')}", *rows])
    except (ValueError, AttributeError, KeyError, TypeError):
        return answer.text[:300]


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
