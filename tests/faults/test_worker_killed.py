"""A worker is taken away in the middle of a month: the month is finished all the same, nothing is made or paid twice."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.conftest import Cloud, addresses_of, start_cloud
from tests.faults.database import let_a_minute_pass, let_leases_pass
from tests.faults.processes import kill
from tests.faults.screen import Screen
from tests.faults.slow_model import SlowModel, serving

pytestmark = pytest.mark.cloud
THEMES = ["Verano", "Otoño", "Invierno", "Primavera", "Aniversario"]  # one per piece, so that each call tells its piece


@pytest.fixture(scope="module")
def model() -> Iterator[SlowModel]:
    with serving(2.0) as slow:
        yield slow


@pytest.fixture(scope="module")
def slow_cloud(model: SlowModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud whose pieces take long enough that there is a middle."""
    state = tmp_path_factory.mktemp("slow_cloud")
    environment = {"BAI_TEXT_ENGINE": "openai", "BAI_OPENAI_BASE_URL": model.url, "BAI_OPENAI_MODEL": "slow"}
    process = start_cloud(state, ports_from=33_000, **environment)
    try:
        yield addresses_of(state, process)
    finally:
        process.terminate()
        process.wait(30)


def test_a_month_whose_worker_is_killed_ends_with_four_posts_and_a_reel_each_made_once(
    slow_cloud: Cloud, model: SlowModel
) -> None:
    with Screen(slow_cloud) as screen:
        launched = screen.launch(THEMES)
        campaign_id = launched["campaign_id"]
        until = time.monotonic() + 30
        while len(model.begun) < 3:
            assert time.monotonic() < until, f"the model was asked {model.begun} only"
            time.sleep(0.01)
        kill(slow_cloud, "content_planner.jobs.handler")
        in_hand = set(model.begun)
        time.sleep(0.5)
        asked = Counter(model.begun)
        assert {asked[piece] for piece in in_hand} == {1}, "somebody went on before the lease was over"

        killed = let_leases_pass(slow_cloud)
        swept = slow_cloud.invoke("JobsSweeper")
        assert (swept["lost"], len(killed) >= 1) == (len(killed), True), swept
        let_a_minute_pass(slow_cloud)
        slow_cloud.invoke("JobsSweeper")
        screen.wait_for(lambda: campaign_id in screen.ended("campaign.review_ready"), 40)
        screen.assert_each_number_once()

        campaign = screen.http.get(f"/content-planner/campaigns/{campaign_id}").json()
        assert [piece["kind"] for piece in campaign["pieces"]] == ["post"] * 4 + ["reel"]
        assert [(piece["position"], piece["version"]) for piece in campaign["pieces"]] == [(n, 1) for n in range(1, 6)]
        told = Counter(event["data"]["piece"]["position"] for event in screen.events if _is_piece(event, campaign_id))
        assert told == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}
        # What was in the middle has to be asked for again: its answer died with the worker. What was kept is not.
        assert all(1 <= times <= 3 for times in Counter(model.begun).values())

        job = screen.http.get(f"/jobs/{launched['job_id']}").json()
        assert (job["state"], [entry["outcome"] for entry in job["history"]]) == ("succeeded", ["waiting", "succeeded"])
        parts = screen.http.get("/jobs", params={"parent_id": launched["job_id"]}).json()["items"]
        assert [part["state"] for part in parts] == ["succeeded"] * 5
        assert sorted(part["attempts"] for part in parts)[-1] == 2


def test_a_second_message_for_a_job_in_hand_changes_nothing(slow_cloud: Cloud, model: SlowModel) -> None:
    """SQS delivers at least once; the sweeper may send again what is on its way."""
    with Screen(slow_cloud) as screen:
        before = len(model.begun)
        launched = screen.launch(THEMES)
        body = f'{{"job_id":"{launched["job_id"]}","type":"content_planner.create_campaign"}}'
        record = {"messageId": "again", "receiptHandle": "r", "body": body, "attributes": {}, "messageAttributes": {}}
        record |= {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q"}
        for _ in range(3):
            assert slow_cloud.invoke("ContentPlannerJobs", {"Records": [record]}) == {"batchItemFailures": []}
        screen.wait_for(lambda: launched["campaign_id"] in screen.ended("campaign.review_ready"), 40)
        assert len(model.begun) - before == 5
        screen.assert_each_number_once()


def _is_piece(event: dict[str, object], campaign_id: str) -> bool:
    data = event["data"]
    assert isinstance(data, dict)
    return event["event"] == "campaign.piece_ready" and data["campaign_id"] == campaign_id
