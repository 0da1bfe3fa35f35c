"""Review: edits as versions, regeneration, restore, approval, changes, cancelling, calendar, exports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Api, Client, Worker
from tests.content_planner.test_launch import brief, next_month


@pytest.fixture
def client(api: Api) -> Client:
    return api.client("CEREBRO")


@pytest.fixture
def campaign(client: Client, worker: Worker) -> dict[str, Any]:
    launched = client.post("/content-planner/launch-monthly-campaign", brief())
    worker.run()
    return read(client, launched.body["campaign_id"])


def read(client: Client, campaign_id: str) -> dict[str, Any]:
    return dict(client.get(f"/content-planner/campaigns/{campaign_id}").body)


def path_of(campaign: dict[str, Any], n: int = 0) -> str:
    return f"/content-planner/campaigns/{campaign['id']}/pieces/{campaign['pieces'][n]['id']}"


def test_an_edit_is_a_new_version_and_the_old_one_can_be_restored(client: Client, campaign: dict[str, Any]) -> None:
    path, before = path_of(campaign), campaign["pieces"][0]
    edited = client.patch(path, {"version": 1, "text": "Nuestras palabras"})
    assert (edited.status, edited.body["version"], edited.body["text"]) == (200, 2, "Nuestras palabras")
    versions = client.get(f"{path}/versions").body["items"]
    assert [(row["version"], row["author"]) for row in versions] == [(2, "client"), (1, "engine")]
    restored = client.post(f"{path}/versions/1/restore").body
    assert (restored["version"], restored["text"]) == (3, before["text"])
    assert client.post(f"{path}/versions/99/restore").status == 404


def test_an_edit_of_a_version_that_moved_on_is_a_conflict_and_loses_nothing(
    client: Client, campaign: dict[str, Any]
) -> None:
    path = path_of(campaign)
    client.patch(path, {"version": 1, "text": "Primero"})
    late = client.patch(path, {"version": 1, "text": "Segundo"})
    assert (late.status, late.body["code"]) == (409, "conflict")
    assert read(client, campaign["id"])["pieces"][0]["text"] == "Primero"


def test_regeneration_follows_an_instruction_and_keeps_the_old_version(
    client: Client, campaign: dict[str, Any], worker: Worker
) -> None:
    path, before = path_of(campaign), campaign["pieces"][0]
    asked = client.post(f"{path}/regenerate", {"instruction": "más corto", "version": 1})
    assert (asked.status, asked.body["piece"]["status"]) == (202, "regenerating")
    assert client.patch(path, {"version": 1, "text": "x"}).status == 409
    worker.run()
    after = read(client, campaign["id"])["pieces"][0]
    assert (after["status"], after["version"]) == ("draft", 2)
    assert after["text"] != before["text"]
    assert client.get(f"{path}/versions").body["items"][0]["instruction"] == "más corto"


def test_a_cancelled_regeneration_leaves_the_piece_as_it_was(
    client: Client, campaign: dict[str, Any], worker: Worker
) -> None:
    asked = client.post(f"{path_of(campaign)}/regenerate", {"instruction": "otra versión", "version": 1}).body
    assert client.post(f"/jobs/{asked['job_id']}/cancel").body["job"]["state"] == "cancelled"
    worker.run()
    piece = read(client, campaign["id"])["pieces"][0]
    assert (piece["status"], piece["version"], piece["text"]) == ("draft", 1, campaign["pieces"][0]["text"])


def test_approving_all_five_approves_the_campaign(client: Client, campaign: dict[str, Any]) -> None:
    approved = client.post(f"/content-planner/campaigns/{campaign['id']}/approve")
    assert approved.status == 200, approved.body
    assert approved.body["status"] == "approved"
    assert {piece["status"] for piece in approved.body["pieces"]} == {"approved"}
    assert client.patch(path_of(campaign), {"version": 1, "text": "x"}).status == 409


def test_the_last_single_approval_approves_the_campaign(client: Client, campaign: dict[str, Any]) -> None:
    for n in range(5):
        assert read(client, campaign["id"])["status"] == "review_ready"
        assert client.post(f"{path_of(campaign, n)}/approve").body["status"] == "approved"
    assert read(client, campaign["id"])["status"] == "approved"


def test_a_piece_that_breaks_its_platforms_rules_cannot_be_approved(client: Client, campaign: dict[str, Any]) -> None:
    instagram = next(n for n, piece in enumerate(campaign["pieces"]) if piece["platform"] == "instagram")
    client.patch(path_of(campaign, instagram), {"version": 1, "text": "x" * 2300})
    refused = client.post(f"/content-planner/campaigns/{campaign['id']}/approve")
    assert (refused.status, refused.body["code"]) == (409, "platform_rules_violated")
    assert refused.body["errors"][0]["loc"] == ["pieces", campaign["pieces"][instagram]["id"]]
    assert read(client, campaign["id"])["status"] == "review_ready"


def test_asked_changes_reopen_the_review_once_each_piece_was_changed(client: Client, campaign: dict[str, Any]) -> None:
    root, piece_id = f"/content-planner/campaigns/{campaign['id']}", campaign["pieces"][0]["id"]
    client.post(f"{root}/approve")
    asked = client.post(f"{root}/request-changes", {"comment": "Más corto", "piece_ids": [piece_id]}).body
    assert (asked["status"], asked["review_comment"]) == ("changes_requested", "Más corto")
    client.patch(path_of(campaign), {"version": 1, "text": "Corto"})
    again = read(client, campaign["id"])
    assert (again["status"], again["review_comment"]) == ("review_ready", None)
    assert client.post(f"{root}/request-changes", {"comment": "x", "piece_ids": ["nonsense"]}).status == 404


def test_a_campaign_can_be_cancelled_before_and_after_it_was_made(
    client: Client, campaign: dict[str, Any], worker: Worker
) -> None:
    made = client.post(f"/content-planner/campaigns/{campaign['id']}/cancel")
    assert (made.status, made.body["status"]) == (202, "cancelled")
    assert client.post(f"/content-planner/campaigns/{campaign['id']}/cancel").status == 409
    launched = client.post("/content-planner/launch-monthly-campaign", brief()).body
    client.post(f"/content-planner/campaigns/{launched['campaign_id']}/cancel")
    worker.run()
    unmade = read(client, launched["campaign_id"])
    assert (unmade["status"], unmade["pieces"]) == ("cancelled", [])
    assert client.get(f"/jobs/{launched['job_id']}").body["state"] == "cancelled"


def test_moving_a_piece_stays_in_the_month_and_shows_in_the_calendar(client: Client, campaign: dict[str, Any]) -> None:
    day = f"{next_month()}-17T09:30:00Z"
    moved = client.patch(path_of(campaign), {"version": 1, "scheduled_for": day})
    assert (moved.status, moved.body["version"]) == (200, 1)
    assert moved.body["scheduled_for"].startswith(f"{next_month()}-17T09:30")
    away = client.patch(path_of(campaign), {"version": 1, "scheduled_for": "2099-01-01T00:00:00Z"})
    assert away.status == 422
    calendar = client.get("/content-planner/calendar", month=next_month()).body
    assert len(calendar["items"]) == 5
    assert {item["campaign_status"] for item in calendar["items"]} == {"review_ready"}


@pytest.mark.parametrize(("fmt", "kind"), [("csv", "text/csv"), ("ics", "text/calendar"), ("md", "text/markdown")])
def test_exports_are_files(client: Client, campaign: dict[str, Any], fmt: str, kind: str) -> None:
    file = client.get(f"/content-planner/campaigns/{campaign['id']}/export", format=fmt)
    assert file.status == 200
    assert file.headers["content-type"].startswith(kind)
    assert f".{fmt}" in file.headers["content-disposition"]
    assert campaign["pieces"][0]["platform"].lower() in file.body.lower()


def test_lists_filter_and_page_without_gap_or_repeat(client: Client, worker: Worker) -> None:
    made = [client.post("/content-planner/launch-monthly-campaign", brief()).body["campaign_id"] for _ in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = client.get("/content-planner/campaigns", **query).body
        seen += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == made[::-1]
    assert client.get("/content-planner/campaigns", status="approved").body["items"] == []
    assert client.get("/content-planner/campaigns", month=next_month(), limit=100).body["next_cursor"] is None
    for bad in ({"cursor": "x"}, {"limit": 0}, {"limit": 101}, {"month": "x"}, {"status": "x"}):
        assert client.get("/content-planner/campaigns", **bad).status == 422, bad


def test_an_overdue_subscription_is_read_only_and_loses_nothing(api: Api, worker: Worker) -> None:
    late = api.client("CEREBRO", subscription_status="canceled")
    refused = late.post("/content-planner/launch-monthly-campaign", brief())
    assert (refused.status, refused.body["code"]) == (403, "subscription_read_only")
    assert late.get("/content-planner/campaigns").status == 200


def test_a_retried_regeneration_does_not_touch_what_was_approved_meanwhile(
    client: Client, campaign: dict[str, Any], worker: Worker
) -> None:
    asked = client.post(f"{path_of(campaign)}/regenerate", {"instruction": "otra versión", "version": 1}).body
    client.post(f"/jobs/{asked['job_id']}/cancel")
    worker.run()
    approved = client.post(f"/content-planner/campaigns/{campaign['id']}/approve").body
    assert client.post(f"/jobs/{asked['job_id']}/retry").status == 202
    worker.run()
    assert read(client, campaign["id"]) == approved
    assert client.get(f"/jobs/{asked['job_id']}").body["state"] == "failed"


def test_a_retried_regeneration_of_an_untouched_piece_makes_it(
    client: Client, campaign: dict[str, Any], worker: Worker
) -> None:
    asked = client.post(f"{path_of(campaign)}/regenerate", {"instruction": "otra versión", "version": 1}).body
    client.post(f"/jobs/{asked['job_id']}/cancel")
    worker.run()
    client.post(f"/jobs/{asked['job_id']}/retry")
    worker.run()
    piece = read(client, campaign["id"])["pieces"][0]
    assert (piece["status"], piece["version"]) == ("draft", 2)


@pytest.mark.parametrize(
    "change",
    [
        {"hashtags": ["#a\x00"]},
        {"script": {"hook": "\x00", "shots": [{"seconds": 1, "visual": "v"}], "caption": "c"}},
        {"text": "\ud83d"},
        {"version": 2**40},
        {"scheduled_for": "0001-01-01T00:00:00+14:00"},
        {"scheduled_for": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_edits_that_cannot_be_stored_are_422_and_change_nothing(
    client: Client, campaign: dict[str, Any], change: dict[str, Any]
) -> None:
    answer = client.patch(path_of(campaign, 4), {"version": 1, **change})
    assert (answer.status, answer.body["code"]) == (422, "validation_failed"), answer.body
    assert read(client, campaign["id"])["pieces"][4] == campaign["pieces"][4]
    assert client.post(f"{path_of(campaign)}/versions/{2**40}/restore").status == 422
