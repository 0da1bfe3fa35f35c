"""Results, replays and effects in doubt over HTTP."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from sqlalchemy import text

from bai import db
from bai.jobs import Running
from tests.builders import Client
from tests.jobs.asking import UNKNOWN, change, ended, enqueue, refuse, refused, run


def test_a_small_result_comes_as_it_is(client: Client) -> None:
    job_id = ended(client, lambda job: [1, {"a": None}])
    answer = client.get(f"/jobs/{job_id}/result")
    assert (answer.status, answer.body) == (200, [1, {"a": None}])
    assert refused(client.get(f"/jobs/{job_id}/result/address")) == (404, "not_found")


def test_a_large_result_is_fetched_from_its_own_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from bai import settings

    monkeypatch.setenv("JOB_RESULTS_BUCKET", "results")
    settings.forget()
    boto3.client("s3").create_bucket(Bucket="results")
    job_id = ended(client, lambda job: "x" * 100_000)
    assert client.get(f"/jobs/{job_id}").body["result"] == {"bytes": 100_002, "url": f"/api/v1/jobs/{job_id}/result"}
    answer = client.get(f"/jobs/{job_id}/result")
    assert answer.status == 307 and "Signature" in answer.headers["location"]
    address = client.get(f"/jobs/{job_id}/result/address").body
    assert (address["bytes"], address["expires_in"]) == (100_002, 300)
    assert address["url"].split("?")[0] == answer.headers["location"].split("?")[0]


@pytest.mark.parametrize("path", ["result", "result/address"])
def test_a_job_without_a_result_says_so(client: Client, path: str) -> None:
    assert refused(client.get(f"/jobs/{enqueue(client)}/{path}")) == (409, "conflict")
    assert refused(client.get(f"/jobs/{ended(client, refuse)}/{path}")) == (409, "conflict")


def test_a_replay_is_a_new_job_with_the_given_payload(client: Client, admin: Client) -> None:
    job_id = ended(client, refuse)
    answer = admin.post(f"/jobs/{job_id}/replay", {"payload": {"a": 8}})
    assert (answer.status, answer.body["job"]["replay_of"]) == (202, job_id)
    replayed = client.get(f"/jobs/{answer.body['job']['id']}").body
    assert replayed["payload"] == {"a": 8}
    same = admin.post(f"/jobs/{job_id}/replay", {}).body["job"]["id"]
    assert admin.get(f"/jobs/{same}").body["payload"] == {"a": 7}


def test_a_replay_is_an_admins_and_its_payload_the_types(client: Client, admin: Client) -> None:
    job_id = ended(client, refuse)
    assert refused(client.post(f"/jobs/{job_id}/replay", {})) == (403, "forbidden")
    assert refused(admin.post(f"/jobs/{job_id}/replay", {"payload": {"a": "x"}})) == (422, "validation_failed")
    assert refused(admin.post(f"/jobs/{job_id}/replay", {"playload": {}})) == (422, "validation_failed")
    assert refused(admin.post(f"/jobs/{UNKNOWN}/replay", {})) == (404, "not_found")
    assert refused(admin.post(f"/jobs/{enqueue(client)}/replay", {})) == (409, "conflict")


def test_a_job_of_another_release_is_refused_and_no_crash(client: Client, admin: Client) -> None:
    job_id = ended(client, refuse)
    change(job_id, 'payload = \'{"a": "seven"}\'')
    assert refused(admin.post(f"/jobs/{job_id}/replay", {})) == (409, "conflict")
    assert admin.post(f"/jobs/{job_id}/replay", {"payload": {"a": 1}}).status == 202
    change(job_id, "payload_version = 9")
    assert refused(admin.post(f"/jobs/{job_id}/replay", {})) == (409, "conflict")
    change(job_id, "type = 'trial.gone'")
    assert refused(admin.post(f"/jobs/{job_id}/replay", {"payload": {}})) == (409, "conflict")
    assert refused(client.post(f"/jobs/{job_id}/retry")) == (409, "conflict")


@pytest.mark.parametrize(
    "given", ['{"payload": ' + '{"a":' * 9_000 + "1" + "}" * 9_001, '{"payload": {"a": "\\u0000"}}']
)
def test_a_payload_that_nothing_can_hold_is_refused(client: Client, admin: Client, given: str) -> None:
    answer = admin.post(f"/jobs/{ended(client, refuse)}/replay", given)
    assert refused(answer) in ((422, "validation_failed"), (400, "request_refused"))


DEEP = ["[" * depth + "]" * depth for depth in (20_000, 700, 33)]


@pytest.mark.parametrize("given", ['"\\u0000"', *DEEP, "1e999", '"\\ud800"', "NaN"])
def test_a_result_that_nothing_can_hold_is_refused(client: Client, given: str) -> None:
    job_id = in_doubt(client)
    answer = client.post(f"/jobs/{job_id}/effects/mail/reconcile", f'{{"happened": true, "result": {given}}}')
    assert refused(answer) in ((422, "validation_failed"), (400, "request_refused"))
    assert [item["job_id"] for item in client.get("/jobs/effects").body["items"]] == [job_id]


def test_what_the_owners_plan_no_longer_includes_is_not_run_again_whoever_asks(client: Client, admin: Client) -> None:
    job_id = enqueue(client, feature="access_mining")
    run(job_id, refuse)
    with db.transaction() as session:
        session.execute(text("UPDATE users SET plan_tier = 'MOTOR' WHERE id = CAST(:id AS uuid)"), {"id": client.id})
    for answer in (
        client.post(f"/jobs/{job_id}/retry"),
        admin.post(f"/jobs/{job_id}/retry"),
        admin.post(f"/jobs/{job_id}/replay", {}),
    ):
        assert refused(answer) == (403, "feature_forbidden")


def in_doubt(client: Client) -> str:
    def work(job: Running) -> Any:
        def send(key: str) -> Any:
            raise TimeoutError

        return job.effect("mail", send, mode="at_most_once")

    return ended(client, work)


def test_an_effect_in_doubt_is_listed_and_settled_by_its_owner(client: Client, stranger: Client, admin: Client) -> None:
    job_id = in_doubt(client)
    [effect] = client.get("/jobs/effects").body["items"]
    assert (effect["job_id"], effect["name"], effect["state"]) == (job_id, "mail", "unknown")
    assert (effect["job_state"], effect["owner"]) == ("failed", None)
    assert stranger.get("/jobs/effects").body["items"] == []
    assert admin.get("/jobs/effects", scope="all").body["items"][0]["owner"]["email"] == client.email
    assert refused(client.get("/jobs/effects", scope="all")) == (403, "forbidden")
    told = client.post(f"/jobs/{job_id}/effects/mail/reconcile", {"happened": True, "result": {"id": 9}})
    assert (told.status, told.body["job"]["state"]) == (202, "queued")
    assert client.get("/jobs/effects").body["items"] == []
    assert refused(client.post(f"/jobs/{job_id}/effects/mail/reconcile", {"happened": True})) == (404, "not_found")
    run(job_id, lambda job: job.effect("mail", lambda key: pytest.fail("sent again"), mode="at_most_once"))
    assert client.get(f"/jobs/{job_id}/result").body == {"id": 9}
    assert [item["state"] for item in client.get("/jobs/effects", state="confirmed").body["items"]] == ["confirmed"]


def test_effects_come_in_pages_of_jobs(client: Client) -> None:
    made = [in_doubt(client) for _ in range(3)]
    first = client.get("/jobs/effects", limit=2).body
    rest = client.get("/jobs/effects", limit=2, cursor=first["next_cursor"]).body
    assert [item["job_id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
