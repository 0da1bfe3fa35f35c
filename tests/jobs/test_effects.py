"""The effect ledger on a real database: what each mode does when a worker dies in the middle, and how doubt is settled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from bai import auth, db, jobs
from bai.errors import NotFound
from bai.jobs import NotDone, Running
from bai.worker import Job, worker_for
from tests.builders import lambda_context, sqs_event
from tests.trial_jobs import declare, trial_type

TYPE = trial_type()


class Died(BaseException):
    """The worker is gone: nothing of ours runs after it."""


class Outside:
    """Another company's system, with a memory: what was done under which key."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.done: dict[str, int] = {}
        self.dies: set[int] = set()
        self.refuses: set[int] = set()

    def send(self, key: str) -> dict[str, Any]:
        self.asked.append(key)
        if len(self.asked) in self.refuses:
            raise NotDone("connection refused") from RuntimeError("refused")
        self.done[key] = self.done.get(key, 0) + 1
        if len(self.asked) in self.dies:
            raise Died
        return {"key": key}

    def probe(self, key: str) -> dict[str, Any] | None:
        return {"key": key, "probed": True} if key in self.done else None


@pytest.fixture
def outside() -> Outside:
    declare(TYPE)
    return Outside()


def run(job_id: str, work: Callable[[Running], Any]) -> None:
    handler = worker_for([Job(TYPE, run=work)])
    try:
        handler(sqs_event({"job_id": job_id, "type": TYPE.name}), lambda_context())
    except Died:
        with db.transaction() as session:  # what the sweeper does about a lost lease
            session.execute(text("UPDATE jobs SET state = 'queued' WHERE state = 'running'"))


def enqueue(caller: auth.Caller) -> str:
    with db.transaction() as session:
        return str(jobs.enqueue(session, TYPE.name, {}, user_id=caller.id)["id"])


def read(job_id: str) -> tuple[str, list[tuple[str, int]]]:
    with db.transaction() as session:
        state = session.value(text("SELECT state FROM jobs WHERE id = CAST(:id AS uuid)"), {"id": job_id})
        query = text("SELECT state, round FROM job_effects WHERE job_id = CAST(:id AS uuid) ORDER BY round")
        return str(state), [(row.state, row.round) for row in session.execute(query, {"id": job_id})]


def due(job_id: str) -> None:
    with db.transaction() as session:
        session.execute(text("UPDATE jobs SET wake_at = now() WHERE id = CAST(:id AS uuid)"), {"id": job_id})


@pytest.mark.parametrize("mode", ["keyed", "probe", "at_most_once", "at_least_once"])
def test_an_effect_happens_once_and_its_answer_is_kept(caller: auth.Caller, outside: Outside, mode: Any) -> None:
    job_id = enqueue(caller)

    def work(job: Running) -> Any:
        made = job.effect("pay", outside.send, mode=mode, probe=outside.probe if mode == "probe" else None)
        if job.attempt == 1:
            raise RuntimeError
        return made

    run(job_id, work)
    due(job_id)
    run(job_id, work)
    assert (outside.asked, read(job_id)) == ([f"{job_id}/pay/1"], ("succeeded", [("confirmed", 1)]))


def test_a_keyed_effect_in_doubt_is_sent_again_with_the_same_key(caller: auth.Caller, outside: Outside) -> None:
    job_id = enqueue(caller)
    outside.dies = {1}
    work = lambda job: job.effect("pay", outside.send, mode="keyed")  # noqa: E731
    run(job_id, work)
    assert read(job_id)[1] == [("sent", 1)]
    run(job_id, work)
    assert (len(set(outside.asked)), len(outside.asked), read(job_id)[0]) == (1, 2, "succeeded")


def test_a_probe_finds_what_was_done_and_does_not_do_it_again(caller: auth.Caller, outside: Outside) -> None:
    job_id = enqueue(caller)
    outside.dies = {1}
    work = lambda job: job.effect("pay", outside.send, mode="probe", probe=outside.probe)  # noqa: E731
    run(job_id, work)
    run(job_id, work)
    assert (list(outside.done.values()), read(job_id)) == ([1], ("succeeded", [("confirmed", 1)]))


def test_an_at_most_once_effect_in_doubt_waits_for_a_person(caller: auth.Caller, outside: Outside) -> None:
    job_id = enqueue(caller)
    outside.dies = {1}
    work = lambda job: job.effect("pay", outside.send, mode="at_most_once")  # noqa: E731
    run(job_id, work)
    run(job_id, work)
    assert (len(outside.asked), read(job_id)) == (1, ("failed", [("unknown", 1)]))
    with db.transaction() as session:
        jobs.reconcile(session, jobs.lock(session, job_id), "pay", happened=True, result={"by": "hand"})
    run(job_id, work)
    assert (len(outside.asked), read(job_id)) == (1, ("succeeded", [("confirmed", 1)]))
    with db.transaction() as session, pytest.raises(NotFound):
        jobs.reconcile(session, jobs.lock(session, job_id), "pay", happened=True)


def test_a_person_who_says_it_did_not_happen_has_it_done(caller: auth.Caller, outside: Outside) -> None:
    job_id = enqueue(caller)
    outside.dies = {1}
    work = lambda job: job.effect("pay", outside.send, mode="at_most_once")  # noqa: E731
    run(job_id, work)
    run(job_id, work)
    with db.transaction() as session:
        jobs.reconcile(session, jobs.lock(session, job_id), "pay", happened=False)
    run(job_id, work)
    assert (len(outside.asked), read(job_id)) == (2, ("succeeded", [("confirmed", 1)]))


def test_what_surely_was_not_done_is_tried_again_even_at_most_once(caller: auth.Caller, outside: Outside) -> None:
    job_id = enqueue(caller)
    outside.refuses = {1}
    work = lambda job: job.effect("pay", outside.send, mode="at_most_once")  # noqa: E731
    run(job_id, work)
    assert read(job_id) == ("retrying", [("planned", 1)])
    due(job_id)
    run(job_id, work)
    assert (list(outside.done.values()), read(job_id)) == ([1], ("succeeded", [("confirmed", 1)]))


def test_a_worker_that_died_before_it_sent_leaves_no_doubt(caller: auth.Caller, outside: Outside) -> None:
    job_id = enqueue(caller)

    def work(job: Running) -> Any:
        if job.attempt == 1:
            with db.transaction() as session:
                job.enter(session, "pay", 1, "")
                from bai.jobs import effects

                effects.plan(session, job, "pay", "at_most_once")
            raise Died
        return job.effect("pay", outside.send, mode="at_most_once")

    run(job_id, work)
    assert read(job_id)[1] == [("planned", 1)]
    run(job_id, work)
    assert (list(outside.done.values()), read(job_id)[0]) == ([1], "succeeded")


def test_a_probe_is_declared_exactly_where_there_is_one(caller: auth.Caller, outside: Outside) -> None:
    job_id = enqueue(caller)
    found: list[str] = []

    def work(job: Running) -> None:
        try:
            job.effect("pay", outside.send, mode="probe")
        except ValueError as error:
            found.append(str(error))

    run(job_id, work)
    assert found == ["a probe is given exactly in mode 'probe'"]


def test_a_worker_that_was_frozen_before_its_request_does_not_send_it(
    caller: auth.Caller, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the clock on the wall its time is over, and its successor may have sent it meanwhile."""
    from datetime import timedelta

    from bai import clock
    from bai.jobs import effects

    job_id = enqueue(caller)
    mark, now = effects._mark_sent, clock.now

    def mark_and_freeze(job: Running, entry: effects.Entry) -> None:
        mark(job, entry)
        monkeypatch.setattr(clock, "now", lambda: now() + timedelta(seconds=60))

    monkeypatch.setattr(effects, "_mark_sent", mark_and_freeze)
    run(job_id, lambda job: job.effect("pay", outside.send, mode="probe", probe=outside.probe, seconds=5))
    monkeypatch.setattr(clock, "now", now)
    assert (outside.asked, read(job_id)) == ([], ("retrying", [("planned", 1)]))
