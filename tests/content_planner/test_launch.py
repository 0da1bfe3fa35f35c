"""Launching a month: what is accepted, what is refused, and that a refusal writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from bai import db
from tests.builders import Api, Worker

THEMES = ["Rebajas de invierno", "Cuidado de la piel", "Detrás de las cámaras"]


def next_month() -> str:
    now = datetime.now(UTC)
    return f"{now.year + now.month // 12}-{now.month % 12 + 1:02d}"


def brief(**changes: Any) -> dict[str, Any]:
    whole = {
        "month": next_month(),
        "tone_of_voice": "cercano",
        "themes": THEMES,
        "target_platforms": ["instagram", "facebook", "tiktok"],
    }
    return {**whole, **changes}


def count(table: str) -> int:
    with db.transaction() as session:
        return int(session.value(text(f"SELECT count(*) FROM {table}")))


def test_a_launch_becomes_four_posts_and_a_reel_ready_for_review(api: Api, worker: Worker) -> None:
    client = api.client("CEREBRO")
    launched = client.post("/content-planner/launch-monthly-campaign", brief())
    assert launched.status == 202, launched.body
    assert launched.body["status"] == "queued"
    assert launched.headers["location"] == f"/api/v1/content-planner/campaigns/{launched.body['campaign_id']}"
    worker.run()
    campaign = client.get(f"/content-planner/campaigns/{launched.body['campaign_id']}").body
    assert campaign["status"] == "review_ready"
    assert campaign["progress"] == 100
    assert [piece["kind"] for piece in campaign["pieces"]] == ["post"] * 4 + ["reel"]
    assert campaign["engine"] == "template"
    assert all(rule["level"] != "error" for piece in campaign["pieces"] for rule in piece["warnings"])
    job = client.get(f"/jobs/{launched.body['job_id']}").body
    assert job["state"] == "succeeded"
    assert [step["name"] for step in job["steps"]] == ["pieces"]
    parts = client.get("/jobs", parent_id=job["id"]).body["items"]
    assert [(part["type"], part["state"]) for part in parts] == [("content_planner.write_piece", "succeeded")] * 5


def test_events_rise_by_one_and_tell_the_whole_story(api: Api, worker: Worker) -> None:
    client = api.client("CEREBRO")
    client.post("/content-planner/launch-monthly-campaign", brief())
    worker.run()
    events = client.get("/events", after=0, limit=100).body
    assert [row["seq"] for row in events["items"]] == list(range(1, events["newest"] + 1))
    names = [row["event"] for row in events["items"]]
    assert names.count("campaign.piece_ready") == 5
    assert names.count("campaign.review_ready") == 1
    assert {"campaign.created", "usage.updated", "job.updated", "campaign.progress"} <= set(names)
    pushed = [event for body in worker.take("PushQueue") for event in body["events"]]
    assert [row["seq"] for row in pushed] == [row["seq"] for row in events["items"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"month": "2020-01"}, "month"),
        ({"month": "2099-01"}, "month"),
        ({"month": "2027-13"}, "month"),
        ({"themes": []}, "themes"),
        ({"themes": [f"theme {n}" for n in range(11)]}, "themes"),
        ({"themes": ["x" * 121]}, "themes"),
        ({"themes": ["  "]}, "themes"),
        ({"themes": ["nul\x00"]}, "themes"),
        ({"themes": ["\ud800"]}, "themes"),
        ({"themes": ["<script>alert(1)</script>"]}, "themes"),
        ({"themes": ["Talleres <b>nuevos</b>"]}, "themes"),
        ({"themes": ["<img src=x onerror=alert(1)"]}, "themes"),
        ({"tone_of_voice": "<i>cercano</i>"}, "tone_of_voice"),
        ({"target_platforms": ["myspace"]}, "target_platforms"),
        ({"target_platforms": ["x", "X"]}, "target_platforms"),
        ({"target_platforms": ["x", "threads", "tiktok", "youtube", "facebook", "linkedin"]}, "target_platforms"),
        ({"tone_of_voice": "y" * 101}, "tone_of_voice"),
        ({"campaign_metadata": {"x": "y" * 9000}}, "campaign_metadata"),
        ({"campaign_metadata": {"x": float("nan")}}, "campaign_metadata"),
        ({"campaign_metadata": {"x": "\ud800"}}, "campaign_metadata"),
        ({"campaign_metadata": {"x": [[[[[[[[[[[]]]]]]]]]]]}}, "campaign_metadata"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "2026-12-01T00:00:00"}, "scheduled_at"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_input_names_the_field_and_writes_nothing(api: Api, change: dict[str, Any], field: str) -> None:
    answer = api.client("CEREBRO").post("/content-planner/launch-monthly-campaign", brief(**change))
    assert answer.status == 422, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["code"] == "validation_failed"
    assert any(field in row["loc"] for row in answer.body["errors"]), answer.body
    assert (count("campaigns"), count("jobs"), count("events"), count("usage_counters")) == (0, 0, 0, 0)


def test_signs_that_are_no_markup_are_welcome(api: Api) -> None:
    themes = ["Precios < 20 euros", "I <3 pan", "A > B & C"]
    assert api.client("CEREBRO").post("/content-planner/launch-monthly-campaign", brief(themes=themes)).status == 202


def test_platform_ids_ignore_case(api: Api, worker: Worker) -> None:
    client = api.client("CEREBRO")
    launched = client.post("/content-planner/launch-monthly-campaign", brief(target_platforms=["Instagram", "X"]))
    campaign = client.get(f"/content-planner/campaigns/{launched.body['campaign_id']}").body
    assert campaign["target_platforms"] == ["instagram", "x"]


def test_a_motor_client_is_told_which_plan_opens_it_and_nothing_is_written(api: Api) -> None:
    answer = api.client("MOTOR").post("/content-planner/launch-monthly-campaign", brief())
    assert answer.status == 403
    assert (answer.body["code"], answer.body["required_plan"]) == ("feature_forbidden", "CEREBRO")
    assert answer.body["feature"] == "ai_content_generation"
    assert count("campaigns") == 0


def test_a_body_of_100_kb_is_refused_clearly(api: Api) -> None:
    answer = api.client("CEREBRO").post("/content-planner/launch-monthly-campaign", brief(tone_of_voice="z" * 100_000))
    assert answer.status in (413, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert count("campaigns") == 0


def test_the_same_idempotency_key_launches_once(api: Api, worker: Worker) -> None:
    client = api.client("CEREBRO")
    first = client.post("/content-planner/launch-monthly-campaign", brief(), idempotency_key="k1")
    again = client.post("/content-planner/launch-monthly-campaign", brief(), idempotency_key="k1")
    other = client.post("/content-planner/launch-monthly-campaign", brief(tone_of_voice="x"), idempotency_key="k1")
    assert (first.status, again.status, other.status) == (202, 202, 409)
    assert first.body == again.body
    assert again.headers["location"] == first.headers["location"]
    assert other.body["code"] == "idempotency_key_reused"
    assert count("campaigns") == 1


def test_a_foreign_campaign_answers_as_an_unknown_one(api: Api, worker: Worker) -> None:
    owner, other = api.client("CEREBRO"), api.client("PARTNER")
    launched = owner.post("/content-planner/launch-monthly-campaign", brief()).body
    worker.run()
    piece = owner.get(f"/content-planner/campaigns/{launched['campaign_id']}").body["pieces"][0]
    paths = [
        ("GET", f"/content-planner/campaigns/{launched['campaign_id']}", None),
        ("GET", f"/content-planner/campaigns/{launched['campaign_id']}/status", None),
        ("GET", f"/content-planner/campaigns/{launched['campaign_id']}/export?format=csv", None),
        ("POST", f"/content-planner/campaigns/{launched['campaign_id']}/approve", None),
        ("POST", f"/content-planner/campaigns/{launched['campaign_id']}/cancel", None),
        ("POST", f"/content-planner/campaigns/{launched['campaign_id']}/request-changes", {"comment": "x"}),
        ("PATCH", f"/content-planner/campaigns/{launched['campaign_id']}/pieces/{piece['id']}", {"version": 1}),
        ("GET", f"/jobs/{launched['job_id']}", None),
        ("POST", f"/jobs/{launched['job_id']}/cancel", None),
        ("POST", f"/jobs/{launched['job_id']}/retry", None),
    ]
    unknown = api.call("GET", "/content-planner/campaigns/nonsense", token=other.token)
    assert unknown.status == 404
    for method, path, body in paths:
        route, _, query = path.partition("?")
        parameters = dict([query.split("=")]) if query else {}
        answer = api.call(method, route, body=body, query=parameters, token=other.token)
        assert (answer.status, answer.body["code"]) == (404, "not_found"), path
    assert owner.get(f"/content-planner/campaigns/{launched['campaign_id']}").body["status"] == "review_ready"


def test_platforms_and_engine_say_what_the_form_needs(api: Api) -> None:
    client = api.client("MOTOR")
    platforms = client.get("/content-planner/platforms").body["items"]
    assert len(platforms) == 8
    assert all(row["max_chars"] > 0 and row["source"].startswith("https://") for row in platforms)
    assert client.get("/content-planner/engine").body["cost_per_campaign_usd"] == 0


def test_a_job_of_a_feature_the_plan_lost_cannot_be_retried(api: Api, worker: Worker) -> None:
    client = api.client("CEREBRO")
    launched = client.post("/content-planner/launch-monthly-campaign", brief()).body
    client.post(f"/jobs/{launched['job_id']}/cancel")
    worker.run()
    with db.transaction() as session:
        session.execute(text("UPDATE users SET plan_tier = 'MOTOR'"))
    refused = client.post(f"/jobs/{launched['job_id']}/retry")
    assert (refused.status, refused.body["code"]) == (403, "feature_forbidden")
    assert client.get(f"/jobs/{launched['job_id']}").body["state"] == "cancelled"
