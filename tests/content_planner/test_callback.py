"""The n8n engine over real HTTP: hand-off, waiting, and callbacks that are late, doubled, forged, foreign or rubbish."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from bai import aws, settings
from content_planner import n8n
from tests.builders import Answer, Api, Client, Worker
from tests.content_planner.test_launch import brief

CALLBACK = "/content-planner/webhook/callback"


class Webhook(http.server.BaseHTTPRequestHandler):
    """An n8n that takes what it is told to answer and remembers what it got."""

    statuses: ClassVar[list[int]] = []
    got: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Webhook.got.append((dict(self.headers), body))
        self.send_response(Webhook.statuses.pop(0) if Webhook.statuses else 200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def webhook(account: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Webhook]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Webhook.statuses, Webhook.got = [], []
    monkeypatch.setenv("TEXT_ENGINE", "n8n")
    monkeypatch.setenv("N8N_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/webhook/bai")
    settings.forget()
    yield Webhook
    server.shutdown()


@pytest.fixture
def launched(webhook: type[Webhook], api: Api, worker: Worker) -> tuple[Client, dict[str, Any]]:
    client = api.client("CEREBRO")
    answer = client.post("/content-planner/launch-monthly-campaign", brief()).body
    worker.run()
    return client, answer


def content() -> dict[str, Any]:
    post = {"kind": "post", "platform": "instagram", "text": "Hecho en n8n", "hashtags": ["#hola"]}
    shots = [{"seconds": 5, "visual": "v", "voice": "w"}] * 3
    reel = {**post, "kind": "reel", "script": {"hook": "h", "shots": shots, "caption": "c"}}
    return {"pieces": [post, post, post, post, reel]}


def call_back(api: Api, body: dict[str, Any], **headers: str) -> Answer:
    return api.call("POST", CALLBACK, body=body, headers=headers or {"x_bai_secret": secret()})


def secret() -> str:
    return aws.secret(settings.text().n8n_secret_arn)


def state(client: Client, launched: dict[str, Any]) -> tuple[str, str, int]:
    campaign = client.get(f"/content-planner/campaigns/{launched['campaign_id']}").body
    job = client.get(f"/jobs/{launched['job_id']}").body
    return campaign["status"], job["state"], len(campaign["pieces"])


def test_the_brief_is_handed_over_signed_and_the_campaign_waits(
    launched: tuple[Client, dict[str, Any]], webhook: type[Webhook]
) -> None:
    client, answer = launched
    headers, body = webhook.got[0]
    sent = json.loads(body)
    assert (sent["campaign_id"], sent["callback_id"]) == (answer["campaign_id"], answer["job_id"])
    assert set(sent) >= {"month", "topic", "tone", "platforms", "themes", "tone_of_voice", "callback_url"}
    n8n.require_genuine({"x-bai-signature": headers["X-BAI-Signature"]}, body)
    assert state(client, answer) == ("waiting_callback", "waiting_callback", 0)


def test_a_callback_makes_the_campaign_once_and_its_double_changes_nothing(
    launched: tuple[Client, dict[str, Any]], api: Api, worker: Worker
) -> None:
    client, answer = launched
    body = {"campaign_id": answer["campaign_id"], "callback_id": answer["job_id"], "generated_content": content()}
    assert call_back(api, body).body == {"success": True, "message": "Taken.", "campaign_id": answer["campaign_id"]}
    assert call_back(api, body).body["success"] is False
    worker.run()
    assert state(client, answer) == ("review_ready", "succeeded", 5)
    late = call_back(api, {**body, "error": "too late", "generated_content": None})
    assert (late.status, late.body["success"]) == (200, False)
    worker.run()
    assert state(client, answer) == ("review_ready", "succeeded", 5)


def test_the_signed_form_is_accepted_within_five_minutes(
    launched: tuple[Client, dict[str, Any]], api: Api, worker: Worker
) -> None:
    _, answer = launched
    raw = json.dumps({"campaign_id": answer["campaign_id"], "generated_content": content()})
    old = n8n.sign(raw.encode(), int(time.time()) - 301)
    assert api.call("POST", CALLBACK, body=raw, headers={"x_bai_signature": old}).status == 401
    fresh = n8n.sign(raw.encode(), int(time.time()))
    assert api.call("POST", CALLBACK, body=raw + " ", headers={"x_bai_signature": fresh}).status == 401
    assert api.call("POST", CALLBACK, body=raw, headers={"x_bai_signature": fresh}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_bai_secret": ""},
        {"x_bai_secret": "wrong"},
        {"x_bai_secret": "sécrèt"},
        {"x_bai_signature": ""},
        {"x_bai_signature": "t=,v1="},
        {"x_bai_signature": "t=99999999999999,v1=00"},
        {"x_bai_signature": "t=²,v1=00"},
        {"x_bai_signature": "v1=0" * 500},
    ],
)
def test_a_forged_callback_is_401_and_changes_nothing(
    launched: tuple[Client, dict[str, Any]], api: Api, headers: dict[str, str]
) -> None:
    client, answer = launched
    body = {"campaign_id": answer["campaign_id"], "generated_content": content()}
    forged = api.call("POST", CALLBACK, body=body, headers=headers)
    assert (forged.status, forged.body["code"]) == (401, "unauthenticated")
    assert state(client, answer) == ("waiting_callback", "waiting_callback", 0)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"campaign_id": "nonsense"}, 404),
        ({"campaign_id": "01900000-0000-7000-8000-000000000000"}, 404),
        ({"callback_id": "01900000-0000-7000-8000-000000000000"}, 404),
        ({"generated_content": None}, 422),
        ({"generated_content": {"pieces": []}}, 422),
        ({"generated_content": {"pieces": content()["pieces"][:4]}}, 422),
        ({"generated_content": {"pieces": content()["pieces"][:1] * 5}}, 422),
        ({"generated_content": {"pieces": [{"kind": "post", "platform": "myspace", "text": "x"}]}}, 422),
        (
            {
                "generated_content": {
                    "pieces": [{**content()["pieces"][0], "text": "x" * 2300}, *content()["pieces"][1:]]
                }
            },
            422,
        ),
        ({"generated_content": "rubbish"}, 422),
    ],
)
def test_a_foreign_or_useless_callback_is_refused_and_the_campaign_waits_on(
    launched: tuple[Client, dict[str, Any]], api: Api, change: dict[str, Any], status: int
) -> None:
    client, answer = launched
    body = {"campaign_id": answer["campaign_id"], "callback_id": answer["job_id"], "generated_content": content()}
    refused = call_back(api, {**body, **change})
    assert refused.status == status, refused.body
    assert state(client, answer) == ("waiting_callback", "waiting_callback", 0)


def test_an_error_from_n8n_fails_the_campaign_with_its_reason(
    launched: tuple[Client, dict[str, Any]], api: Api, worker: Worker
) -> None:
    client, answer = launched
    call_back(api, {"campaign_id": answer["campaign_id"], "error": "no credits"})
    worker.run()
    assert state(client, answer)[:2] == ("failed", "failed")
    error = client.get(f"/content-planner/campaigns/{answer['campaign_id']}").body["error"]
    assert "no credits" in error["detail"]


def test_a_callback_for_another_engine_is_unknown(api: Api, worker: Worker) -> None:
    client = api.client("CEREBRO")
    launched = client.post("/content-planner/launch-monthly-campaign", brief()).body
    worker.run()
    assert call_back(api, {"campaign_id": launched["campaign_id"], "error": "x"}).status == 404
    assert state(client, launched) == ("review_ready", "succeeded", 5)


def test_an_overloaded_n8n_is_tried_again_and_a_refusing_one_fails_clearly(
    webhook: type[Webhook], api: Api, worker: Worker
) -> None:
    client = api.client("CEREBRO")
    webhook.statuses = [503]
    busy = client.post("/content-planner/launch-monthly-campaign", brief()).body
    worker.run()
    assert state(client, busy)[1] == "retrying"
    webhook.statuses = [404]
    refusing = client.post("/content-planner/launch-monthly-campaign", brief()).body
    worker.run()
    assert state(client, refusing)[:2] == ("failed", "failed")


def test_a_retry_after_an_error_hands_the_brief_over_again(
    launched: tuple[Client, dict[str, Any]], webhook: type[Webhook], api: Api, worker: Worker
) -> None:
    client, answer = launched
    call_back(api, {"campaign_id": answer["campaign_id"], "error": "no credits"})
    worker.run()
    assert client.post(f"/jobs/{answer['job_id']}/retry").status == 202
    worker.run()
    assert len(webhook.got) == 2
    assert state(client, answer) == ("waiting_callback", "waiting_callback", 0)
    assert call_back(api, {"campaign_id": answer["campaign_id"], "generated_content": content()}).body["success"]
    worker.run()
    assert state(client, answer) == ("review_ready", "succeeded", 5)
