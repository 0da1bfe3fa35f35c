"""Who asks about jobs: a client, somebody else's client, an admin."""

from __future__ import annotations

import pytest

from tests.builders import Api, Client
from tests.jobs.asking import PART, TYPE
from tests.trial_jobs import declare


@pytest.fixture
def client(api: Api) -> Client:
    declare(TYPE, PART)
    return api.client(plan="CEREBRO")


@pytest.fixture
def stranger(api: Api) -> Client:
    return api.client(plan="CEREBRO")


@pytest.fixture
def admin(api: Api) -> Client:
    declare(TYPE, PART)
    return api.client(plan="PARTNER", role="admin")
