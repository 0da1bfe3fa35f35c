"""Part 5: a worker is frozen in the middle, its lease and its message's hiding pass, another does the job, it wakes up.

Whatever it then writes is refused. Frozen at each of the twelve points, also in the middle of a transaction.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.faults.kill import rounds
from tests.faults.kill.kinds import KINDS
from tests.faults.kill.points import NEVER, POINTS
from tests.faults.kill.rounds import Wave
from tests.faults.kill.world import World

_AT_ONCE = 20
_PATIENCE = 60
# A lease is longer than its step's hard limit, so whoever wakes up with a successor finds its alarm due. That is what
# keeps a callee that can only be asked from being sent a second request; so there the limit has to pass in earnest.
_LIMITED_BY_ALARM = ("probed", "before the call")
_STEP_SECONDS = 5.0
_WRITTEN = (
    "SELECT to_jsonb(j) - 'wake_at' FROM jobs j WHERE user_id = ANY(:users) ORDER BY id",
    "SELECT to_jsonb(s) FROM job_steps s JOIN jobs j ON j.id = s.job_id WHERE j.user_id = ANY(:users) ORDER BY s.job_id, s.name",
    "SELECT to_jsonb(e) FROM job_effects e JOIN jobs j ON j.id = e.job_id WHERE j.user_id = ANY(:users) ORDER BY e.job_id, e.name",
    "SELECT user_id, seq FROM events WHERE user_id = ANY(:users) ORDER BY user_id, seq",
    "SELECT to_jsonb(u) FROM usage_counters u WHERE user_id = ANY(:users) ORDER BY user_id, month, metric",
)


def woken_late(here: World, n: int, every: int = 1) -> Counter[str]:
    """It wakes up when its successor has ended the job: not a byte of the database may change any more."""
    return _all_kinds(here, n, range(0, 1000, every), beside=False)


def woken_early(here: World, n: int, every: int = 1) -> Counter[str]:
    """It wakes up while its successor is at work."""
    return _all_kinds(here, n, range(1 % every, 1000, every), beside=True)


def _all_kinds(here: World, n: int, which: range, *, beside: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    for number, kind in enumerate(KINDS):
        due = [point for point in POINTS if point not in NEVER.get(kind, set())]
        due = [point for place, point in enumerate(due) if place + number in which]
        groups = [[point] for point in due if (kind, point) == _LIMITED_BY_ALARM]
        groups.append([point for point in due if [point] not in groups])
        for group in groups:
            due = group * max(1, n // 20)
            for start in range(0, len(due), _AT_ONCE):
                _one_round(here, kind, due[start : start + _AT_ONCE], found, beside=beside)
    return found


def _one_round(here: World, kind: str, points: Sequence[str], found: Counter[str], *, beside: bool) -> None:
    """A user for each job, so that a frozen transaction holds up nobody but its own."""
    waves = [rounds.begin(kind, [point]) for point in points]
    answers = here.answers()
    pids = here.start("freeze", points=list(points), answers=str(answers.folder))
    _until_still(pids)
    if (kind, points[0]) == _LIMITED_BY_ALARM:
        time.sleep(_STEP_SECONDS)
    found["frozen"] += sum(_state(pid) == "T" for pid in pids)
    here.sql(
        "UPDATE jobs SET wake_at = now() WHERE id IN (SELECT id FROM jobs WHERE state = 'running' FOR UPDATE SKIP LOCKED)"
    )
    if beside:
        here.ask("sweep")
        successors = here.start("drain", workers=2)
        time.sleep(random.uniform(0, 0.1))
        _wake(here, pids)
        here.wait_for(successors)
    else:
        _to_the_end(here, waves)
        before = _written(here, waves)
        _wake(here, pids)
        after = _written(here, waves)
        found["doubled"] += before != after
        found.update(f"({kind} changed by a zombie among {set(points)})" for _ in range(before != after))
    _to_the_end(here, waves)
    for wave in waves:
        rounds.reconcile(here, wave)
    _to_the_end(here, waves)
    for wave in waves:
        counted, notes = rounds.judge(here, wave)
        found.update(counted)
        found.update(f"({wave.points[0]}: {note})" for note in notes[:2])


def _to_the_end(here: World, waves: Sequence[Wave]) -> None:
    users, until = [wave.user for wave in waves], time.monotonic() + _PATIENCE
    open_jobs = "FROM jobs WHERE user_id = ANY(CAST(:users AS uuid[])) AND settled_at IS NULL"
    while here.sql(f"SELECT 1 {open_jobs} LIMIT 1", users=users) and time.monotonic() < until:
        here.sql(
            f"UPDATE jobs SET wake_at = now() WHERE id IN (SELECT id {open_jobs} AND state <> 'waiting_callback'"
            " FOR UPDATE SKIP LOCKED)",
            users=users,
        )
        here.ask("sweep")
        here.ask("drain", workers=2, idle=0.15)
        for wave in waves:
            rounds.answer_twice(wave)


def _wake(here: World, pids: Sequence[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGCONT)  # the fork server has not reaped it, so the number is nobody else's
    here.wait_for(list(pids))


def _written(here: World, waves: Sequence[Wave]) -> list[Any]:
    users = [wave.user for wave in waves]
    return [here.sql(query.replace(":users", "CAST(:users AS uuid[])"), users=users) for query in _WRITTEN]


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def _until_still(pids: Sequence[int]) -> None:
    """Frozen, or ended because its message told of nothing that comes by the point."""
    until = time.monotonic() + _PATIENCE
    while any(_state(pid) not in "TZ" for pid in pids):
        if time.monotonic() > until:
            raise RuntimeError("workers neither froze nor ended")
        time.sleep(0.02)
