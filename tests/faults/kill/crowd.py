"""Parts 4 to 8 and 10 of the proof: doubled messages, zombies, poison, lost messages, one key for many, no database."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from sqlalchemy import text

from bai import db, jobs, settings
from bai.ids import new_id
from tests.faults.kill import rounds
from tests.faults.kill.kinds import ALL, KINDS
from tests.faults.kill.rounds import Wave
from tests.faults.kill.world import MAX_RECEIVES, World, world
from tests.faults.results import Result
from tests.trial_jobs import declare

_ANSWER_SECONDS = 10
Part = Callable[[World, int, Path], Counter[str]]


def run(folder: Path, n: int, outage_seconds: float, only: str = "") -> Iterator[Result]:
    """`n` scales the parts that repeat; the outage lasts as long as it is told to."""
    outage: Part = lambda here, n, folder: no_database(here, n, folder, seconds=outage_seconds)  # noqa: E731
    parts: dict[str, tuple[str, Part]] = {
        "repeated": ("each message twice, five times, ten workers", delivered_again),
        "zombie": ("zombie: its lease passes while it runs on", zombies),
        "poison": (f"poison: dead letter after {MAX_RECEIVES} receives", poison),
        "unsent": ("crash between commit and send", never_sent),
        "unique": ("500 enqueue one unique key at once", one_key),
        "away": (f"no database for {outage_seconds:g} s under load", outage),
    }
    with world(folder) as here:
        for name, (title, part) in parts.items():
            if only in ("", name):
                yield _timed(title, here, n, folder, part)


def _timed(name: str, here: World, n: int, folder: Path, part: Part) -> Result:
    began = time.monotonic()
    found = part(here, n, folder)
    notes = "; ".join(
        f"{number} {what}" for what, number in found.items() if what not in ("runs", "lost", "doubled", "stuck")
    )
    counts = (found["runs"], found["lost"], found["doubled"], found["stuck"])
    return Result(name, *counts, time.monotonic() - began, notes)


def _user(**columns: str) -> str:
    user = new_id()
    with db.transaction() as session:
        session.execute(rounds.USER, {"id": user, "email": f"{user}@example.com"})
        for name, value in columns.items():
            session.execute(
                text(f"UPDATE users SET {name} = :value WHERE id = CAST(:id AS uuid)"), {"value": value, "id": user}
            )
    return user


def _enqueue(kind: str, user: str, number: int) -> list[str]:
    declare(*ALL)
    with db.transaction() as session:
        return [str(jobs.enqueue(session, KINDS[kind].name, {}, user_id=user)["id"]) for _ in range(number)]


def _send(bodies: list[str]) -> None:
    for start in range(0, len(bodies), 10):
        entries: Any = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + 10])]
        boto3.client("sqs").send_message_batch(QueueUrl=settings.queue_url("content_planner"), Entries=entries)


def _message(kind: str, job_id: str) -> str:
    return json.dumps({"job_id": job_id, "type": KINDS[kind].name, "correlation_id": "again"})


def delivered_again(here: World, n: int, folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    for times in (2, 5, 10):
        for kind in KINDS:
            user = _user()
            ids = _enqueue(kind, user, max(2, n // 6))
            _send([_message(kind, job_id) for _ in range(times - 1) for job_id in ids])
            here.ask("drain", workers=10 if times == 10 else 3, batch=1 if kind != "write" else 10)
            found.update(_judge(here, Wave(kind, [], user, ids)))
    return found


def _judge(here: World, wave: Wave) -> Counter[str]:
    rounds.go_on(here, wave)
    counted, notes = rounds.judge(here, wave)
    for note in notes[:3]:
        counted[f"({note})"] += 1
    return counted


def zombies(here: World, n: int, folder: Path) -> Counter[str]:
    """Frozen between the answer and its record; another worker does the job; then the first one wakes up."""
    found: Counter[str] = Counter()
    for kind in ("keyed", "probed"):
        user = _user()
        ids = _enqueue(kind, user, max(2, n // 10))
        frozen = here.start("freeze", workers=len(ids), points=["answer not recorded"] * len(ids))
        _until_stopped(frozen)
        here.sql("UPDATE jobs SET wake_at = now() WHERE state = 'running'")
        here.ask("sweep")
        here.ask("drain", workers=2)
        before = here.sql(f"SELECT id, state, attempt, result FROM jobs WHERE user_id = '{user}' ORDER BY id")
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        here.wait_for(frozen)
        after = here.sql(f"SELECT id, state, attempt, result FROM jobs WHERE user_id = '{user}' ORDER BY id")
        found.update(_judge(here, Wave(kind, [], user, ids)))
        found["refused writes"] += sum(row[1] == "succeeded" and row[2] == 2 for row in before)
        found["doubled"] += before != after
    return found


def _stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


def _until_stopped(pids: list[int], patience: float = 20) -> None:
    ends = time.monotonic() + patience
    while not all(_stopped(pid) for pid in pids):
        if time.monotonic() > ends:
            raise RuntimeError("the workers did not come to where they were to be frozen")
        time.sleep(0.05)


def poison(here: World, n: int, folder: Path) -> Counter[str]:
    """Messages that no worker can read, among good ones: receives are counted by the queue itself."""
    user, number = _user(), max(2, n // 20)
    dead = settings.dead_letter_url("content_planner")
    boto3.client("sqs").purge_queue(QueueUrl=dead)
    ids = _enqueue("write", user, number * 4)
    _send([f"poison {number}" for number in range(number)])
    found = _judge(here, Wave("write", [], user, ids))
    letters: dict[str, int] = {}
    ends = time.monotonic() + 60
    while len(letters) < number and time.monotonic() < ends:
        here.ask("drain", workers=1, batch=10, idle=2.5)
        letters |= _poisonous(dead)
    found["runs"] += number
    found["lost"] += number - len(letters)
    # The queue moves a message when it would be received once more than it may: those were MAX_RECEIVES deliveries.
    found["stuck"] += sum(receives != MAX_RECEIVES for receives in letters.values())
    _send(list(letters))
    here.ask("drain", workers=1, batch=10)
    found["redriven"] = len(letters)
    return found


def _poisonous(url: str) -> dict[str, int]:
    """Body -> receives before the move; what is read here adds one of its own."""
    answer = boto3.client("sqs").receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=60,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )
    return {
        message["Body"]: int(message["Attributes"]["ApproximateReceiveCount"]) - 1
        for message in answer.get("Messages", [])
        if message["Body"].startswith("poison")
    }


def never_sent(here: World, n: int, folder: Path) -> Counter[str]:
    user = _user()
    ended: list[int] = []
    while len(ended) < n:
        ended += here.ask("enqueue_and_die", workers=min(6, n - len(ended)), user=user)
    ids = [str(row[0]) for row in here.sql(f"SELECT id FROM jobs WHERE user_id = '{user}'")]
    found = _judge(here, Wave("keyed", [], user, ids))
    found["lost"] += n - len(ids)
    found["killed"] = sum(status == -9 for status in ended)
    return found


def one_key(here: World, n: int, folder: Path) -> Counter[str]:
    """500 requests by twenty processes for each way to meet a conflict; then each job there is runs."""
    found: Counter[str] = Counter()
    for on_conflict in ("return", "reject", "replace"):
        user, answers = _user(), folder / f"unique-{on_conflict}"
        answers.mkdir()
        fields = {"user": user, "key": on_conflict, "on_conflict": on_conflict, "folder": str(answers)}
        here.ask("enqueue_unique", workers=20, times=25, **fields)
        got = Counter(what for path in answers.glob("*.json") for what in json.loads(path.read_text()))
        busy, refused = got.pop("busy", 0), got.pop("refused", 0)
        held = here.sql(f"SELECT id FROM jobs WHERE user_id = '{user}' AND state <> 'cancelled'")
        found["runs"] += got.total() + refused + busy
        found["busy"] += busy
        found["doubled"] += len(held) - 1
        if on_conflict != "replace":
            found["doubled"] += len(got) - 1
        found["lost"] += 500 - got.total() - refused - busy
        found.update({"lost": 1} if got.total() == 0 else {})
        here.ask("drain", workers=2)
    return found


def no_database(here: World, n: int, folder: Path, *, seconds: float) -> Counter[str]:
    """Eight clients launch campaigns through the real route while the database goes away and comes back."""
    answers = folder / "outage"
    answers.mkdir()
    user = _user(plan_tier="CEREBRO")
    load = here.start("launch", workers=8, user=user, folder=str(answers), seconds=seconds + 6)
    time.sleep(2)
    with _away(here):
        time.sleep(seconds)
    here.wait_for(load)
    given = [answer for path in answers.glob("*.json") for answer in json.loads(path.read_text())]
    taken = {campaign for status, campaign, _, _ in given if status == 202}
    there = {str(row[0]) for row in here.sql(f"SELECT id FROM campaigns WHERE user_id = '{user}'")}
    with_job = {
        str(row[0]) for row in here.sql(f"SELECT subject_id FROM jobs WHERE user_id = '{user}' AND parent_id IS NULL")
    }
    found = Counter(runs=len(given), lost=len(taken - there) + len(there - with_job))
    found["unclear answers"] = sum(status not in (202, 503) for status, *_ in given)
    found["503 without Retry-After"] = sum(status == 503 and not waits for status, _, waits, _ in given)
    found["lost"] += found["unclear answers"] + found["503 without Retry-After"]
    found["503"] = sum(status == 503 for status, *_ in given)
    found["202"] = len(taken)
    # For a few seconds the pooler keeps a request waiting and nobody is refused; beyond our time-out everybody is.
    found["stuck"] += 0 if taken and (found["503"] or seconds < _ANSWER_SECONDS) else 1
    found["slowest answer in s"] = int(max(took for *_, took in given))
    here.sql(f"DELETE FROM jobs WHERE user_id = '{user}'")
    return found


@contextmanager
def _away(here: World) -> Iterator[None]:
    """As in a fail-over: every connection is ended and none is taken."""
    here.server.execute("ALTER DATABASE faults ALLOW_CONNECTIONS false")
    here.server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'faults'")
    try:
        yield
    finally:
        here.server.execute("ALTER DATABASE faults ALLOW_CONNECTIONS true")
