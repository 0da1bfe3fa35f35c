"""Lists of jobs over HTTP and one job's record: what a client sees of its own, what an admin sees, and what nobody may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from bai import clock, db, ids, jobs
from bai.jobs import Child, Running
from tests.builders import Client
from tests.jobs.asking import PART, UNKNOWN, change, ended, enqueue, found, refuse, refused, run


def test_each_filter_of_the_list_keeps_what_it_says(client: Client) -> None:
    subject = ids.new_id()
    first = enqueue(client, subject=("campaign", subject), message="Writing the reel")
    second = enqueue(client, "trial.part")
    run(first, lambda job: None)
    change(second, "created_at = now() + interval '1 hour'")
    assert found(client.get("/jobs")) == [second, first]
    for query, expected in (
        ({"state": "succeeded"}, [first]),
        ({"type": "trial.part"}, [second]),
        ({"queue": "content_planner_urgent"}, [second]),
        ({"subject_id": subject}, [first]),
        ({"subject_id": "nonsense"}, []),
        ({"since": (clock.now() + timedelta(minutes=30)).isoformat()}, [second]),
        ({"q": first[:20]}, [first]),
        ({"q": subject}, [first]),
        ({"q": "THE REEL"}, [first]),
        ({"q": "PART"}, [second]),
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
    parent = ended(client, lambda job: job.fan_out("parts", [Child("trial.part", {"a": n}) for n in range(3)]))
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
    def work(job: Running) -> Any:
        return job.fan_out("parts", [Child("trial.part", {"a": n}) for n in range(2)])

    parent = ended(client, work)
    for part in found(client.get("/jobs", parent_id=parent)):
        run(part, lambda job: job.payload.a, PART)
    run(parent, work)
    job = client.get(f"/jobs/{parent}").body
    assert [child["state"] for child in job["children"]] == ["succeeded", "succeeded"]
    assert job["children_total"] == 2
    parts = sum(child["cost_usd"] for child in job["children"])
    assert job["cost"]["with_children_usd"] == pytest.approx(job["cost"]["usd"] + parts)
    assert job["cost_usd"] == pytest.approx(job["cost"]["with_children_usd"], abs=1e-7)


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
    job_id = ended(stranger, refuse)
    assert admin.get(f"/jobs/{job_id}").body["owner"]["email"] == stranger.email
    assert admin.post(f"/jobs/{job_id}/retry").body["job"]["state"] == "queued"
    assert admin.post(f"/jobs/{job_id}/cancel").body["job"]["state"] == "cancelled"
