"""Sockets, deliveries and the database are taken away while events flow: each number is seen once, in order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from tests.conftest import Cloud
from tests.faults.database import away
from tests.faults.processes import kill
from tests.faults.screen import Screen

pytestmark = pytest.mark.cloud
LAUNCHES = 20


@pytest.fixture
def impatient_queue(cloud: Cloud) -> Iterator[None]:
    """What a killed delivery held is shown again after 3 s instead of the template's 60, or the test would wait so long."""
    sqs: Any = boto3.client(
        "sqs", endpoint_url=cloud.aws, region_name="us-east-1", aws_access_key_id="t", aws_secret_access_key="t"
    )
    url = f"{cloud.aws}/123456789012/bai-local-PushQueue.fifo"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "3"})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})


def _launch_many(screen: Screen, number: int) -> set[str]:
    with ThreadPoolExecutor(number) as pool:
        return {one["campaign_id"] for one in pool.map(lambda n: screen.launch([f"Tema {n}"]), range(number))}


def test_twenty_launches_at_once_are_all_seen_through_a_socket_that_is_cut_mid_way(cloud: Cloud) -> None:
    with Screen(cloud) as screen:
        launched = _launch_many(screen, LAUNCHES)
        assert len(launched) == LAUNCHES
        for part in (2, 8, 14):
            screen.wait_for(lambda part=part: len(screen.ended("campaign.review_ready")) >= part, 60)  # type: ignore[misc]
            screen.cut()
        screen.wait_for(lambda: launched <= screen.ended("campaign.review_ready"), 60)
        assert screen.reconnects >= 2
        screen.assert_each_number_once()
        for campaign_id in launched:
            campaign = screen.http.get(f"/content-planner/campaigns/{campaign_id}").json()
            assert [piece["kind"] for piece in campaign["pieces"]] == ["post"] * 4 + ["reel"]


@pytest.mark.usefixtures("impatient_queue")
def test_a_delivery_killed_mid_way_neither_loses_nor_repeats_a_frame(cloud: Cloud) -> None:
    with Screen(cloud) as screen:
        with ThreadPoolExecutor(1) as pool:
            launching = pool.submit(_launch_many, screen, 6)
            for seen in (5, 20):
                screen.wait_for(lambda seen=seen: len(screen.seen) >= seen, 60)  # type: ignore[misc]
                assert kill(cloud, "push.deliver.handler") >= 1
            launched = launching.result(30)
        screen.wait_for(lambda: launched <= screen.ended("campaign.review_ready"), 60)
        screen.assert_each_number_once()


def test_a_database_that_is_away_is_503_with_retry_after_and_then_well_again(cloud: Cloud) -> None:
    with Screen(cloud) as screen:
        with away(cloud):
            refused = screen.http.get("/jobs")
            assert refused.status_code == 503, refused.text
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.json()["code"] == "unavailable"
            assert screen.http.get("/health").status_code == 200
            assert screen.http.get("/health/ready").status_code == 503
        until = time.monotonic() + 30  # PgBouncer tries a server that refused it again after 15 s
        while screen.http.get("/jobs").status_code != 200:
            assert time.monotonic() < until, "still not well"
            time.sleep(0.5)
        launched = screen.launch(["Después"])
        screen.wait_for(lambda: launched["campaign_id"] in screen.ended("campaign.review_ready"), 60)
        screen.assert_each_number_once()
