"""`bai jobs` as it is typed, over HTTP against the functions' own handlers, signed in as the seeded demo clients."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from sqlalchemy import text

from bai import db, jobs, settings
from local import cli_queues
from local.cli_client import USER
from local.demo_clients import ADMIN
from local.seed import seed
from tests.builders import Api
from tests.jobs.asking import TYPE, UNKNOWN, change, die, run
from tests.local.terminal import Door, Typed
from tests.trial_jobs import Payload, declare


@pytest.fixture
def state(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state directory of a platform that runs: its addresses, and behind them the handlers."""
    declare(TYPE)
    seed()
    for name in ("BAI_USER", "BAI_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    addresses = {"api": f"http://127.0.0.1:{server.server_port}", "pid": os.getpid()}
    (tmp_path / "addresses.json").write_text(json.dumps(addresses))
    yield tmp_path
    server.shutdown()
    server.server_close()


@pytest.fixture
def bai(state: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(state, capsys)


def enqueue(email: str = USER, **options: Any) -> str:
    with db.transaction() as session:
        owner = session.value(text("SELECT id FROM users WHERE email = :email"), {"email": email})
        return str(jobs.enqueue(session, "trial.test", Payload(), user_id=str(owner), **options)["id"])


def ended(work: Any, **options: Any) -> str:
    job_id = enqueue(**options)
    run(job_id, work)
    return job_id


def doubt(job: Any) -> Any:
    def send(key: str) -> Any:
        raise TimeoutError

    return job.effect("pay", send, mode="at_most_once")


def test_list_shows_the_signed_in_clients_jobs_and_all_of_them_to_the_admin(bai: Typed) -> None:
    own, foreign = enqueue(message="Writing"), enqueue("motor@demo.bai.example")
    shown = bai("list")
    assert own in shown and foreign not in shown and "1 queued" in shown
    shown = bai("list", "--all")
    assert own in shown and "motor@demo.bai.example" in shown and "2 queued" in shown
    assert [job["id"] for job in bai.json("list", "--search", "WRIT", "--since", "1h")["items"]] == [own]
    assert bai("list", "--queue", "jobs").endswith("1 queued\n")
    assert "forbidden" in bai("list", "--all", "--user", USER, exits=1, said="err")


def test_list_follows_pages_up_to_its_limit(bai: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    from local import cli_jobs

    monkeypatch.setattr(cli_jobs, "_PAGE", 2)
    made = [enqueue() for _ in range(5)][::-1]
    assert [job["id"] for job in bai.json("list", "--limit", "3")["items"]] == made[:3]
    assert [job["id"] for job in bai.json("list", "--limit", "100")["items"]] == made


def test_show_tells_attempts_steps_effects_and_cost(bai: Typed) -> None:
    def work(job: Any) -> Any:
        job.step("think", lambda: 1)
        job.effect("mail", lambda key: 2, mode="keyed")
        return {"ok": True}

    job_id = ended(work)
    shown = bai("show", job_id)
    for word in ("succeeded", "think", "mail", "confirmed", "keyed", "lambda_gb_seconds", "prices of", "'ok': True"):
        assert word in shown, word
    assert bai.json("show", job_id)["id"] == job_id
    assert "404 not_found: There is no such job." in bai("show", UNKNOWN, exits=1, said="err")


@pytest.mark.parametrize(
    "words", [["show", "queues"], ["list", "--since", "soon"], ["replay", UNKNOWN, "--payload", "{"]]
)
def test_a_slip_is_told_before_anything_is_asked(bai: Typed, words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        bai(*words)
    assert stopped.value.code == 2


def test_cancel_and_retry_go_on_after_a_refusal(bai: Typed) -> None:
    first, second = enqueue(), enqueue()
    told = bai("cancel", first, second)
    assert told == f"{first} is cancelled\n{second} is cancelled\n"
    run(first, die)  # the module is told of the end
    assert "conflict" in bai("retry", second, first, exits=1, said="err")
    assert bai.json("show", first)["state"] == "queued"


def test_replay_is_asked_as_the_admin(bai: Typed, tmp_path: Path) -> None:
    job_id = ended(die)
    (tmp_path / "payload.json").write_text('{"a": 5}')
    assert f"a replay of {job_id}" in bai("replay", job_id, "--payload", f"@{tmp_path / 'payload.json'}")
    [newest] = bai.json("list", "--limit", "1")["items"]
    assert bai.json("show", newest["id"])["payload"] == {"a": 5}
    assert "forbidden" in bai("replay", job_id, "--user", USER, exits=1, said="err")


def test_redrive_changes_nothing_without_yes(bai: Typed) -> None:
    dead, doubtful = ended(die), ended(doubt)
    shown = bai("redrive", "--error-code", "internal_error")
    assert dead in shown and "starts_over" in shown and "nothing was changed" in shown
    shown = bai("redrive", dead, doubtful, UNKNOWN, exits=1)
    assert "in_doubt (effect_unknown)" in shown and f"{UNKNOWN}  is no job of yours" in shown
    assert bai.json("redrive", "--all", "--yes")["redriven"] == 1
    assert bai.json("show", dead)["state"] == "queued"


def test_an_effect_in_doubt_is_listed_and_reconciled(bai: Typed) -> None:
    job_id = ended(doubt)
    assert job_id in bai("effects")
    with pytest.raises(SystemExit):
        bai("reconcile", job_id, "pay")
    assert bai("reconcile", job_id, "pay", "--happened", "--result", '{"id": 9}') == f"{job_id} is queued\n"
    assert bai.json("effects", "--all")["items"] == []


def test_queues_are_shown_paused_and_resumed(bai: Typed) -> None:
    enqueue()
    assert "content_planner_urgent" in bai("queues")
    assert "is paused: a bad deploy. 0 still running." in bai("pause", "content_planner", "--reason", "a bad deploy")
    assert "paused: a bad deploy" in bai("queues", "--all")
    assert "gives out again" in bai("resume", "content_planner")
    assert not any(queue["paused"] for queue in bai.json("queues")["items"])
    assert "404" in bai("pause", "no/where", "--reason", "x", exits=1, said="err")


def test_drain_waits_until_nothing_runs(bai: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_queues, "_LOOK_EVERY", 0.05)
    running, _ = enqueue(), enqueue()
    change(running, "state = 'running'")
    told = bai("drain", "content_planner", "--timeout", "0.2", exits=1, said="err")
    assert "1 of content_planner still run" in told and "stays paused" in told
    bai("resume", "content_planner")
    ending = threading.Thread(target=_end_once_paused, args=(running,))
    ending.start()
    told = bai("drain", "content_planner", "--timeout", "60")
    ending.join()
    assert "1 still running" in told and "is drained: nothing runs, 1 wait." in told


def _end_once_paused(job_id: str) -> None:
    for _ in range(600):
        time.sleep(0.05)
        with db.transaction() as session:
            if session.value(text("SELECT 1 FROM job_queues WHERE paused_at IS NOT NULL")):
                break
    change(job_id, "state = 'succeeded', finished_at = now()")


def test_dead_letters_are_listed_and_sent_back(bai: Typed) -> None:
    boto3.client("sqs").send_message(QueueUrl=settings.dead_letter_url("content_planner"), MessageBody="no JSON")
    assert "poison" in bai("dead-letters")
    assert "Name the queue" in bai("dead-letters", "--redrive", exits=1, said="err")
    assert "are for --redrive" in bai("dead-letters", "content_planner", "--yes", exits=1, said="err")
    boto3.client("sqs").send_message(QueueUrl=settings.dead_letter_url("jobs"), MessageBody="no JSON")
    assert "nothing was changed" in bai("dead-letters", "jobs", "--redrive")


def test_check_exits_by_what_it_finds(bai: Typed, state: Path) -> None:
    assert bai("check").startswith("CHECK")
    assert bai.json("check")["status"] == "ok"
    ended(die)
    assert "NOT OK" in bai("check", exits=1)
    assert bai.json("check", exits=1)["status"] == "degraded"
    assert "forbidden" in bai("check", "--user", USER, exits=1, said="err")
    (state / "addresses.json").unlink()
    assert "not running" in bai("check", exits=1, said="err")


def test_the_seed_is_safe_to_run_again_and_has_one_admin(state: Path) -> None:
    assert seed() == 0
    with db.transaction() as session:
        roles = session.rows(text("SELECT email, role, plan_tier FROM users WHERE email LIKE '%@demo.bai.example'"))
    assert len(roles) == 4
    assert [(row["email"], row["plan_tier"]) for row in roles if row["role"] == "admin"] == [(ADMIN, "PARTNER")]
