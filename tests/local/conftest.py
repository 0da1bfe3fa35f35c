"""One local cloud for all tests of the local cloud."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator

import pytest

from tests.local.running import IDLE_SECONDS, LIFE_SECONDS, STACK, Running, start


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("cloud")
    shutil.copytree(STACK, root / "stack")
    running = start(
        root / "state",
        root / "stack",
        "--ports-from",
        "21000",
        BAI_WS_IDLE_SECONDS=str(IDLE_SECONDS),
        BAI_WS_LIFE_SECONDS=str(LIFE_SECONDS),
        BAI_ASYNC_RETRY_SECONDS="0.1,0.2",
    )
    yield running
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(10)
