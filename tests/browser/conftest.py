"""Chromium against the local cloud: clients who sign in, and what their pages ask of the network."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from local.demo_clients import PASSWORD
from tests.conftest import ROOT, Cloud, addresses_of, start_cloud
from tests.faults.slow_model import SlowModel, serving

CONSOLE = ROOT / "web" / "console"
_PATIENCE_MS = 30_000
# Without a GPU and as root in containers; no calls home.
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=_PATIENCE_MS)
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def built_console() -> None:
    """The set-up builds it; a bare checkout with node and its packages does it here."""
    if not (CONSOLE / "dist" / "index.html").exists():
        subprocess.run(["npm", "run", "build"], cwd=CONSOLE, check=True, capture_output=True)


@pytest.fixture(scope="session")
def slow_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Its text model takes its time and writes one piece after the other, so that a campaign has a middle."""
    state = tmp_path_factory.mktemp("slow_cloud")
    with serving(1.2) as model, one_at_a_time(model):
        environment = {"BAI_TEXT_ENGINE": "openai", "BAI_OPENAI_BASE_URL": model.url, "BAI_OPENAI_MODEL": "slow"}
        process = start_cloud(state, ports_from=35_000, **environment)
        try:
            yield addresses_of(state, process)
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def one_at_a_time(model: SlowModel) -> Iterator[None]:
    """The pieces of a campaign are asked for at once; this one has a single pen."""
    pen, write = threading.Lock(), model.complete

    def complete(request: dict[str, Any]) -> bytes:
        with pen:
            return write(request)

    with patch.object(model, "complete", complete):
        yield


@dataclass
class Tab:
    """A page and each request it made to the API, as "GET /content-planner/campaigns"."""

    page: Page
    requests: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _note(self, request: Request) -> None:
        _, found, path = request.url.partition("/api/v1")
        if found:
            self.requests.append(f"{request.method} {path}")

    def since(self, first: str) -> list[str]:
        """What was asked after the last request that is `first`."""
        at = len(self.requests) - 1 - self.requests[::-1].index(first)
        return self.requests[at + 1 :]

    def fetched(self) -> list[str]:
        return [request for request in self.requests if request.startswith("GET ")]


@dataclass
class Visitor:
    """Somebody at a browser of their own, signed in."""

    cloud: Cloud
    context: BrowserContext
    email: str
    tabs: list[Tab] = field(default_factory=list)

    def open(self, path: str = "/") -> Tab:
        tab = Tab(self.context.new_page())
        self.tabs.append(tab)
        tab.page.goto(self.cloud.console + path)
        return tab

    def sign_in(self, path: str = "/") -> Tab:
        tab = self.open(path)
        tab.page.locator("input[type=email]").fill(self.email)
        tab.page.locator("input[type=password]").fill(PASSWORD)
        tab.page.locator("form button[type=submit]").click()
        tab.page.locator("main h1, main h2").first.wait_for()
        return tab


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens a browser of its own for a client of a cloud; a script that failed in any page fails the test."""
    visitors: list[Visitor] = []

    def open_for(
        cloud: Cloud, plan: str = "cerebro", language: str = "es", *, width: int = 1280, dark: bool = False
    ) -> Visitor:
        context = chromium.new_context(
            locale={"es": "es-ES", "en": "en-GB"}[language],
            timezone_id="Europe/Madrid",
            viewport={"width": width, "height": 860},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(_PATIENCE_MS)
        # The account's own language waits until somebody chooses one on the device; here somebody did.
        context.add_init_script(f"localStorage.setItem('bai.language', '{language}')")
        visitor = Visitor(cloud, context, f"{plan}@demo.bai.example")
        visitors.append(visitor)
        return visitor

    yield open_for
    faults = [fault for visitor in visitors for tab in visitor.tabs for fault in tab.faults]
    for visitor in visitors:
        visitor.context.close()
    assert faults == []
