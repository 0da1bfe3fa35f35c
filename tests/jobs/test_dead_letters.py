"""The dead-letter queues: what lies there is told apart, poison goes back, copies wait for their jobs."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest
from sqlalchemy import text

from bai import db, jobs, settings
from tests.builders import Api, Client, Worker, lambda_context, sqs_event
from tests.trial_jobs import QUEUE, Payload, declare, trial_type

GONE = "01938f7e-0000-7000-8000-0000000000a1"


@pytest.fixture
def admin(api: Api) -> Client:
    declare(trial_type())
    return api.client(plan="PARTNER", role="admin")


def job_in(client: Client, state: str) -> str:
    with db.transaction() as session:
        job_id = str(jobs.enqueue(session, "trial.test", Payload(), user_id=client.id)["id"])
        change = text("UPDATE jobs SET state = :state WHERE id = CAST(:id AS uuid)")
        session.execute(change, {"state": state, "id": job_id})
    return job_id


def bury(body: Any, queue: str = QUEUE) -> str:
    sent = boto3.client("sqs").send_message(
        QueueUrl=settings.dead_letter_url(queue), MessageBody=body if isinstance(body, str) else json.dumps(body)
    )
    return str(sent["MessageId"])


def copy_of(job_id: str) -> dict[str, Any]:
    return {"job_id": job_id, "type": "trial.test", "error": {"code": "internal_error"}}


def message_of(job_id: str) -> dict[str, Any]:
    return {"job_id": job_id, "type": "trial.test", "correlation_id": "c"}


def listed(admin: Client, **query: Any) -> dict[str, dict[str, Any]]:
    answer = admin.get("/jobs/dead-letters", **query)
    assert answer.status == 200, answer.body
    return {item["message_id"]: item for item in answer.body["items"]}


def redriven(admin: Client, **wanted: Any) -> dict[str, Any]:
    time.sleep(2.1)  # a look hides what it saw for two seconds
    answer = admin.post("/jobs/dead-letters/redrive", {"queue": QUEUE, **wanted})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_what_lies_there_is_told_apart(admin: Client) -> None:
    kinds = {
        bury(copy_of(job_in(admin, "dead"))): ("dead_job", "dead"),
        bury(message_of(job_in(admin, "dead"))): ("dead_job", "dead"),
        bury(copy_of(job_in(admin, "succeeded"))): ("leftover", "succeeded"),
        bury(copy_of(job_in(admin, "queued"))): ("leftover", "queued"),
        bury(message_of(job_in(admin, "queued"))): ("poison", "queued"),
        bury(copy_of(GONE)): ("leftover", None),
        bury("no JSON"): ("poison", None),
        bury("[" * 20_000): ("poison", None),
        bury({"job_id": 7}): ("poison", None),
        bury([1]): ("poison", None),
    }
    found = listed(admin)
    assert {name: (item["kind"], item["job_state"]) for name, item in found.items()} == kinds
    assert {item["queue"] for item in found.values()} == {QUEUE}
    assert {item["receives"] for item in found.values()} == {1}
    assert max(len(item["body"]) for item in found.values()) == 4000


def test_a_queue_is_chosen_and_all_are_looked_into_otherwise(admin: Client) -> None:
    bury("here")
    there = bury("there", "jobs")
    assert list(listed(admin, queue="jobs")) == [there]
    time.sleep(2.1)
    assert len(listed(admin)) == 2


def test_a_dry_run_moves_nothing_and_a_real_one_sends_poison_back(admin: Client, worker: Worker) -> None:
    dead = bury(copy_of(job_in(admin, "dead")))
    poison = bury({"job_id": 7})
    leftover = bury(copy_of(GONE))
    worker.take("ContentPlannerQueue")
    dry = redriven(admin)
    assert {item["message_id"]: item["verdict"] for item in dry["items"]} == {
        dead: "redrive_the_job",
        poison: "goes_back",
        leftover: "cleared_away",
    }
    assert (dry["dry_run"], dry["redriven"], worker.take("ContentPlannerQueue")) == (True, 0, [])
    real = redriven(admin, dry_run=False)
    assert {item["message_id"] for item in real["items"] if item["redriven"]} == {poison}
    assert (real["redriven"], worker.take("ContentPlannerQueue")) == (1, [{"job_id": 7}])
    time.sleep(2.1)
    assert list(listed(admin)) == [dead]


def test_only_the_named_messages_go_back(admin: Client, worker: Worker) -> None:
    first, second = bury({"job_id": 1}), bury({"job_id": 2})
    answer = redriven(admin, message_ids=[first], dry_run=False)
    assert [item["message_id"] for item in answer["items"]] == [first]
    assert worker.take("ContentPlannerQueue") == [{"job_id": 1}]
    time.sleep(2.1)
    assert list(listed(admin)) == [second]


def test_the_copies_of_jobs_that_went_on_are_cleared_away(admin: Client) -> None:
    from jobs.jobs import handler

    dead = bury(copy_of(job_in(admin, "dead")))
    poison = bury("no JSON")
    bury(copy_of(job_in(admin, "succeeded")))
    with db.transaction() as session:
        row = jobs.enqueue(session, "jobs.tidy_dead_letters", {"queue": QUEUE}, user_id=None)
    handler(sqs_event({"job_id": str(row["id"]), "type": row["type"]}), lambda_context())
    with db.transaction() as session:
        result = session.value(text("SELECT result FROM jobs WHERE id = CAST(:id AS uuid)"), {"id": row["id"]})
    assert result == {"removed": 1}
    time.sleep(2.1)
    assert set(listed(admin)) == {dead, poison}


def test_dead_letters_are_an_admins(api: Api, admin: Client) -> None:
    client = api.client()
    for answer in (client.get("/jobs/dead-letters"), client.post("/jobs/dead-letters/redrive", {"queue": QUEUE})):
        assert (answer.status, answer.body["code"]) == (403, "forbidden")
    for answer in (
        admin.get("/jobs/dead-letters", queue="nowhere"),
        admin.post("/jobs/dead-letters/redrive", {"queue": "nowhere"}),
    ):
        assert (answer.status, answer.body["code"]) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"queue": ""}, {"queue": QUEUE, "message_ids": []}, {"queue": QUEUE, "dry": 1}])
def test_a_redrive_of_letters_that_means_nothing_is_refused(admin: Client, body: dict[str, Any]) -> None:
    answer = admin.post("/jobs/dead-letters/redrive", body)
    assert (answer.status, answer.body["code"]) == (422, "validation_failed")
