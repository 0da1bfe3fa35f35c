"""The HTTP surface of jobs: what a client sees of its own, what an admin sees and does, and what nobody may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from sqlalchemy import text

from bai import clock, db, ids, jobs
from bai.errors import GenerationFailed
from bai.jobs import Child, Running
from bai.worker import Job, worker_for
from tests.builders import Answer, Api, Client, lambda_context, sqs_event
from tests.trial_jobs import Payload, declare, trial_type

TYPE, OTHER = trial_type(), trial_type("other", queue="content_planner_urgent")
UNKNOWN = "01938f7e-0000-7000-8000-0000000000a1"


@pytest.fixture
def client(api: Api) -> Client:
    declare(TYPE, OTHER)
    return api.client(plan="CEREBRO")


@pytest.fixture
def stranger(api: Api) -> Client:
    return api.client(plan="CEREBRO")


@pytest.fixture
def admin(api: Api) -> Client:
    return api.client(plan="PARTNER", role="admin")


def enqueue(client: Client | None, name: str = "trial.test", **options: Any) -> str:
    with db.transaction() as session:
        owner = client.id if client else None
        return str(jobs.enqueue(session, name, Payload(a=7), user_id=owner, **options)["id"])


def run(job_id: str, work: Callable[[Running], Any], job_type: jobs.JobType = TYPE) -> None:
    handler = worker_for([Job(job_type, run=work)])
    handler(sqs_event({"job_id": job_id, "type": job_type.name}), lambda_context())


def ended(client: Client, work: Callable[[Running], Any]) -> str:
    job_id = enqueue(client)
    run(job_id, work)
    return job_id


def change(job_id: str, assignment: str) -> None:
    with db.transaction() as session:
        session.execute(text(f"UPDATE jobs SET {assignment} WHERE id = CAST(:id AS uuid)"), {"id": job_id})


def refuse(job: Running) -> None:
    raise GenerationFailed("no")


def found(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.body["items"]]


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]


# ---------------------------------------------------------------- lists
def test_each_filter_of_the_list_keeps_what_it_says(client: Client) -> None:
    subject = ids.new_id()
    first = enqueue(client, subject=("campaign", subject), message="Writing the reel")
    second = enqueue(client, "trial.other")
    run(first, lambda job: None)
    change(second, "created_at = now() + interval '1 hour'")
    assert found(client.get("/jobs")) == [second, first]
    for query, expected in (
        ({"state": "succeeded"}, [first]),
        ({"type": "trial.other"}, [second]),
        ({"queue": "content_planner_urgent"}, [second]),
        ({"subject_id": subject}, [first]),
        ({"subject_id": "nonsense"}, []),
        ({"since": (clock.now() + timedelta(minutes=30)).isoformat()}, [second]),
        ({"q": first[:20]}, [first]),
        ({"q": subject}, [first]),
        ({"q": "THE REEL"}, [first]),
        ({"q": "other"}, [second]),
        ({"q": "camp"}, [first]),
        ({"q": "%"}, []),
        ({"q": "reel", "state": "queued"}, []),
    ):
        assert found(client.get("/jobs", **query)) == expected, query


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 81},
        {"q": ""},
        {"q": "a\0b"},
        {"since": "yesterday"},
        {"since": "9999-12-31T23:59:59+00:00"},
        {"since": "2027-01-01T00:00:00"},
        {"state": "stuck"},
        {"scope": "everybody"},
        {"limit": "101"},
        {"cursor": "x"},
        {"type": "x" * 81},
    ],
)
def test_what_no_list_can_mean_is_a_problem_that_names_the_field(client: Client, query: dict[str, str]) -> None:
    answer = client.get("/jobs", **query)
    assert refused(answer) == (422, "validation_failed")
    assert next(iter(query)) in str(answer.body["errors"])


def test_parts_are_listed_under_their_parent_and_not_among_the_jobs(client: Client) -> None:
    parent = ended(client, lambda job: job.fan_out("parts", [Child("trial.other", {"a": n}) for n in range(3)]))
    listing = client.get("/jobs")
    assert found(listing) == [parent]
    assert listing.body["counts"] == {"waiting_callback": 1}
    parts = client.get("/jobs", parent_id=parent)
    assert len(found(parts)) == 3 and parts.body["counts"] == {"queued": 3}
    assert {item["parent_id"] for item in parts.body["items"]} == {parent}


def test_pages_join_without_a_gap_or_a_repetition(client: Client) -> None:
    made = [enqueue(client) for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = client.get("/jobs", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += found(page)
        cursor = page.body["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_everybodys_jobs_are_an_admins_and_come_with_their_owner(
    client: Client, stranger: Client, admin: Client
) -> None:
    own, foreign = enqueue(client), enqueue(stranger)
    hidden = enqueue(client, hidden=True)
    assert found(client.get("/jobs")) == [own]
    assert found(admin.get("/jobs")) == []
    everything = admin.get("/jobs", scope="all")
    assert set(found(everything)) == {own, foreign, hidden}
    owners = {item["id"]: item["owner"] for item in everything.body["items"]}
    assert owners[foreign] == {"id": stranger.id, "email": stranger.email}
    assert everything.body["counts"] == {"queued": 3}
    assert refused(client.get("/jobs", scope="all")) == (403, "forbidden")


def test_the_suites_own_job_has_no_owner(client: Client, admin: Client) -> None:
    with db.transaction() as session:
        job_id = str(jobs.enqueue(session, "jobs.forget_old", {}, user_id=None)["id"])
    [item] = admin.get("/jobs", scope="all").body["items"]
    assert (item["id"], item["owner"]) == (job_id, None)
    assert admin.get(f"/jobs/{job_id}").body["owner"] is None
    assert refused(client.get(f"/jobs/{job_id}")) == (404, "not_found")


# ---------------------------------------------------------------- one job
def test_a_jobs_record_shows_attempts_steps_effects_and_what_it_cost(client: Client) -> None:
    def work(job: Running) -> Any:
        job.step("think", lambda: 1, progress=50)
        job.effect("mail", lambda key: {"sent": key}, mode="keyed")
        return {"ok": True}

    job_id = ended(client, work)
    job = client.get(f"/jobs/{job_id}").body
    assert (job["state"], job["result"], job["payload"]) == ("succeeded", {"ok": True}, {"a": 7})
    assert [(step["name"], step["state"]) for step in job["steps"]] == [("think", "done"), ("mail", "done")]
    [effect] = job["effects"]
    assert (effect["state"], effect["key"], effect["mode"]) == ("confirmed", f"{job_id}/mail/1", "keyed")
    [attempt] = job["history"]
    assert (attempt["attempt"], attempt["outcome"]) == (1, "succeeded")
    assert job["wait_ms"] == attempt["wait_ms"] and job["run_ms"] == attempt["run_ms"]
    assert {line["unit"] for line in job["cost"]["lines"]} >= {"lambda_gb_seconds", "lambda_requests", "sqs_requests"}
    assert job["cost"]["usd"] == pytest.approx(sum(line["usd"] for line in job["cost"]["lines"]))
    assert job["cost"]["usd"] == pytest.approx(job["cost_usd"], abs=1e-7)
    assert job["cost"]["prices_as_of"][:2] == "20"
    assert (job["children"], job["children_total"], job["owner"]) == ([], 0, None)


def test_a_parent_shows_its_parts_and_what_all_of_it_cost(client: Client) -> None:
    parent = ended(client, lambda job: job.fan_out("parts", [Child("trial.other", {"a": n}) for n in range(2)]))
    for part in found(client.get("/jobs", parent_id=parent)):
        run(part, lambda job: job.payload.a, OTHER)
    job = client.get(f"/jobs/{parent}").body
    assert [child["state"] for child in job["children"]] == ["succeeded", "succeeded"]
    assert job["children_total"] == 2
    parts = sum(child["cost_usd"] for child in job["children"])
    assert job["cost"]["with_children_usd"] == pytest.approx(job["cost_usd"] + parts)


def test_a_job_that_never_ran_has_no_times_and_no_cost(client: Client) -> None:
    job = client.get(f"/jobs/{enqueue(client)}").body
    assert (job["wait_ms"], job["run_ms"], job["cost"]["usd"], job["cost"]["lines"]) == (None, None, None, [])


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/result", None),
        ("GET", "/result/address", None),
        ("POST", "/cancel", None),
        ("POST", "/retry", None),
        ("POST", "/effects/mail/reconcile", {"happened": True}),
    ],
)
def test_a_foreign_job_answers_as_an_unknown_one(
    client: Client, stranger: Client, method: str, path: str, body: Any
) -> None:
    foreign = ended(stranger, refuse)
    answers = [
        client.api.call(method, f"/jobs/{job_id}{path}", body=body, token=client.token)
        for job_id in (foreign, UNKNOWN, "nonsense", quote("%00"))
    ]
    assert {refused(answer) for answer in answers} == {(404, "not_found")}
    assert len({answer.body["detail"] for answer in answers}) == 1


def test_an_admin_reads_and_changes_every_job(stranger: Client, admin: Client) -> None:
    declare(TYPE, OTHER)
    job_id = ended(stranger, refuse)
    assert admin.get(f"/jobs/{job_id}").body["owner"]["email"] == stranger.email
    assert admin.post(f"/jobs/{job_id}/retry").body["job"]["state"] == "queued"
    assert admin.post(f"/jobs/{job_id}/cancel").body["job"]["state"] == "cancelled"


# ---------------------------------------------------------------- results
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


# ---------------------------------------------------------------- replay and effects
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


# ---------------------------------------------------------------- queues
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
