"""The job engine on a real database: claims, fencing, steps, retries, cancelling, the sweeper."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import RowMapping, create_engine, text

from bai import auth, clock, db, jobs
from bai.errors import Conflict, GenerationFailed, Unavailable
from bai.jobs import Retries, Running, claims, endings, states
from bai.jobs.signals import LostLease
from bai.worker import Job, worker_for
from jobs import sweeper
from tests.builders import Api, Worker, lambda_context, sqs_event
from tests.trial_jobs import declare, trial_type

TYPE = trial_type()


class Subject:
    """A module's side: counts runs, remembers how each job was settled."""

    def __init__(self) -> None:
        self.type = TYPE
        self.runs: list[int] = []
        self.settled: list[str] = []
        self.work: Callable[[Running], Any] = lambda job: {"ok": True}

    def run(self, job: Running) -> Any:
        self.runs.append(job.attempt)
        return self.work(job)

    def settle(self, session: db.Session, job: jobs.JobRow) -> None:
        self.settled.append(job["state"])

    def handle(self, *job_ids: str, receive_count: int = 1, seconds: float = 60) -> dict[str, Any]:
        handler = worker_for([Job(self.type, run=self.run, settle=self.settle)])
        bodies = [{"job_id": job_id, "type": "trial.test", "correlation_id": "c"} for job_id in job_ids]
        return handler(sqs_event(*bodies, receive_count=receive_count), lambda_context(seconds))


@pytest.fixture
def subject() -> Subject:
    declare(TYPE)
    return Subject()


def enqueue(caller: auth.Caller, job_type: jobs.JobType = TYPE, **options: Any) -> str:
    declare(job_type)
    with db.transaction() as session:
        return str(jobs.enqueue(session, "trial.test", {"a": 1}, user_id=caller.id, **options)["id"])


def claim(job_id: str) -> Running:
    taken = claims.claim(TYPE, job_id)
    assert taken is not None
    return claims.hold(TYPE, taken, lambda: 60.0)


def row(job_id: str) -> RowMapping:
    with db.transaction() as session:
        found = session.row(text("SELECT * FROM jobs WHERE id = CAST(:id AS uuid)"), {"id": job_id})
    assert found is not None
    return found


def change(job_id: str, assignment: str) -> None:
    with db.transaction() as session:
        session.execute(text(f"UPDATE jobs SET {assignment} WHERE id = CAST(:id AS uuid)"), {"id": job_id})


def sweep() -> dict[str, int]:
    return sweeper.handler({}, lambda_context())


def test_a_job_runs_once_however_often_its_message_comes(caller: auth.Caller, subject: Subject) -> None:
    job_id = enqueue(caller)
    for _ in range(5):
        assert subject.handle(job_id, job_id) == {"batchItemFailures": []}
    assert (subject.runs, subject.settled, row(job_id)["state"]) == ([1], ["succeeded"], "succeeded")


def test_a_rolled_back_transaction_enqueues_nothing(caller: auth.Caller, worker: Worker) -> None:
    def enqueue_and_fail() -> None:
        with db.transaction() as session:
            jobs.enqueue(session, "trial.test", {}, user_id=caller.id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        enqueue_and_fail()
    assert worker.take("ContentPlannerQueue") == []
    with db.transaction() as session:
        assert session.value(text("SELECT count(*) FROM jobs")) == 0
        assert session.value(text("SELECT count(*) FROM events")) == 0


def test_a_domain_error_is_final(caller: auth.Caller, subject: Subject) -> None:
    def refuse(job: Running) -> None:
        raise GenerationFailed("no")

    subject.work = refuse
    job_id = enqueue(caller)
    subject.handle(job_id)
    assert (row(job_id)["state"], subject.settled) == ("failed", ["failed"])
    assert row(job_id)["error"] == {"code": "generation_failed", "detail": "no"}


@pytest.mark.parametrize("error", [RuntimeError("secret text"), Unavailable("away"), jobs.Retry(3, "later")])
def test_anything_else_is_retried_with_backoff_and_then_dead(
    caller: auth.Caller, subject: Subject, worker: Worker, error: Exception
) -> None:
    def fail(job: Running) -> None:
        raise error

    subject.work = fail
    subject.type = trial_type(retries=Retries(retryable=3, unknown=3))
    job_id = enqueue(caller, subject.type)
    for attempt in (1, 2):
        subject.handle(job_id)
        held = row(job_id)
        assert (held["state"], held["attempt"]) == ("retrying", attempt)
        assert held["wake_at"] <= clock.now() + timedelta(seconds=max(Retries().ceiling(attempt), 3) + 2)
        change(job_id, "wake_at = now() + interval '1 minute'")
        subject.handle(job_id)  # a message that comes too early changes nothing
        assert row(job_id)["attempt"] == attempt
        change(job_id, "wake_at = now()")
    subject.handle(job_id)
    assert (row(job_id)["state"], subject.settled) == ("dead", [])
    subject.handle(job_id)  # its own message: the copy for the alarm first, then the module is told
    assert subject.settled == ["dead"]
    assert "secret text" not in str(row(job_id)["error"])
    assert [body["job_id"] for body in worker.take("ContentPlannerDeadLetters")] == [job_id]


def test_backoff_is_capped() -> None:
    assert [Retries().ceiling(n) for n in (1, 2, 3, 50)] == [2.0, 4.0, 8.0, 300.0]


def test_a_finished_step_is_never_run_again(caller: auth.Caller, subject: Subject) -> None:
    paid: list[str] = []

    def pay() -> dict[str, int]:
        paid.append("first")
        return {"n": 7}

    def work(job: Running) -> Any:
        first = job.step("first", pay)
        if job.attempt == 1:
            raise RuntimeError
        return job.step("second", lambda: {"sum": first["n"] + 1})

    subject.work = work
    job_id = enqueue(caller)
    subject.handle(job_id)
    change(job_id, "wake_at = now()")
    subject.handle(job_id)
    assert (paid, row(job_id)["result"]) == (["first"], {"sum": 8})


def test_a_worker_that_lost_its_lease_changes_nothing(caller: auth.Caller, subject: Subject) -> None:
    """The zombie: it froze, the sweeper gave the job to another, then it goes on."""
    applied: list[int] = []
    job_id = enqueue(caller)

    def freeze(job: Running) -> Any:
        def thaw_late() -> dict[str, int]:
            if job.attempt == 1:
                change(job_id, "wake_at = now() - interval '1 second'")
                assert sweep()["lost"] == 1
                subject.handle(job_id)
            return {"attempt": job.attempt}

        return job.step("work", thaw_late, apply=lambda session, made: applied.append(made["attempt"]))

    subject.work = freeze
    subject.handle(job_id)
    done = row(job_id)
    assert (done["state"], done["attempt"], done["result"]) == ("succeeded", 2, {"attempt": 2})
    assert (applied, subject.settled) == ([2], ["succeeded"])


def test_a_step_that_would_outlive_the_invocation_goes_on_in_a_new_one(caller: auth.Caller, subject: Subject) -> None:
    subject.work = lambda job: job.step("long", lambda: 1, seconds=30)
    job_id = enqueue(caller)
    change(job_id, "max_attempts = 1")
    subject.handle(job_id, seconds=10)
    assert (row(job_id)["state"], subject.settled) == ("queued", [])
    subject.handle(job_id, seconds=60)
    assert row(job_id)["state"] == "succeeded"


def test_a_running_job_stops_at_its_next_step_when_cancelled(caller: auth.Caller, subject: Subject) -> None:
    job_id = enqueue(caller)

    def work(job: Running) -> Any:
        with db.transaction() as session:
            assert jobs.cancel(session, jobs.lock(session, job_id))["state"] == "running"
        return job.step("never", lambda: pytest.fail("the step ran"))

    subject.work = work
    subject.handle(job_id)
    assert (row(job_id)["state"], subject.settled) == ("cancelled", ["cancelled"])


def test_a_queued_job_is_cancelled_at_once_and_settled_by_its_worker(caller: auth.Caller, subject: Subject) -> None:
    job_id = enqueue(caller)
    with db.transaction() as session:
        jobs.cancel(session, jobs.lock(session, job_id))
    assert row(job_id)["state"] == "cancelled"
    subject.handle(job_id)
    subject.handle(job_id)
    assert (subject.runs, subject.settled) == ([], ["cancelled"])
    with db.transaction() as session, pytest.raises(Conflict):
        jobs.cancel(session, jobs.lock(session, job_id))


def test_an_ended_job_can_be_retried_and_a_succeeded_one_not(caller: auth.Caller, subject: Subject) -> None:
    def refuse(job: Running) -> Any:
        if job.attempt == 1:
            raise GenerationFailed("no")
        return {}

    subject.work = refuse
    job_id = enqueue(caller)
    subject.handle(job_id)
    with db.transaction() as session:
        assert jobs.retry(session, jobs.lock(session, job_id))["state"] == "queued"
    subject.handle(job_id)
    assert row(job_id)["state"] == "succeeded"
    with db.transaction() as session, pytest.raises(Conflict):
        jobs.retry(session, jobs.lock(session, job_id))


def test_the_sweeper_sends_what_was_committed_and_never_sent(caller: auth.Caller, worker: Worker) -> None:
    job_id = enqueue(caller)
    worker.take("ContentPlannerQueue")  # the message is lost
    assert sweep()["due"] == 0
    change(job_id, "wake_at = now()")
    assert sweep()["due"] == 1
    assert [body["job_id"] for body in worker.take("ContentPlannerQueue")] == [job_id]
    assert sweep()["due"] == 0


def test_a_deferred_job_does_not_run_before_it_is_due(caller: auth.Caller, subject: Subject, worker: Worker) -> None:
    job_id = enqueue(caller, not_before=clock.now() + timedelta(hours=2))
    assert (worker.take("ContentPlannerQueue"), row(job_id)["state"]) == ([], "deferred")
    subject.handle(job_id)
    assert subject.runs == []
    change(job_id, "wake_at = now()")
    assert sweep()["due"] == 1
    subject.handle(job_id)
    assert row(job_id)["state"] == "succeeded"


@pytest.mark.parametrize("state", ["queued", "deferred", "retrying", "running", "waiting_callback"])
def test_a_passed_deadline_expires_every_open_state_and_settles_it(
    caller: auth.Caller, subject: Subject, state: str
) -> None:
    job_id = enqueue(caller)
    change(job_id, f"state = '{state}', deadline_at = now(), wake_at = now() + interval '1 hour'")
    sweep()
    ended = "failed" if state == "waiting_callback" else "expired"
    assert row(job_id)["state"] == ended
    subject.handle(job_id)
    assert subject.settled == [ended]


def test_a_lost_lease_without_attempts_left_is_dead(caller: auth.Caller, subject: Subject, worker: Worker) -> None:
    job_id = enqueue(caller)
    change(job_id, "max_attempts = 1")
    claim(job_id)
    change(job_id, "wake_at = now()")
    sweep()
    assert row(job_id)["state"] == "dead"
    subject.handle(job_id)
    assert (len(worker.take("ContentPlannerDeadLetters")), subject.settled) == (1, ["dead"])


def test_a_poison_message_goes_back_and_its_neighbours_run(caller: auth.Caller, subject: Subject) -> None:
    job_id = enqueue(caller)
    handler = worker_for([Job(TYPE, run=subject.run, settle=subject.settle)])
    good = {"job_id": job_id, "type": "trial.test"}
    event = sqs_event("not json", {"job_id": "x"}, {"job_id": job_id, "type": "no.such"}, good)
    answer = handler(event, lambda_context())
    bad = [{"itemIdentifier": record["messageId"]} for record in event["Records"][:3]]
    assert answer == {"batchItemFailures": bad}
    assert row(job_id)["state"] == "succeeded"


def test_ten_workers_at_once_claim_a_job_once(caller: auth.Caller, database: Any) -> None:
    job_ids = [enqueue(caller) for _ in range(10)]
    statement = claims._CLAIM_MANY
    taken: list[str] = []
    engine = create_engine("postgresql+onetrip://", creator=db._connect, pool_size=10)

    def work() -> None:
        with engine.begin() as connection:
            fields = {"ids": json.dumps(job_ids)}
            taken.extend(str(found.id) for found in connection.execute(statement, fields))
            time.sleep(0.05)
            connection.execute(
                text("UPDATE jobs SET state = 'succeeded' WHERE id = ANY(CAST(:ids AS uuid[]))"), {"ids": taken}
            )

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    engine.dispose()
    assert sorted(taken) == sorted(job_ids)


def test_hidden_jobs_are_neither_told_nor_listed(api: Api, database: Any) -> None:
    client = api.client("CEREBRO")
    with db.transaction() as session:
        declare(TYPE)
        jobs.enqueue(session, "trial.test", {}, user_id=client.id, hidden=True)
        assert session.value(text("SELECT count(*) FROM events")) == 0
    listed = client.get("/jobs").body
    assert (listed["items"], listed["counts"]) == ([], {})


def test_a_fenced_write_raises_lost_lease(caller: auth.Caller) -> None:
    job_id = enqueue(caller)
    held = claim(job_id)
    change(job_id, "attempt = attempt + 1")
    with db.transaction() as session, pytest.raises(LostLease):
        endings.end(session, held, states.SUCCEEDED)
    with pytest.raises(LostLease):
        held.step("x", lambda: pytest.fail("the step ran"))


def test_an_answer_that_commits_while_the_worker_begins_to_wait_is_not_lost(caller: auth.Caller, database: Any) -> None:
    """The callback holds the row, the worker waits for it: once it has the row it must see the answer."""
    job_id = enqueue(caller)
    held = claim(job_id)
    engine = create_engine("postgresql+onetrip://", creator=db._connect, pool_size=2)
    states_after: list[str] = []

    def wait() -> None:
        with engine.begin() as connection:
            session = db.Session(connection)
            states_after.append(endings.wait(session, held, clock.now() + timedelta(hours=1), "waiting")["state"])

    with db.transaction() as session:
        job = jobs.lock(session, job_id)
        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.5)
        assert jobs.answer(session, job, {"ok": True})
    waiter.join(10)
    engine.dispose()
    assert states_after == ["queued"]


@pytest.mark.parametrize("ending", [jobs.WaitForCallback(clock.now() + timedelta(hours=1), "w"), RuntimeError("x")])
def test_a_cancel_that_comes_just_before_waiting_or_a_retry_is_not_swallowed(
    caller: auth.Caller, subject: Subject, ending: Exception
) -> None:
    job_id = enqueue(caller)

    def work(job: Running) -> Any:
        with db.transaction() as session:
            jobs.cancel(session, jobs.lock(session, job_id))
        raise ending

    subject.work = work
    subject.handle(job_id)
    assert (row(job_id)["state"], subject.settled) == ("cancelled", ["cancelled"])


def test_a_message_that_meets_a_held_row_waits_instead_of_being_used_up(
    caller: auth.Caller, subject: Subject, database: Any
) -> None:
    """A doubled callback or a cancel holds the row for a moment; skipping it would lose the job's only message."""
    job_id = enqueue(caller)
    engine = create_engine("postgresql+onetrip://", creator=db._connect)
    with engine.begin() as holder:
        holder.execute(text("SELECT 1 FROM jobs WHERE id = CAST(:id AS uuid) FOR UPDATE"), {"id": job_id})
        running_it = threading.Thread(target=subject.handle, args=(job_id,))
        running_it.start()
        time.sleep(0.5)
        assert subject.runs == []
    running_it.join(10)
    engine.dispose()
    assert row(job_id)["state"] == "succeeded"
