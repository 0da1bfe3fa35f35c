"""Fan-out and fan-in on a real database: parents, their parts, and what happens when one of either stops."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from bai import auth, db, jobs
from bai.errors import GenerationFailed
from bai.jobs import Running
from bai.worker import Job, worker_for
from jobs import sweeper
from tests.builders import Worker, lambda_context, sqs_event
from tests.jobs.shop_floor import PARENT, Floor, enqueue, row, states


@pytest.fixture
def floor(worker: Worker) -> Floor:
    return Floor(worker)


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
