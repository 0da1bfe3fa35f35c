"""Part 6: messages that nobody can read and jobs that kill whoever runs them, among good ones."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

from bai import auth, aws, db, jobs, settings
from tests.faults.kill import rounds
from tests.faults.kill.hands import QUEUE
from tests.faults.kill.kinds import DEADLY, DEADLY_WRITE, KINDS
from tests.faults.kill.rounds import Wave
from tests.faults.kill.world import MAX_RECEIVES, World

_PATIENCE = 120


def unreadable(here: World, n: int) -> Counter[str]:
    """No worker can read it, so SQS gives it to five and then to the dead letters; a release that can gets it back.

    A third is no JSON, a third names no job, a third are jobs of a kind that the first release does not know.
    """
    number, found = max(1, n // 10), Counter[str]()
    _purge()
    _hide_for(1)
    neighbours = [rounds.begin(kind, [""] * number * 2) for kind in ("write", "keyed")]
    later = rounds.begin("probed", [""] * number)
    sent = _send([f"poison {each}" for each in range(number)] + [f'{{"job_id": {each}}}' for each in range(number)])
    given = Counter[str]()
    old_release = {"without": [KINDS["probed"].name], "idle": 1.5, "seconds": 60}
    until = time.monotonic() + _PATIENCE
    while _in_dead_letters(here) < 3 * number and time.monotonic() < until:
        for answer in here.gather("drain", workers=2, **old_release):
            given.update(answer)
    for wave in neighbours:
        _judge(here, wave, found)
    often = [given[message_id] for message_id in sent]
    found["lost"] += 3 * number - _in_dead_letters(here)
    found["stuck"] += sum(times != MAX_RECEIVES for times in often)
    found["runs"] += len(sent)
    found["deliveries of each poison message"] = max(often)
    _redrive(here, later, number, found)
    return found


def _redrive(here: World, later: Wave, number: int, found: Counter[str]) -> None:
    """First a look, then in earnest; the release that knows the kind does its jobs once, the rest comes back."""
    from jobs import dead_letters

    admin = _admin(later.user)
    looked = dead_letters.redrive_dead_letters(admin, QUEUE, None, dry_run=True)
    time.sleep(2.1)  # a look hides what it found for two seconds
    found["lost"] += 3 * number - len(looked["items"])
    found["doubled"] += looked["redriven"]
    redriven, until = 0, time.monotonic() + _PATIENCE
    while redriven < 3 * number and time.monotonic() < until:
        redriven += dead_letters.redrive_dead_letters(admin, QUEUE, None, dry_run=False)["redriven"]
    found["redriven"] = redriven
    here.ask("drain", workers=2)
    open_jobs = here.sql(f"SELECT count(*) FROM jobs WHERE user_id = '{later.user}' AND settled_at IS NULL")[0][0]
    found["stuck"] += open_jobs  # each by its own message: no sweeper has come by
    _judge(here, later, found)
    here.ask("drain", idle=1.5, seconds=40)
    found["lost"] += 2 * number - _in_dead_letters(here)
    _hide_for(2)
    _purge()


def deadly(here: World, n: int) -> Counter[str]:
    """Jobs that kill their worker with all that it has in hand: dead after their attempts; their neighbours are done."""
    number, found = max(1, n // 20), Counter[str]()
    neighbours = [rounds.begin(kind, [""] * number * 3) for kind in ("write", "keyed")]
    wave = rounds.begin("write", [])
    with db.transaction() as session:
        for kind in (DEADLY, DEADLY_WRITE):
            wave.ids += [str(jobs.enqueue(session, kind.name, {}, user_id=wave.user)["id"]) for _ in range(number)]
    until = time.monotonic() + _PATIENCE
    users = ", ".join(f"'{each.user}'" for each in (wave, *neighbours))
    open_jobs = f"FROM jobs WHERE user_id IN ({users}) AND settled_at IS NULL"
    while here.sql(f"SELECT 1 {open_jobs} LIMIT 1") and time.monotonic() < until:
        here.sql(f"UPDATE jobs SET wake_at = now() WHERE id IN (SELECT id {open_jobs} FOR UPDATE SKIP LOCKED)")
        here.ask("sweep")
        ended = here.ask("work deadly", workers=4)
        found["workers killed"] += sum(status == -9 for status in ended)
    for each in neighbours:
        _judge(here, each, found)
    states = here.sql(f"SELECT state, attempt FROM jobs WHERE user_id = '{wave.user}'")
    found["runs"] += len(states)
    found["stuck"] += sum((state, attempt) != ("dead", 3) for state, attempt in states)
    found["lost"] += max(0, len(states) - _in_dead_letters(here))
    found["dead letters"] = _in_dead_letters(here)
    _purge()
    return found


def _purge() -> None:
    aws.sqs().purge_queue(QueueUrl=settings.dead_letter_url(QUEUE))


def _hide_for(seconds: int) -> None:
    attributes: Any = {"VisibilityTimeout": str(seconds)}
    aws.sqs().set_queue_attributes(QueueUrl=settings.queue_url(QUEUE), Attributes=attributes)


def _judge(here: World, wave: Wave, found: Counter[str]) -> None:
    counted, notes = rounds.judge(here, wave)
    found.update(counted)
    found.update(f"({note})" for note in notes[:3])


def _send(bodies: list[str]) -> list[str]:
    """Shuffles them in among what is there; returns their message ids."""
    random.Random(6).shuffle(bodies)
    ids: list[str] = []
    for start in range(0, len(bodies), 10):
        entries: Any = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[start : start + 10])]
        answer = aws.sqs().send_message_batch(QueueUrl=settings.queue_url(QUEUE), Entries=entries)
        ids += [each["MessageId"] for each in answer["Successful"]]
    return ids


def _in_dead_letters(here: World) -> int:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = aws.sqs().get_queue_attributes(QueueUrl=settings.dead_letter_url(QUEUE), AttributeNames=names)
    return sum(int(value) for value in attributes["Attributes"].values())


def _admin(user: str) -> auth.Caller:
    from sqlalchemy import text

    with db.transaction() as session:
        session.execute(text("UPDATE users SET role = 'admin' WHERE id = CAST(:id AS uuid)"), {"id": user})
        return auth.load_caller(session, user)
