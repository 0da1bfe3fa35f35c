"""Queues over HTTP: depth and age, pausing and resuming; and nothing without a token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.builders import Answer, Api, Client
from tests.jobs.asking import change, enqueue, refused, run


def queue_of(answer: Answer, name: str = "content_planner") -> dict[str, Any]:
    assert answer.status == 200, answer.body
    return next(item for item in answer.body["items"] if item["name"] == name)


def test_a_queue_shows_its_depth_and_the_age_of_its_oldest(client: Client, stranger: Client, admin: Client) -> None:
    old, parked = enqueue(client), enqueue(client)
    change(old, "ready_at = now() - interval '100 seconds'")
    change(parked, "ready_at = now() - interval '1 day', parked_at = now()")
    enqueue(client, not_before=timedelta(hours=1))
    foreign = enqueue(stranger)
    change(foreign, "state = 'dead', finished_at = now()")
    mine = queue_of(client.get("/jobs/queues"))
    assert (mine["counts"], mine["parked"], mine["dead"]) == ({"queued": 2, "deferred": 1}, 1, 0)
    assert 100 <= mine["oldest_seconds"] < 110
    assert queue_of(client.get("/jobs/queues"), "content_planner_urgent")["oldest_seconds"] is None
    everybodys = queue_of(admin.get("/jobs/queues", scope="all"))
    assert (everybodys["counts"], everybodys["dead"]) == ({"queued": 2, "deferred": 1}, 1)
    assert refused(client.get("/jobs/queues", scope="all")) == (403, "forbidden")


def test_a_paused_queue_gives_nothing_out_until_it_is_resumed(client: Client, admin: Client) -> None:
    job_id = enqueue(client)
    answer = admin.post("/jobs/queues/content_planner/pause", {"reason": " a bad deploy "})
    assert (answer.status, answer.body["paused"], answer.body["paused_reason"]) == (200, True, "a bad deploy")
    assert queue_of(client.get("/jobs/queues"))["paused"] is True
    run(job_id, lambda job: None)
    assert client.get(f"/jobs/{job_id}").body["state"] == "queued"
    assert admin.post("/jobs/queues/content_planner/resume").body["paused"] is False
    run(job_id, lambda job: None)
    assert client.get(f"/jobs/{job_id}").body["state"] == "succeeded"


def test_pausing_is_an_admins_and_wants_a_queue_and_a_reason(client: Client, admin: Client) -> None:
    assert refused(client.post("/jobs/queues/content_planner/pause", {"reason": "x"})) == (403, "forbidden")
    assert refused(client.post("/jobs/queues/content_planner/resume")) == (403, "forbidden")
    assert refused(admin.post("/jobs/queues/nowhere/pause", {"reason": "x"})) == (404, "not_found")
    assert refused(admin.post("/jobs/queues/nowhere/resume")) == (404, "not_found")
    for body in ({}, {"reason": " "}, {"reason": "x" * 301}, {"reason": "a\0"}, {"reason": "x", "for": 1}):
        assert refused(admin.post("/jobs/queues/content_planner/pause", body)) == (422, "validation_failed")


def test_nothing_is_told_without_a_token(api: Api) -> None:
    for method, path in (
        ("GET", "/jobs"),
        ("GET", "/jobs/queues"),
        ("GET", "/jobs/effects"),
        ("GET", "/jobs/health"),
        ("GET", "/jobs/dead-letters"),
        ("POST", "/jobs/redrive"),
    ):
        answer = api.call(method, path, body={} if method == "POST" else None)
        assert refused(answer) == (401, "unauthenticated"), path
