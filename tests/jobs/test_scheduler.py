"""Ticks become jobs: each one, once, whoever asks and whenever somebody dies."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import NullPool, create_engine, text

from bai import clock, db
from bai.jobs import JobType, Schedule, scheduler, types
from tests.conftest import Pool
from tests.jobs.moments import at
from tests.trial_jobs import declare, trial_type

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Ticked(BaseModel):
    tick: datetime


def scheduled(cron: str = "* * * * *", zone: str = "UTC", missed: Any = "all", **options: Any) -> JobType:
    job_type = trial_type(schedule=Schedule(cron, zone, missed), **{"payload": Ticked, **options})
    declare(job_type)
    return job_type


def tick(job_type: JobType, now: datetime) -> int:
    with db.transaction() as session:
        return scheduler.tick(session, job_type, now)


def enqueued() -> list[Any]:
    with db.transaction() as session:
        return list(session.rows(text("SELECT * FROM jobs WHERE type = 'trial.test' ORDER BY created_at, id")))


def reached() -> datetime:
    with db.transaction() as session:
        return session.value(text("SELECT last_tick FROM job_schedules WHERE name = 'trial.test'"))  # type: ignore[no-any-return]


@contextmanager
def other_process() -> Iterator[db.Session]:
    """A transaction on a connection of its own; the messages it plans stay unsent, as if it died after COMMIT."""
    engine = create_engine("postgresql+onetrip://", creator=db._connect, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        session = db.Session(connection)
        yield session
        session.run_before_commit()


NOW = at("2026-11-23T10:00:20")


def test_a_new_schedule_has_missed_nothing_and_each_later_tick_becomes_a_hidden_job_of_nobody(database: Pool) -> None:
    job_type = scheduled()
    assert [tick(job_type, NOW), tick(job_type, NOW), tick(job_type, NOW + 30 * timedelta(seconds=1))] == [0, 0, 0]
    assert tick(job_type, NOW + MINUTE) == 1
    (job,) = enqueued()
    assert job["payload"] == {"tick": "2026-11-23T10:01:00Z"}
    assert (job["state"], job["user_id"], job["hidden"], job["queue"]) == ("queued", None, True, "content_planner")
    assert tick(job_type, NOW + MINUTE) == 0 and reached() == NOW + MINUTE


def test_a_payload_without_the_field_gets_no_tick(database: Pool) -> None:
    job_type = trial_type(schedule=Schedule("* * * * *"))
    declare(job_type)
    tick(job_type, NOW)
    assert tick(job_type, NOW + MINUTE) == 1 and enqueued()[0]["payload"] == {"a": 1}


def test_a_long_list_comes_in_parts_and_completely(database: Pool) -> None:
    job_type = scheduled()
    tick(job_type, NOW)
    assert [tick(job_type, NOW + 4 * HOUR) for _ in range(4)] == [100, 100, 40, 0]
    ticks = [job["payload"]["tick"] for job in enqueued()]
    assert len(set(ticks)) == 240 and ticks == sorted(ticks)


@pytest.mark.parametrize(("missed", "made_good"), [("skip", 5), ("once", 1), ("all", 60)])
def test_after_an_hour_without_a_sweeper_the_policy_decides(database: Pool, missed: str, made_good: int) -> None:
    job_type = scheduled(missed=missed)
    tick(job_type, NOW)
    assert [tick(job_type, NOW + HOUR), tick(job_type, NOW + HOUR), tick(job_type, NOW + HOUR + MINUTE)] == [
        made_good,
        0,
        1,
    ]


def test_a_scheduler_that_dies_before_commit_leaves_the_tick_to_the_next(database: Pool) -> None:
    job_type = scheduled()
    tick(job_type, NOW)
    with suppress(KeyboardInterrupt), db.transaction() as session:
        assert scheduler.tick(session, job_type, NOW + MINUTE) == 1
        raise KeyboardInterrupt
    assert enqueued() == []
    assert [tick(job_type, NOW + MINUTE), len(enqueued())] == [1, 1]


def test_who_finds_the_schedule_held_passes_by_at_once(database: Pool) -> None:
    job_type = scheduled()
    tick(job_type, NOW)
    with other_process() as session:
        assert scheduler.tick(session, job_type, NOW + MINUTE) == 1
        assert tick(job_type, NOW + MINUTE) == 0
    assert tick(job_type, NOW + MINUTE) == 0 and len(enqueued()) == 1


def test_a_new_expression_makes_good_nothing_of_the_idle_past(database: Pool) -> None:
    yearly = scheduled("0 0 1 1 *")
    for hours in (0, 1, 30, 60):
        assert tick(yearly, NOW + hours * HOUR) == 0
    assert reached() == NOW + 60 * HOUR
    assert tick(scheduled(), NOW + 60 * HOUR + MINUTE) == 1


def test_eight_schedulers_at_once_make_each_tick_one_job(database: Pool) -> None:
    job_type = scheduled("*/5 * * * *", "Europe/Madrid")
    tick(job_type, NOW)
    made: Counter[str] = Counter()
    start = threading.Barrier(8)

    def run(name: str) -> None:
        dice = random.Random(name)
        start.wait()
        for minute in range(1, 61):
            with other_process() as session:
                made[name] += scheduler.tick(session, job_type, NOW + minute * MINUTE + dice.randint(0, 50) * timedelta(seconds=1))  # fmt: skip

    threads = [threading.Thread(target=run, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ticks = sorted(job["payload"]["tick"] for job in enqueued())
    assert ticks == [f"2026-11-23T{10 + n // 12}:{n % 12 * 5:02}:00Z" for n in range(1, len(ticks) + 1)]
    assert len(ticks) in (12, 13) and made.total() == len(ticks)


def test_every_declared_schedule_makes_a_job_that_its_type_accepts() -> None:
    scheduled = [job_type for job_type in types.all_types() if job_type.schedule is not None]
    assert scheduled
    for job_type in scheduled:
        job_type.write_payload(scheduler.scheduled_payload(job_type, clock.now()))
