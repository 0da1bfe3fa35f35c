"""Redriving ended jobs: which are chosen, what a dry run says of each, what a real one does and never repeats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bai import clock, db
from bai.errors import Unavailable
from bai.jobs import Child, NotDone, Running
from tests.builders import Api, Client, Worker, lambda_context, sqs_event
from tests.jobs.asking import PART, UNKNOWN, change, die, ended, enqueue, refuse, refused, run, state


def redrive(client: Client, **wanted: Any) -> dict[str, Any]:
    answer = client.post("/jobs/redrive", wanted)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def only(client: Client, job_id: str) -> dict[str, Any]:
    """What a dry run says of one job."""
    [item] = redrive(client, ids=[job_id])["items"]
    assert (item["id"], item["redriven"]) == (job_id, False)
    return dict(item)


def chosen(client: Client, **wanted: Any) -> list[str]:
    return [item["id"] for item in redrive(client, **wanted)["items"]]


# ---------------------------------------------------------------- verdicts
def test_a_job_without_a_step_starts_over(client: Client) -> None:
    item = only(client, ended(client, die))
    assert (item["verdict"], item["reason"], item["detail"]) == ("starts_over", None, "Starts over.")
    assert (item["state"], item["attempts"], item["error"]["code"]) == ("dead", 1, "internal_error")


def test_a_job_with_finished_steps_goes_on_after_the_last(client: Client) -> None:
    def work(job: Running) -> None:
        job.step("first", lambda: 1)
        job.step("second", lambda: 2)
        die(job)

    item = only(client, ended(client, work))
    assert (item["verdict"], item["steps_done"]) == ("goes_on", ["first", "second"])
    assert item["detail"] == "Goes on after step second."


def effect(mode: Any, send: Callable[[str], Any] | None = None, probe: Any = None) -> Callable[[Running], Any]:
    def lose_the_answer(key: str) -> Any:
        raise Unavailable("the answer was lost")

    return lambda job: job.effect("pay", send or lose_the_answer, mode=mode, probe=probe)


def test_what_had_its_effect_is_named_and_not_repeated(client: Client) -> None:
    def work(job: Running) -> None:
        effect("at_most_once", lambda key: {"paid": True})(job)
        die(job)

    job_id = ended(client, work)
    item = only(client, job_id)
    assert (item["verdict"], item["effects"][0]["fate"]) == ("had_effect", "not_repeated")
    assert item["detail"] == "Had its effect already and is not repeated: pay. Goes on after step pay."
    assert redrive(client, ids=[job_id], dry_run=False)["redriven"] == 1
    run(job_id, effect("at_most_once", lambda key: pytest.fail("paid twice")))
    assert client.get(f"/jobs/{job_id}/result").body == {"paid": True}


@pytest.mark.parametrize(
    ("mode", "probe", "fate", "words"),
    [
        ("keyed", None, "same_key", "sent again under the same key"),
        ("probe", lambda key: None, "asked_first", "the other side is asked first"),
        ("at_least_once", None, "may_repeat", "may happen twice"),
    ],
)
def test_what_was_sent_without_an_answer_says_what_its_mode_does(
    client: Client, mode: str, probe: Any, fate: str, words: str
) -> None:
    item = only(client, ended(client, effect(mode, probe=probe)))
    assert (item["effects"][0]["fate"], item["verdict"]) == (fate, "starts_over")
    assert words in item["detail"]


def test_what_surely_was_not_sent_is_no_effect_yet(client: Client) -> None:
    def send(key: str) -> Any:
        raise NotDone("not even connected") from Unavailable("away")

    item = only(client, ended(client, effect("at_most_once", send)))
    assert (item["effects"][0]["fate"], item["verdict"], item["detail"]) == (
        "not_done_yet",
        "starts_over",
        "Starts over.",
    )


def test_doubt_is_settled_first(client: Client) -> None:
    job_id = ended(client, effect("at_most_once"))
    item = only(client, job_id)
    assert (item["verdict"], item["reason"], item["effects"][0]["fate"]) == ("in_doubt", "effect_unknown", "in_doubt")
    answer = redrive(client, ids=[job_id], dry_run=False)
    assert (answer["redriven"], answer["refused"], state(client, job_id)) == (0, 1, "failed")


def test_a_request_that_got_no_answer_is_made_anew(client: Client) -> None:
    def work(job: Running) -> None:
        job.effect("hand-off", lambda key: {"accepted": True}, mode="keyed")
        die(job)

    job_id = ended(client, work)
    item = only(client, job_id)
    assert (item["effects"][0]["fate"], item["verdict"], item["steps_done"]) == ("asked_anew", "starts_over", [])
    redrive(client, ids=[job_id], dry_run=False)
    keys: list[str] = []
    run(job_id, lambda job: job.effect("hand-off", keys.append, mode="keyed"))
    assert keys == [f"{job_id}/hand-off/2"], "the verdict and the engine agree"


# ---------------------------------------------------------------- refusals
def test_what_can_not_be_run_again_says_why(client: Client) -> None:
    waiting = enqueue(client)
    done = ended(client, lambda job: None)
    unsettled = ended(client, die)
    change(unsettled, "settled_at = NULL")
    nameless = ended(client, die)
    change(nameless, "type = 'trial.gone'")
    ids = [waiting, done, unsettled, nameless]
    answer = redrive(client, ids=ids, dry_run=False)
    reasons = {item["id"]: item["reason"] for item in answer["items"]}
    assert [reasons[job_id] for job_id in ids] == ["still_open", "succeeded", "winding_up", "unknown_type"]
    assert {item["verdict"] for item in answer["items"]} == {"refused"}
    assert (answer["redriven"], answer["refused"]) == (0, 4)


def test_what_the_plan_no_longer_includes_is_refused_and_the_others_run(client: Client) -> None:
    gone, fine = ended(client, die, feature="dedicated_csm"), ended(client, die)
    answer = redrive(client, dry_run=False)
    assert [(item["id"], item["reason"], item["redriven"]) for item in answer["items"]] == [
        (gone, "feature_forbidden", False),
        (fine, None, True),
    ]
    assert (state(client, gone), state(client, fine)) == ("dead", "queued")


# ---------------------------------------------------------------- choosing
def test_without_conditions_the_dead_are_chosen_oldest_first(client: Client) -> None:
    first, second, failed = ended(client, die), ended(client, die), ended(client, refuse)
    change(second, "finished_at = now() - interval '1 hour'")
    assert chosen(client) == [second, first]
    assert chosen(client, states=["failed"]) == [failed]
    assert chosen(client, states=["dead", "failed"], error_code="generation_failed") == [failed]
    assert chosen(client, before=(clock.now() - timedelta(minutes=30)).isoformat()) == [second]
    assert chosen(client, type="trial.part") == []
    assert chosen(client, queue="content_planner") == [second, first]
    assert chosen(client, ids=[first], queue="content_planner_urgent") == []
    page = redrive(client, limit=1)
    assert ([item["id"] for item in page["items"]], page["more"]) == ([second], True)


def test_a_dry_run_changes_nothing_and_a_real_one_runs_each_once(client: Client) -> None:
    dead = [ended(client, die) for _ in range(25)]
    assert redrive(client)["redriven"] == 0
    assert {state(client, job_id) for job_id in dead} == {"dead"}
    answer = redrive(client, dry_run=False)
    assert (answer["redriven"], answer["more"], len(answer["items"])) == (25, False, 25)
    assert {state(client, job_id) for job_id in dead} == {"queued"}
    assert redrive(client, dry_run=False)["items"] == []
    again = redrive(client, ids=dead, dry_run=False)
    assert {item["reason"] for item in again["items"]} == {"still_open"}


def test_a_part_is_redriven_by_its_parent(client: Client, worker: Worker) -> None:
    def family(job: Running) -> Any:
        return job.fan_out("parts", [Child("trial.part", {"a": n}) for n in range(3)])

    parent = ended(client, family)
    parts = [item["id"] for item in client.get("/jobs", parent_id=parent).body["items"]][::-1]
    run(parts[0], effect("keyed", lambda key: 1), PART)
    run(parts[1], lambda job: 1, PART)
    run(parts[2], die, PART)
    run(parent, family)
    assert (state(client, parent), state(client, parts[2])) == ("failed", "dead")
    [item] = redrive(client)["items"]
    assert (item["id"], item["because_of"], item["verdict"]) == (parent, [parts[2]], "had_effect")
    assert [(effect["job_id"], effect["fate"]) for effect in item["effects"]] == [(parts[0], "not_repeated")]
    assert "2 of its 3 parts are done and kept, the others run again." in item["detail"]
    assert redrive(client, dry_run=False)["redriven"] == 1
    run(parent, family)
    run(parts[2], lambda job: 3, PART)
    run(parent, family)
    assert client.get(f"/jobs/{parent}/result").body == [1, 1, 3]


def test_the_copies_of_what_runs_again_are_cleared_away_once_per_queue(client: Client, worker: Worker) -> None:
    dead = [ended(client, die) for _ in range(3)]
    redrive(client, ids=dead[:2], dry_run=False)
    redrive(client, ids=dead[2:], dry_run=False)
    with db.transaction() as session:
        rows = session.rows(text("SELECT * FROM jobs WHERE type = 'jobs.tidy_dead_letters'"))
    assert [(row["payload"], row["user_id"], row["hidden"]) for row in rows] == [
        ({"queue": "content_planner"}, None, True)
    ]
    change(str(rows[0]["id"]), "wake_at = now(), state = 'queued'")
    from jobs.jobs import handler

    handler(sqs_event({"job_id": str(rows[0]["id"]), "type": "jobs.tidy_dead_letters"}), lambda_context())
    assert worker.take("ContentPlannerDeadLetters") == []


# ---------------------------------------------------------------- who
def test_others_jobs_are_an_admins_to_redrive(client: Client, admin: Client, api: Api) -> None:
    stranger = api.client(plan="CEREBRO")
    own, foreign = ended(client, die), ended(stranger, die)
    assert chosen(client) == [own]
    assert redrive(client, ids=[foreign, UNKNOWN, "nonsense"])["missing"] == [foreign, UNKNOWN, "nonsense"]
    assert refused(client.post("/jobs/redrive", {"scope": "all"})) == (403, "forbidden")
    assert chosen(admin) == []
    assert set(chosen(admin, scope="all")) == {own, foreign}
    assert redrive(admin, scope="all", ids=[foreign], dry_run=False)["redriven"] == 1
    assert state(stranger, foreign) == "queued"


@pytest.mark.parametrize(
    "body",
    [
        {"ids": []},
        {"ids": [UNKNOWN] * 501},
        {"ids": ["x" * 65]},
        {"queue": "x" * 81},
        {"error_code": "a\0"},
        {"before": "2027-01-01"},
        {"before": "0001-01-01T00:00:00Z"},
        {"states": ["running"]},
        {"states": []},
        {"limit": 501},
        {"dry": False},
        {"dry_run": "perhaps"},
        {"scope": "none"},
    ],
)
def test_a_redrive_that_means_nothing_changes_nothing(client: Client, body: dict[str, Any]) -> None:
    job_id = ended(client, die)
    assert refused(client.post("/jobs/redrive", {"dry_run": False, **body})) == (422, "validation_failed")
    assert state(client, job_id) == "dead"
