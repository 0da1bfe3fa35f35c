"""The outside world that jobs change: each service remembers every request, so that what happened twice is seen.

A keyed service drops a request with a key it knows, a probed one can be asked, a bare one does whatever it is told, and
an n8n-like one answers later by a callback: once, twice, or never.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bai.errors import Unavailable

Call = Callable[[str, str, Callable[[], Any]], Any]


class NotReached(Unavailable):
    """Surely nothing was done: the connection was refused."""


@dataclass
class Done:
    """What one job's one effect brought about: the keys in order of the acts."""

    acts: list[str] = field(default_factory=list)
    requests: int = 0


@dataclass
class Services:
    call: Call
    done: dict[tuple[str, str], Done] = field(default_factory=lambda: defaultdict(Done))
    results: dict[str, Any] = field(default_factory=dict)
    handed_over: list[str] = field(default_factory=list)
    acted: int = 0

    def clear(self) -> None:
        self.done.clear()
        self.results.clear()
        self.handed_over.clear()

    def _act(self, job_id: str, name: str, key: str) -> dict[str, Any]:
        self.acted += 1
        self.done[job_id, name].acts.append(key)
        return {"number": self.acted}

    def keyed(self, job_id: str, name: str, key: str) -> Any:
        """Like a payment service with an idempotency key: a second request gets the first one's answer."""

        def act() -> Any:
            self.done[job_id, name].requests += 1
            if key not in self.results:
                self.results[key] = self._act(job_id, name, key)
            return self.results[key]

        return self.call("http", f"keyed {name}", act)

    def probed(self, job_id: str, name: str, key: str) -> Any:
        """Acts each time, but can be asked what it did under a key."""

        def act() -> Any:
            self.done[job_id, name].requests += 1
            self.results[key] = self._act(job_id, name, key)
            return self.results[key]

        return self.call("http", f"probed {name}", act)

    def probe(self, key: str) -> Any:
        return self.call("http", "probe", lambda: self.results.get(key))

    def bare(self, job_id: str, name: str, key: str) -> Any:
        """Acts each time and can't be asked."""

        def act() -> Any:
            self.done[job_id, name].requests += 1
            return self._act(job_id, name, key)

        return self.call("http", f"bare {name}", act)

    def hand_over(self, job_id: str, name: str, key: str) -> Any:
        """Takes an order whose answer comes by a callback; knows its keys."""

        def act() -> Any:
            self.done[job_id, name].requests += 1
            if key not in self.results:
                self.results[key] = self._act(job_id, name, key)
                self.handed_over.append(job_id)
            return self.results[key]

        return self.call("http", f"hand over {name}", act)
