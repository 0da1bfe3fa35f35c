"""What the forks of parts 4 to 8 and 10 do: deliver again, freeze, die at a send, ask for one key, launch campaigns."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bai import auth, aws, db, jobs
from bai.ids import new_id
from bai.jobs import Running, Unique
from bai.jobs.keys import DuplicateJob
from bai.worker import Job, worker_for
from jobs import sweeper
from tests.builders import Api, Client
from tests.faults.kill import hands, points
from tests.faults.kill.kinds import ALL, DEADLY, DEADLY_WRITE, KINDS, Doing
from tests.trial_jobs import declare

_LAST_CHANCE = 60  # seconds for what was begun before the end


def _wait_until(moment: float) -> None:
    while (rest := moment - time.time()) > 0:
        time.sleep(rest if rest < 0.002 else rest / 2)


def deliver(command: dict[str, Any]) -> list[str]:
    """Invokes the worker with these very records; the ids of the messages that failed."""
    handler = worker_for(Doing().bound())
    _wait_until(command.get("at", 0))
    failed: set[str] = set()
    for records in command["batches"]:
        answer = handler({"Records": records}, hands.context())
        failed |= {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
    return sorted(failed)


def freeze(command: dict[str, Any]) -> dict[str, Any]:
    """A worker that stands still at its point, with a message in hand, until somebody wakes it up."""
    frozen = False

    def stop() -> None:
        nonlocal frozen
        frozen = True
        os.kill(os.getpid(), signal.SIGSTOP)

    point = command["point"]
    handler = worker_for(Doing(points.arm(point, points.NTH.get(point, 1), stop)).bound())
    undelivered = stop if point == points.UNDELIVERED else None
    until = time.monotonic() + 10
    while time.monotonic() < until and not frozen and not hands.handle(1, handler, undelivered):
        time.sleep(0.02)
    return {"frozen": frozen}


def die_at_send(command: dict[str, Any]) -> Any:
    """Does what it is told, until it is about to send a job's message: its row is committed, its message is not sent."""
    send = aws.send_messages

    def gone(queue_url: str, entries: Any) -> list[str]:
        if queue_url.endswith("-queue"):
            points.die()
        return send(queue_url, entries)

    aws.send_messages = gone
    return _AT_SEND[command["what"]](command)


def _enqueue(command: dict[str, Any]) -> None:
    declare(*ALL)
    with db.transaction() as session:
        jobs.enqueue(session, KINDS[command["kind"]].name, {}, user_id=command["user"])


def _answer(command: dict[str, Any]) -> None:
    with db.transaction() as session:
        jobs.answer(session, jobs.lock(session, command["job"]), {"text": "answer"})


def _work(command: dict[str, Any]) -> None:
    handler, empty = worker_for(Doing().bound()), 0
    while empty < 3:
        if not hands.handle(command.get("batch", 1), handler):
            empty += 1
            time.sleep(0.05)


def _sweep(command: dict[str, Any]) -> None:
    Doing().bound()
    sweeper.handler({}, hands.context())


_AT_SEND: dict[str, Callable[[dict[str, Any]], None]] = {
    "enqueue": _enqueue,
    "answer": _answer,
    "work": _work,
    "sweep": _sweep,
}


def ask_for_key(command: dict[str, Any]) -> list[str]:
    """Many threads, each with a connection of its own, ask for one unique key at the same moment."""
    declare(*ALL)
    got: list[str] = []
    # Each of them stands for an execution environment, so none may wait for another's connection.
    connections = create_engine(
        "postgresql+onetrip://", creator=db._connect, pool_size=command["threads"], max_overflow=0, pool_pre_ping=True
    )
    ready = threading.Barrier(command["threads"])

    def ask() -> None:
        with connections.connect() as connection:
            connection.execute(text("SELECT 1"))
            connection.rollback()
            ready.wait(60)
            _wait_until(command["at"])
            got.append(_ask_once(connection, command))

    threads = [threading.Thread(target=ask) for _ in range(command["threads"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def _ask_once(connection: Any, command: dict[str, Any]) -> str:
    """As bai.db.transaction does it, whose one connection the threads can't share."""
    session = db.Session(connection)
    unique = Unique(command["key"], on_conflict=command["on_conflict"])
    try:
        with connection.begin():
            row = jobs.enqueue(session, "trial.write", {}, user_id=command["user"], unique=unique)
            session.run_before_commit()
    except DuplicateJob:
        return "refused"
    except Exception as error:
        return f"error: {type(error).__name__}: {str(error)[:200]}"
    session.run_after_commit()
    return str(row["id"])


def launch(command: dict[str, Any]) -> list[dict[str, Any]]:
    """A client of the real routes who launches campaigns; one that is refused is asked for again with its key."""
    api = Api()
    user = command["users"][command["number"]]
    client = Client(api, user, "", auth.mint(user, "client")[0])
    month = f"{time.gmtime().tm_year + 1}-01"
    body = {"month": month, "tone_of_voice": "warm", "themes": ["bread"], "target_platforms": ["x"]}
    said: list[dict[str, Any]] = []
    end = Path(command["end"])
    while not end.exists():
        key, status = new_id(), 0
        while status != 202 and not (end.exists() and time.time() - end.stat().st_mtime > _LAST_CHANCE):
            at, began = time.time(), time.monotonic()
            answer = client.post("/content-planner/launch-monthly-campaign", body, idempotency_key=key)
            status = answer.status
            named = answer.body.get("campaign_id") if isinstance(answer.body, dict) else None
            took, waits = time.monotonic() - began, answer.headers.get("retry-after")
            said.append({"key": key, "status": status, "campaign": named, "waits": waits, "took": took, "at": at})
            time.sleep(command["pause"])
    return said


def work_deadly(command: dict[str, Any]) -> None:
    """A worker whose release has two jobs that kill it whenever they run."""
    doing = Doing().bound()

    def run(job: Running) -> None:
        points.die()

    def write(session: db.Session, job: Running) -> None:
        points.die()

    handler, empty = worker_for([*doing, Job(DEADLY, run=run), Job(DEADLY_WRITE, write=write)]), 0
    while empty < 5:
        if not hands.handle(command.get("batch", 10), handler):
            empty += 1
            time.sleep(0.05)


ACTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "deliver": deliver,
    "freeze": freeze,
    "die at send": die_at_send,
    "ask for key": ask_for_key,
    "launch": launch,
    "work deadly": work_deadly,
}
