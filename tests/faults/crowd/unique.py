"""Part 8: five hundred ask for one unique key at the same moment, and one job comes of it."""

from __future__ import annotations

import time
from collections import Counter

from bai import db
from bai.ids import new_id
from tests.faults.kill import rounds
from tests.faults.kill.world import World

_PROCESSES, _THREADS = 20, 25


def one_key(here: World, n: int, on_conflict: str) -> Counter[str]:
    """Twenty processes of twenty-five threads, each with its own connection; as often as n allows."""
    found: Counter[str] = Counter()
    processes, threads = (_PROCESSES, _THREADS) if n >= 20 else (4, 10)
    for _ in range(max(1, n // 20)):
        _once(here, on_conflict, processes, threads, found)
    return found


def _once(here: World, on_conflict: str, processes: int, threads: int, found: Counter[str]) -> None:
    user = new_id()
    with db.transaction() as session:
        session.execute(rounds.USER, {"id": user, "email": f"{user}@example.com"})
    fields = {"user": user, "key": "the month", "on_conflict": on_conflict, "threads": threads}
    at = time.time() + 1 + processes * threads / 250
    answers = here.gather("ask for key", workers=processes, at=at, **fields)
    said = Counter(answer for answers_of_one in answers for answer in answers_of_one or [])
    errors = {answer: number for answer, number in said.items() if answer.startswith("error")}
    refused = said["refused"]
    ids = {answer for answer in said if answer not in errors and answer != "refused"}
    everyone = processes * threads
    found["runs"] += everyone
    found["lost"] += everyone - said.total() + sum(errors.values())
    found.update({f"({error})": number for error, number in errors.items()})
    rows = {str(row[0]): row[1] for row in here.sql(f"SELECT id, state FROM jobs WHERE user_id = '{user}'")}
    alive = [job_id for job_id, state in rows.items() if state != "cancelled"]
    expected_rows = everyone - sum(errors.values()) if on_conflict == "replace" else 1
    expected_refused = everyone - 1 - sum(errors.values()) if on_conflict == "reject" else 0
    found["doubled"] += abs(len(alive) - 1) + abs(len(rows) - expected_rows) + abs(refused - expected_refused)
    found["lost"] += len(ids - set(rows))
    here.ask("drain", workers=2)
    done = here.sql(f"SELECT metric FROM usage_counters WHERE user_id = '{user}' AND month = 'write' AND used = 1")
    found["doubled"] += [str(row[0]) for row in done] != alive
    found["stuck"] += here.sql(f"SELECT count(*) FROM jobs WHERE user_id = '{user}' AND settled_at IS NULL")[0][0]
