"""Jobs that are one database transaction, alone and in batches; steps' limits; payload versions; large results."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
import pytest
from pydantic import BaseModel
from sqlalchemy import text

from bai import auth, db, jobs
from bai.errors import GenerationFailed, Invalid
from bai.jobs import JobType, Running, results
from bai.jobs.types import UnknownJob
from bai.worker import Job, worker_for
from tests.builders import Worker, lambda_context, sqs_event
from tests.trial_jobs import Payload, declare, trial_type

TYPE = trial_type()


@pytest.fixture(autouse=True)
def declared() -> None:
    declare(TYPE)


def enqueue(caller: auth.Caller, payload: dict[str, Any] | None = None) -> str:
    with db.transaction() as session:
        return str(jobs.enqueue(session, "trial.test", payload or {}, user_id=caller.id)["id"])


def row(job_id: str) -> Any:
    with db.transaction() as session:
        return session.row(text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid)"), {"id": job_id})


def note(session: db.Session, job: Running) -> dict[str, int]:
    """Two statements, as a real job of this kind has: they count how often the job had its effect."""
    fields = {"user": job.user_id, "metric": f"job-{job.payload.a}"}
    session.execute(
        text("""INSERT INTO usage_counters (user_id, month, metric, used) VALUES (CAST(:user AS uuid), '2026-01', :metric, 0)
                ON CONFLICT DO NOTHING"""),
        fields,
    )
    session.execute(
        text("UPDATE usage_counters SET used = used + 1 WHERE user_id = CAST(:user AS uuid) AND metric = :metric"),
        fields,
    )
    return {"a": job.payload.a}


def noted() -> list[int]:
    with db.transaction() as session:
        return [row.used for row in session.execute(text("SELECT used FROM usage_counters ORDER BY metric"))]


def messages(*ids: str) -> dict[str, Any]:
    return sqs_event(*({"job_id": job_id, "type": "trial.test"} for job_id in ids))


def test_a_batch_is_one_transaction_and_each_job_has_its_record(caller: auth.Caller) -> None:
    ids = [enqueue(caller, {"a": n}) for n in range(10)]
    handler = worker_for([Job(TYPE, write=note)])
    for _ in range(3):
        assert handler(messages(*ids, *ids), lambda_context()) == {"batchItemFailures": []}
    assert noted() == [1] * 10
    done = [row(job_id) for job_id in ids]
    assert {(found["state"], found["attempt"], found["progress"]) for found in done} == {("succeeded", 1, 100)}
    assert [found["result"] for found in done] == [{"a": n} for n in range(10)]
    assert all(found["settled_at"] and found["history"][0]["outcome"] == "succeeded" for found in done)


def test_one_that_fails_neither_loses_nor_doubles_its_neighbours(caller: auth.Caller) -> None:
    ids = [enqueue(caller, {"a": n}) for n in range(5)]

    def write(session: db.Session, job: Running) -> Any:
        note(session, job)
        if job.payload.a == 2:
            raise GenerationFailed("no")
        if job.payload.a == 3:
            raise RuntimeError
        return None

    worker_for([Job(TYPE, write=write)])(messages(*ids), lambda_context())
    assert [row(job_id)["state"] for job_id in ids] == ["succeeded", "succeeded", "failed", "retrying", "succeeded"]
    assert noted() == [1, 1, 1]  # what failed left nothing behind


def test_a_second_delivery_runs_alone_so_that_its_attempts_count(caller: auth.Caller) -> None:
    ids = [enqueue(caller, {"a": n}) for n in range(2)]
    event = sqs_event(*({"job_id": job_id, "type": "trial.test"} for job_id in ids), receive_count=2)
    states: list[str] = []

    def write(session: db.Session, job: Running) -> None:
        query = text("SELECT state FROM jobs WHERE id = CAST(:id AS uuid)")
        states.append(str(session.value(query, {"id": job.id})))

    worker_for([Job(TYPE, write=write)])(event, lambda_context())
    assert states == ["running", "running"]


def test_a_batch_pushes_each_jobs_end_in_order(caller: auth.Caller, worker: Worker) -> None:
    ids = [enqueue(caller, {"a": n}) for n in range(3)]
    worker_for([Job(TYPE, write=note)])(messages(*ids), lambda_context())
    told = [event for body in worker.take("PushQueue") for event in body["events"]]
    assert [event["seq"] for event in told] == list(range(1, 7))
    assert [event["data"]["state"] for event in told[3:]] == ["succeeded"] * 3


def test_a_step_is_interrupted_at_its_limit_and_tried_again(caller: auth.Caller) -> None:
    job_id = enqueue(caller)
    began = time.monotonic()
    worker_for([Job(TYPE, run=lambda job: job.step("hang", lambda: time.sleep(30), seconds=0.3))])(
        messages(job_id), lambda_context()
    )
    assert time.monotonic() - began < 3
    assert (row(job_id)["state"], row(job_id)["error"]["code"]) == ("retrying", "step_timeout")


def test_a_heartbeat_keeps_the_lease_and_notices_a_cancel(caller: auth.Caller) -> None:
    job_id = enqueue(caller)

    def work(job: Running) -> None:
        def beat() -> None:
            before = row(job_id)["wake_at"]
            job.heartbeat(progress=40, message="half", seconds=50)
            held = row(job_id)
            assert (held["progress"], held["message"], held["wake_at"] > before) == (40, "half", True)
            with db.transaction() as session:
                jobs.cancel(session, jobs.lock(session, job_id))
            job.heartbeat()
            pytest.fail("the cancel was not noticed")

        job.step("long", beat)

    worker_for([Job(TYPE, run=work)])(messages(job_id), lambda_context())
    assert row(job_id)["state"] == "cancelled"


def test_a_cancel_during_the_last_step_still_ends_cancelled(caller: auth.Caller) -> None:
    job_id = enqueue(caller)

    def work(job: Running) -> None:
        with db.transaction() as session:
            jobs.cancel(session, jobs.lock(session, job_id))

    worker_for([Job(TYPE, run=work)])(messages(job_id), lambda_context())
    assert row(job_id)["state"] == "cancelled"


def test_unknown_names_and_bad_payloads_are_refused_when_they_are_enqueued(caller: auth.Caller) -> None:
    with db.transaction() as session:
        for name in ("trial.none", "nowhere.verb", "os.system", "../x", "trial"):
            with pytest.raises(UnknownJob):
                jobs.enqueue(session, name, {}, user_id=caller.id)
        with pytest.raises(Invalid):
            jobs.enqueue(session, "trial.test", {"a": "many"}, user_id=caller.id)
        assert session.value(text("SELECT count(*) FROM jobs")) == 0


class Newer(BaseModel):
    amount: int
    currency: str


def test_a_payload_of_an_old_release_is_read_by_the_new_one(caller: auth.Caller) -> None:
    job_id = enqueue(caller, {"a": 3})
    newer = JobType(
        "trial.test",
        payload=Newer,
        version=3,
        upcasters={1: lambda old: {"amount": old["a"]}, 2: lambda old: {**old, "currency": "EUR"}},
        queue="content_planner",
    )
    declare(newer)
    settled: list[Any] = []
    bound = Job(
        newer, run=lambda job: job.payload.model_dump(), settle=lambda session, job: settled.append(job["payload"])
    )
    worker_for([bound])(messages(job_id), lambda_context())
    assert row(job_id)["result"] == {"amount": 3, "currency": "EUR"} == settled[0]


def test_a_payload_of_a_newer_release_waits_for_it(caller: auth.Caller) -> None:
    newer = JobType("trial.test", payload=Payload, version=2, upcasters={1: dict}, queue="content_planner")
    declare(newer)
    job_id = enqueue(caller)
    declare(TYPE)
    worker_for([Job(TYPE, run=lambda job: pytest.fail("it was run"))])(messages(job_id), lambda_context())
    assert row(job_id)["state"] == "retrying"


def test_an_upcaster_is_there_for_each_version() -> None:
    with pytest.raises(ValueError, match="upcaster"):
        JobType("trial.test", payload=Newer, version=3, upcasters={1: dict})


def test_a_large_result_lies_beside_the_row(caller: auth.Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from bai import settings

    boto3.client("s3").create_bucket(Bucket="results")
    monkeypatch.setenv("JOB_RESULTS_BUCKET", "results")
    settings.forget()
    job_id = enqueue(caller)
    large = {"text": "x" * 200_000}
    worker_for([Job(TYPE, run=lambda job: large)])(messages(job_id), lambda_context())
    found = row(job_id)
    assert (found["state"], found["result"], found["result_ref"]["bytes"]) == (
        "succeeded",
        None,
        len(json.dumps(large)) - 1,
    )
    assert results.load(found) == large
    assert jobs.describe(found)["result"] == {
        "bytes": found["result_ref"]["bytes"],
        "url": f"/api/v1/jobs/{job_id}/result",
    }


def test_a_result_beyond_all_bounds_fails_with_its_size(caller: auth.Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "MAX_BYTES", 100_000)
    job_id = enqueue(caller)
    worker_for([Job(TYPE, run=lambda job: "x" * 200_000)])(messages(job_id), lambda_context())
    assert (row(job_id)["state"], row(job_id)["error"]["code"]) == ("failed", "result_too_large")


def test_an_attempts_record_has_its_times_and_its_cost(caller: auth.Caller) -> None:
    job_id = enqueue(caller)
    worker_for([Job(TYPE, run=lambda job: job.step("s", lambda: time.sleep(0.05)))])(messages(job_id), lambda_context())
    found = row(job_id)
    entry = found["history"][0]
    assert (entry["attempt"], entry["outcome"]) == (1, "succeeded")
    assert 40 <= entry["run_ms"] < 5_000 and entry["wait_ms"] >= 0
    assert found["meter"]["lambda_requests"] == 1 and found["meter"]["sqs_requests"] == 3
    assert found["cost_usd"] is not None and found["cost_usd"] > 0
