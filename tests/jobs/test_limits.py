"""Unique keys, limits of concurrency and rate, pauses: who may be enqueued and who may start, on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bai import auth, clock, db
from bai.jobs import Unique, queues
from bai.jobs.keys import DuplicateJob
from bai.worker import Job, worker_for
from jobs import sweeper
from tests.builders import Api, Worker, lambda_context, sqs_event
from tests.jobs.shop_floor import WIDE, Floor, enqueue, row


@pytest.fixture
def floor(worker: Worker) -> Floor:
    return Floor(worker)


def test_a_key_is_held_until_its_job_has_ended(caller: auth.Caller, floor: Floor) -> None:
    first = enqueue(caller, "trial.part", unique=Unique("k"))
    assert enqueue(caller, "trial.part", unique=Unique("k")) == first
    with pytest.raises(DuplicateJob):
        enqueue(caller, "trial.part", unique=Unique("k", on_conflict="reject"))
    floor.run()
    assert enqueue(caller, "trial.part", unique=Unique("k")) != first


def test_a_key_until_running_is_free_once_the_job_has_started(caller: auth.Caller, floor: Floor) -> None:
    first = enqueue(caller, "trial.part", unique=Unique("k", until="running"))
    again: list[str] = []
    floor.functions["trial.part"] = lambda job: (
        again.append(enqueue(caller, "trial.part", unique=Unique("k", until="running"))) if not again else None
    )
    floor.run()
    assert again and again[0] != first


def test_a_key_with_a_time_to_live_outlives_its_job(caller: auth.Caller, floor: Floor) -> None:
    unique = Unique("k", until="ttl", ttl=timedelta(hours=1))
    first = enqueue(caller, "trial.part", unique=unique)
    floor.run()
    assert enqueue(caller, "trial.part", unique=unique) == first
    with db.transaction() as session:
        session.execute(text("UPDATE job_keys SET expires_at = now()"))
    assert enqueue(caller, "trial.part", unique=unique) != first


def test_a_replaced_job_is_cancelled_and_the_new_one_has_the_key(caller: auth.Caller, floor: Floor) -> None:
    first = enqueue(caller, "trial.part", unique=Unique("k"))
    second = enqueue(caller, "trial.part", unique=Unique("k", on_conflict="replace"))
    assert (row(first)["state"], row(second)["state"]) == ("cancelled", "queued")
    assert enqueue(caller, "trial.part", unique=Unique("k")) == second


def test_keys_of_different_clients_and_types_do_not_meet(api: Api, caller: auth.Caller, floor: Floor) -> None:
    user = api.client("CEREBRO")
    with db.transaction() as session:
        other = auth.load_caller(session, user.id)
    ids = {enqueue(who, name, unique=Unique("k")) for who in (caller, other) for name in ("trial.part", "trial.parent")}
    assert len(ids) == 4


# ---------------------------------------------------------------- limits, pauses


def test_a_client_over_its_limit_is_parked_and_brought_back_by_the_end_of_another(
    caller: auth.Caller, floor: Floor
) -> None:
    ids = [enqueue(caller, "trial.narrow") for _ in range(5)]
    handler = worker_for([Job(WIDE, run=lambda job: None)])
    with db.transaction() as session:
        session.execute(
            text(
                "UPDATE jobs SET state = 'running', claimed_at = now(), wake_at = now() + interval '1 minute' WHERE id = ANY(CAST(:ids AS uuid[]))"
            ),
            {"ids": ids[:2]},
        )
    floor.run()
    parked = [row(job_id) for job_id in ids[2:]]
    assert [(found["state"], found["parked_at"] is not None) for found in parked] == [("queued", True)] * 3
    with db.transaction() as session:
        session.execute(text("UPDATE jobs SET state = 'queued' WHERE state = 'running'"))
    handler(sqs_event({"job_id": ids[0], "type": "trial.narrow"}), lambda_context())
    floor.run()  # each end sends the next one
    assert [row(job_id)["state"] for job_id in [ids[0], *ids[2:]]] == ["succeeded"] * 4


def test_a_rate_defers_to_the_moment_from_which_it_has_room(caller: auth.Caller, floor: Floor) -> None:
    ids = [enqueue(caller, "trial.rated") for _ in range(3)]
    floor.run()
    assert [row(job_id)["state"] for job_id in ids] == ["succeeded", "succeeded", "deferred"]
    waits = row(ids[2])["wake_at"] - clock.now()
    assert timedelta(seconds=25) < waits <= timedelta(seconds=31)


def test_a_paused_queue_hands_nothing_out_and_a_resumed_one_everything(caller: auth.Caller, floor: Floor) -> None:
    job_id = enqueue(caller, "trial.part")
    with db.transaction() as session:
        queues.pause(session, "content_planner", by="ops@example.com", reason="deploy")
        assert queues.paused(session)["content_planner"]["reason"] == "deploy"
    floor.run()
    with db.transaction() as session:
        session.execute(text("UPDATE jobs SET wake_at = now()"))
    assert (sweeper.handler({}, lambda_context())["due"], row(job_id)["state"]) == (0, "queued")
    with db.transaction() as session:
        queues.resume(session, "content_planner")
    assert sweeper.handler({}, lambda_context())["due"] == 1
    floor.run()
    assert row(job_id)["state"] == "succeeded"
