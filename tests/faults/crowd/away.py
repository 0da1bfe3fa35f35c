"""Part 10: the database goes away under load. Nobody gets a wrong answer, and whoever got a yes finds it kept."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from bai import db
from bai.ids import new_id
from local.processes import NotAvailable
from tests.faults.kill import rounds
from tests.faults.kill.world import World

_CLIENTS = 8
_API_PATIENCE = 14  # seconds until the template's function is cut off
_REST = 120
_FULL_SECONDS = 10
_WORKERS = {"module": "content_planner.jobs", "queues": ["content_planner_urgent", "content_planner"], "idle": 3}


def outage(here: World, way: str, seconds: float) -> Counter[str]:
    """Clients launch campaigns all the time; one that gets 503 asks again with the same Idempotency-Key."""
    number = _CLIENTS if seconds >= _FULL_SECONDS else _CLIENTS // 2
    users = [_user() for _ in range(number)]
    answers = here.answers()
    end = answers.folder / "end"
    fields = {"users": users, "end": str(end), "pause": 0.2, "answers": str(answers.folder)}
    clients = here.start("launch", workers=number, **fields)
    workers = here.start("drain", workers=2, **{**_WORKERS, "idle": 3600, "seconds": 3600, "end": str(end)})
    _until_all_launched(here, users)
    time.sleep(min(seconds / 6, 5))
    began = time.time()
    with _WAYS[way](here):
        time.sleep(max(0.0, began + seconds - time.time()))
    ended = time.time()
    time.sleep(min(seconds / 2, 5))
    end.touch()
    here.wait_for(clients)
    here.wait_for(workers)
    said = [each for client in answers.read(number) for each in client or []]
    found = _judge_answers(said, began, ended)
    _to_the_end(here, users)
    _judge_rows(here, users, said, found)
    return found


def _until_all_launched(here: World, users: list[str]) -> None:
    query = "SELECT count(DISTINCT user_id) FROM campaigns WHERE user_id = ANY(CAST(:users AS uuid[]))"
    until = time.monotonic() + _REST
    while here.sql(query, users=users)[0][0] < len(users):
        if time.monotonic() > until:
            raise RuntimeError("the clients did not begin")
        time.sleep(0.05)


def _user() -> str:
    user = new_id()
    with db.transaction() as session:
        session.execute(rounds.USER, {"id": user, "email": f"{user}@example.com"})
        session.execute(text("UPDATE users SET plan_tier = 'CEREBRO' WHERE id = CAST(:id AS uuid)"), {"id": user})
    return user


def _judge_answers(said: list[dict[str, Any]], began: float, ended: float) -> Counter[str]:
    found: Counter[str] = Counter(runs=len(said))
    for each in said:
        found[str(each["status"])] += 1
        in_it = each["at"] + each["took"] > began and each["at"] < ended
        if each["status"] not in (202, 503):
            found["lost"] += 1
            found[f"(answer {each['status']})"] += 1
        if each["status"] == 503 and not each["waits"]:
            found["lost"] += 1
            found["(503 without Retry-After)"] += 1
        if each["took"] > _API_PATIENCE:
            found["stuck"] += 1
            found[f"(an answer after {each['took']:.0f} s)"] += 1
        found["answers in the outage"] += in_it
    found["seconds for the slowest answer"] = round(max(each["took"] for each in said))
    return found


def _judge_rows(here: World, users: list[str], said: list[dict[str, Any]], found: Counter[str]) -> None:
    yes: dict[str, set[str]] = {}
    for each in said:
        if each["status"] == 202:
            yes.setdefault(each["key"], set()).add(each["campaign"])
    keys = {each["key"] for each in said}
    campaigns = {
        str(row[0]): row[1]
        for row in here.sql("SELECT id, status FROM campaigns WHERE user_id = ANY(CAST(:users AS uuid[]))", users=users)
    }
    acknowledged = {campaign for several in yes.values() for campaign in several}
    found["acknowledged"] = len(acknowledged)
    found["lost"] += len(acknowledged - set(campaigns)) + len(keys - set(yes))
    found["doubled"] += len(set(campaigns) - acknowledged) + sum(len(several) - 1 for several in yes.values())
    found["stuck"] += sum(status != "review_ready" for status in campaigns.values())
    pieces = here.sql(
        "SELECT c.id FROM campaigns c LEFT JOIN pieces p ON p.campaign_id = c.id"
        " WHERE c.user_id = ANY(CAST(:users AS uuid[])) GROUP BY c.id HAVING count(p.id) <> 5",
        users=users,
    )
    found["doubled"] += len(pieces)
    gaps = here.sql(
        "SELECT user_id FROM events WHERE user_id = ANY(CAST(:users AS uuid[])) GROUP BY user_id"
        " HAVING max(seq) <> count(DISTINCT seq) OR count(*) <> count(DISTINCT seq)",
        users=users,
    )
    found["doubled"] += len(gaps)


def _to_the_end(here: World, users: list[str]) -> None:
    """Leases, backoffs and the sweeper's minute pass; what is due next month stays."""
    open_jobs = "FROM jobs WHERE user_id = ANY(CAST(:users AS uuid[])) AND settled_at IS NULL AND state <> 'deferred'"
    until = time.monotonic() + _REST
    while here.sql(f"SELECT 1 {open_jobs} LIMIT 1", users=users) and time.monotonic() < until:
        here.sql(
            f"UPDATE jobs SET wake_at = now() WHERE id IN (SELECT id {open_jobs} AND state <> 'waiting_callback')",
            users=users,
        )
        here.ask("sweep")
        here.ask("drain", workers=2, **{**_WORKERS, "idle": 0.5})


# ---------------------------------------------------------------- three ways to be away
@contextmanager
def _crashed(here: World) -> Iterator[None]:
    """The server is killed and recovers from its log when it starts again; what was committed is there."""
    process = here.server.process
    assert process is not None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    try:
        yield
    finally:
        here.server.process = None
        for tries in range(50):
            try:
                here.server.start()
                break
            except NotAvailable:  # a backend of the killed one still holds its memory
                if tries == 49:
                    raise
                time.sleep(0.1)


@contextmanager
def _refusing(here: World) -> Iterator[None]:
    """As in a fail-over: every connection is ended and none is taken."""
    here.server.execute("ALTER DATABASE faults ALLOW_CONNECTIONS false")
    here.server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'faults'")
    try:
        yield
    finally:
        here.server.execute("ALTER DATABASE faults ALLOW_CONNECTIONS true")


@contextmanager
def _silent(here: World) -> Iterator[None]:
    """Packets go nowhere: the pooler is frozen, connects and answers just do not come."""
    process = here.bouncer.process if here.bouncer else here.server.process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


_WAYS: dict[str, Callable[[World], Any]] = {"crashed": _crashed, "refusing": _refusing, "silent": _silent}
WAYS = tuple(_WAYS)
