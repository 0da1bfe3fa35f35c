"""GET /jobs/health: each thing that people on call look at is ok until it is not, and says so in words."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from sqlalchemy import text

from bai import db, jobs, settings
from bai.ids import new_id
from tests.builders import Api, Client
from tests.trial_jobs import Payload, declare, trial_type

NAMES = ["oldest_queued", "dead_jobs", "lost_leases", "unsettled", "effects_unknown", "paused_queues", "dead_letters"]


@pytest.fixture
def admin(api: Api) -> Client:
    declare(trial_type())
    return api.client(plan="PARTNER", role="admin")


def bring_about(client: Client, assignment: str) -> str:
    with db.transaction() as session:
        job_id = str(jobs.enqueue(session, "trial.test", Payload(), user_id=client.id)["id"])
        session.execute(text(f"UPDATE jobs SET {assignment} WHERE id = CAST(:id AS uuid)"), {"id": job_id})
    return job_id


def degraded(admin: Client) -> dict[str, Any]:
    """The checks that are not ok."""
    answer = admin.get("/jobs/health")
    assert answer.status == 200, answer.body
    assert [check["name"] for check in answer.body["checks"]] == NAMES
    bad = {check["name"]: check for check in answer.body["checks"] if not check["ok"]}
    assert answer.body["status"] == ("degraded" if bad else "ok")
    return bad


def test_a_platform_without_jobs_is_well(admin: Client) -> None:
    assert degraded(admin) == {}


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        ("ready_at = now() - interval '6 minutes'", "oldest_queued", 360),
        ("state = 'dead', finished_at = now(), settled_at = now()", "dead_jobs", 1),
        ("state = 'running', wake_at = now() - interval '3 minutes'", "lost_leases", 1),
        ("state = 'failed', finished_at = now() - interval '3 minutes'", "unsettled", 1),
    ],
)
def test_a_job_in_trouble_degrades_its_check(admin: Client, assignment: str, name: str, value: int) -> None:
    bring_about(admin, assignment)
    bad = degraded(admin)
    assert list(bad) == [name]
    assert value <= bad[name]["value"] < value + 10
    assert str(bad[name]["value"]) in bad[name]["detail"]


@pytest.mark.parametrize(
    "assignment",
    [
        "ready_at = now() - interval '4 minutes'",
        "ready_at = now() - interval '1 hour', parked_at = now()",
        "state = 'waiting_callback', ready_at = now() - interval '1 hour'",
        "state = 'dead', finished_at = now() - interval '8 days', settled_at = now()",
        "state = 'running', wake_at = now() - interval '1 minute'",
        "state = 'succeeded', finished_at = now() - interval '1 hour', settled_at = now()",
    ],
)
def test_what_is_as_it_should_be_degrades_nothing(admin: Client, assignment: str) -> None:
    bring_about(admin, assignment)
    assert degraded(admin) == {}


def test_a_paused_queue_is_named_with_its_reason_and_its_jobs_are_not_late(admin: Client) -> None:
    bring_about(admin, "ready_at = now() - interval '1 hour'")
    admin.post("/jobs/queues/content_planner/pause", {"reason": "a bad deploy"})
    bad = degraded(admin)
    assert list(bad) == ["paused_queues"] and "content_planner (a bad deploy)" in bad["paused_queues"]["detail"]


def test_an_effect_in_doubt_degrades_its_check(admin: Client) -> None:
    job_id = bring_about(admin, "state = 'failed', finished_at = now(), settled_at = now()")
    with db.transaction() as session:
        add = "INSERT INTO job_effects (job_id, name, round, mode, state, attempt) VALUES (CAST(:id AS uuid), 'pay', 1, 'at_most_once', 'unknown', 1)"
        session.execute(text(add), {"id": job_id})
    assert list(degraded(admin)) == ["effects_unknown"]


def test_poison_degrades_the_dead_letters_and_a_dead_jobs_copy_does_not(admin: Client) -> None:
    url = settings.dead_letter_url("content_planner")
    job_id = bring_about(admin, "state = 'dead', finished_at = now() - interval '9 days', settled_at = now()")
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=f'{{"job_id": "{job_id}", "error": {{}}}}')
    assert degraded(admin) == {}
    boto3.client("sqs").send_message(QueueUrl=settings.dead_letter_url("jobs"), MessageBody=f"no JSON {new_id()}")
    bad = degraded(admin)
    assert list(bad) == ["dead_letters"] and bad["dead_letters"]["value"] == 1


def test_queues_out_of_reach_are_a_check_that_failed_and_no_crash(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bai import aws

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("JOBS_DLQ_URL", "http://127.0.0.1:1/1/jobs")
    settings.forget()
    aws.sqs.cache_clear()
    bad = degraded(admin)
    assert list(bad) == ["dead_letters"]
    assert (bad["dead_letters"]["value"], bad["dead_letters"]["detail"]) == (None, "The queue is out of reach.")


def test_health_is_an_admins(api: Api) -> None:
    answer = api.client().get("/jobs/health")
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
