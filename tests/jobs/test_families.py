"""Fan-out and fan-in, unique keys, limits, pauses: jobs among each other, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bai import auth, clock, db, jobs
from bai.errors import GenerationFailed
from bai.jobs import Child, Rate, Running, Unique, queues
from bai.jobs.keys import DuplicateJob
from bai.worker import Job, worker_for
from jobs import sweeper
from tests.builders import Api, Worker, lambda_context, sqs_event
from tests.trial_jobs import declare, trial_type

PARENT, PART = trial_type("parent"), trial_type("part")
WIDE = trial_type("narrow", client_concurrency=2)
RATED = trial_type("rated", client_rate=Rate(2, timedelta(minutes=1)))


class Floor:
    """Runs whatever is queued, message by message, with the functions that a test gives it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.seen: list[str] = []
        self.functions: dict[str, Callable[[Running], Any]] = {
            "trial.parent": lambda job: job.fan_out("parts", [Child("trial.part", {"a": n}) for n in range(3)]),
            "trial.part": lambda job: job.payload.a,
            "trial.narrow": lambda job: None,
            "trial.rated": lambda job: None,
        }
        declare(PARENT, PART, WIDE, RATED)

    def run(self) -> None:
        bound = [Job(found, run=self._function(found.name)) for found in (PARENT, PART, WIDE, RATED)]
        handler = worker_for(bound)
        while bodies := self.worker.take("ContentPlannerQueue"):
            for body in bodies:
                assert handler(sqs_event(body), lambda_context()) == {"batchItemFailures": []}

    def _function(self, name: str) -> Callable[[Running], Any]:
        def call(job: Running) -> Any:
            self.seen.append(name)
            return self.functions[name](job)

        return call


@pytest.fixture
def floor(worker: Worker) -> Floor:
    return Floor(worker)


def enqueue(caller: auth.Caller, name: str = "trial.parent", **options: Any) -> str:
    with db.transaction() as session:
        return str(jobs.enqueue(session, name, {}, user_id=caller.id, **options)["id"])


def states(where: str = "true") -> list[str]:
    with db.transaction() as session:
        query = text(f"SELECT state FROM jobs WHERE {where} ORDER BY created_at, id")
        return [row.state for row in session.execute(query)]


def row(job_id: str) -> Any:
    with db.transaction() as session:
        return session.row(text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid)"), {"id": job_id})


# ---------------------------------------------------------------- children


def test_a_parent_gets_its_childrens_results_in_order_and_waits_without_a_worker(
    caller: auth.Caller, floor: Floor
) -> None:
    job_id = enqueue(caller)
    floor.run()
    assert (row(job_id)["state"], row(job_id)["result"]) == ("succeeded", [0, 1, 2])
    assert floor.seen == ["trial.parent", *["trial.part"] * 3, "trial.parent"]
    assert [entry["outcome"] for entry in row(job_id)["history"]] == ["waiting", "succeeded"]


def test_a_failed_part_fails_the_parent_stops_the_rest_and_a_retry_runs_what_is_missing(
    caller: auth.Caller, floor: Floor
) -> None:
    broken = [True]

    def part(job: Running) -> int:
        if job.payload.a == 1 and broken:
            raise GenerationFailed("no")
        return int(job.payload.a)

    floor.functions["trial.part"] = part
    job_id = enqueue(caller)
    floor.run()
    assert (row(job_id)["state"], row(job_id)["error"]["detail"]) == ("failed", "no")
    assert states("parent_id IS NOT NULL") == ["succeeded", "failed", "cancelled"]
    broken.clear()
    floor.seen.clear()
    with db.transaction() as session:
        jobs.retry(session, jobs.lock(session, job_id))
    floor.run()
    assert (row(job_id)["state"], row(job_id)["result"]) == ("succeeded", [0, 1, 2])
    assert floor.seen.count("trial.part") == 2


def test_a_cancelled_parent_takes_its_parts_with_it(caller: auth.Caller, floor: Floor) -> None:
    floor.functions["trial.part"] = lambda job: pytest.fail("a cancelled part ran")
    job_id = enqueue(caller)
    handler = worker_for([Job(PARENT, run=floor.functions["trial.parent"])])
    handler(sqs_event({"job_id": job_id, "type": "trial.parent"}), lambda_context())
    with db.transaction() as session:
        jobs.cancel(session, jobs.lock(session, job_id))
    floor.run()
    assert states() == ["cancelled"] * 4
    assert row(job_id)["settled_at"] is not None


def test_a_part_that_died_with_its_worker_and_was_given_up_wakes_the_parent(caller: auth.Caller, floor: Floor) -> None:
    job_id = enqueue(caller)
    handler = worker_for([Job(PARENT, run=floor.functions["trial.parent"])])
    handler(sqs_event({"job_id": job_id, "type": "trial.parent"}), lambda_context())
    with db.transaction() as session:
        session.execute(
            text(
                "UPDATE jobs SET state = 'running', attempt = 9, claimed_at = now(), wake_at = now() WHERE type = 'trial.part'"
            )
        )
    assert sweeper.handler({}, lambda_context())["lost"] == 3
    floor.run()
    assert (states("parent_id IS NOT NULL"), row(job_id)["state"]) == (["dead"] * 3, "failed")
    assert row(job_id)["error"]["code"] == "worker_lost"


# ---------------------------------------------------------------- unique keys


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


def test_the_doubt_of_a_part_is_settled_and_the_whole_goes_on(caller: auth.Caller, floor: Floor) -> None:
    def part(job: Running) -> Any:
        if job.attempt == 1 and job.payload.a == 1:
            return job.effect("pay", lambda key: 1 / 0, mode="at_most_once")
        return job.effect("pay", lambda key: job.payload.a, mode="at_most_once")

    floor.functions["trial.part"] = part
    job_id = enqueue(caller)
    floor.run()
    assert (row(job_id)["state"], row(job_id)["error"]["code"]) == ("failed", "effect_unknown")
    with db.transaction() as session:
        doubted = session.row(
            text("SELECT j.* FROM jobs j JOIN job_effects e ON e.job_id = j.id WHERE e.state = 'unknown'")
        )
        assert doubted is not None
        jobs.reconcile(session, doubted, "pay", happened=True, result="by hand")
    floor.run()
    assert (row(job_id)["state"], row(job_id)["result"]) == ("succeeded", [0, "by hand", 2])
