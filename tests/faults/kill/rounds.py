"""Part 1 of the proof: for each kind of job and each point, workers that die there, and what is left of their jobs."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bai import db, jobs
from bai.ids import new_id
from tests.faults.kill.kinds import ALL, KINDS
from tests.faults.kill.points import NEVER, POINTS
from tests.faults.kill.world import World, world
from tests.faults.results import Result
from tests.trial_jobs import declare

_WAVE = 36  # jobs at a time
_AT_ONCE = 6
_QUIET_ROUNDS = 3
_PATIENCE = 40
USER = text("INSERT INTO users (id, email, password_hash, full_name) VALUES (CAST(:id AS uuid), :email, '', 'K')")


@dataclass(frozen=True)
class Stage:
    """A kind of job at a part of its life: what healthy workers do first, and the points that the others come by."""

    kind: str
    never: frozenset[str]
    prepare: Callable[[World, Wave], None] | None = None
    messages: int = 1  # in one delivery

    @property
    def points(self) -> list[str]:
        return [point for point in POINTS if point not in self.never]


@dataclass
class Wave:
    """One user with a job of a kind for each of the points; whose worker dies where is the queue's choice."""

    kind: str
    points: Sequence[str]
    user: str
    ids: list[str]
    killed: Counter[str] = field(default_factory=Counter)
    reconciled: Counter[str] = field(default_factory=Counter)


def _get_answers(here: World, wave: Wave) -> None:
    here.ask("drain", workers=2)
    answer_twice(wave)


def _start_parts(here: World, wave: Wave) -> None:
    here.ask("drain", workers=2, batch=1, most=math.ceil(len(wave.ids) / 2))


def _do_parts(here: World, wave: Wave) -> None:
    here.ask("drain", workers=2, batch=1, most=2 * len(wave.ids))


_NOTHING_OUTSIDE = frozenset(NEVER["write"])
STAGES = {
    "write": Stage("write", frozenset(NEVER["write"])),
    "write, ten in a batch": Stage("write", frozenset(NEVER["write"]), messages=10),
    "keyed": Stage("keyed", frozenset()),
    "probed": Stage("probed", frozenset()),
    "at most once": Stage("plain", frozenset()),
    "callback": Stage("waiting", frozenset(NEVER["waiting"])),
    "callback, answered": Stage("waiting", _NOTHING_OUTSIDE, _get_answers),
    "family": Stage("family", frozenset(NEVER["family"])),
    "family, its parts": Stage("family", frozenset({"heartbeat"}), _start_parts),
    "family, collecting": Stage("family", _NOTHING_OUTSIDE, _do_parts),
}


def run(folder: Path, n: int, stages: Sequence[str] = tuple(STAGES)) -> Iterator[Result]:
    """One result for each kind of job, n kills at each point; every job was in hand when its worker was killed."""
    missed: list[str] = []
    with world(folder) as here:
        for name in stages:
            stage, began = STAGES[name], time.monotonic()
            total: Counter[str] = Counter()
            killed: Counter[str] = Counter()
            notes: list[str] = []
            due = stage.points * n
            for start in range(0, len(due), _WAVE):
                wave = begin(stage.kind, due[start : start + _WAVE], stage.messages)
                if stage.prepare is not None:
                    stage.prepare(here, wave)
                _kill(here, wave, stage.messages)
                go_on(here, wave)
                here.forget_messages()
                killed.update(wave.killed)
                counted, found = judge(here, wave)
                total.update(counted)
                notes += found
            few = [f"{killed[point]} of {n} workers came to '{point}'" for point in set(due) if killed[point] < n]
            notes, missed = few + notes, missed + few
            seen = f"{killed.total()} workers killed at {len(set(due))} points"
            seconds = time.monotonic() - began
            wrong = (total["lost"], total["doubled"], total["stuck"])
            yield Result(f"SIGKILL {name}", total["runs"], *wrong, seconds, "; ".join([seen, *notes[:5]]))
    if missed:  # a statement has another text now, or a kind another life: what was not done proves nothing
        raise RuntimeError(f"points that were not reached: {'; '.join(missed)}")


def begin(kind: str, points: Sequence[str], times: int = 1) -> Wave:
    declare(*ALL)
    user = new_id()
    with db.transaction() as session:
        session.execute(USER, {"id": user, "email": f"{user}@example.com"})
        number = len(points) * times
        ids = [str(jobs.enqueue(session, KINDS[kind].name, {}, user_id=user)["id"]) for _ in range(number)]
    return Wave(kind, points, user, ids)


def sizes(n: int, most: int) -> list[int]:
    return [most] * (n // most) + ([n % most] if n % most else [])


def _kill(here: World, wave: Wave, messages: int) -> None:
    """A worker for each point; those that did not come by try again when time has passed and the sweeper has come."""
    left, quiet = list(wave.points), 0
    while left and quiet < _QUIET_ROUNDS:
        now, left = left[:_AT_ONCE], left[_AT_ONCE:]
        ended = here.ask("die", points=now, batch=messages)
        died = [point for point, status in zip(now, ended, strict=True) if status == -9]
        wave.killed.update(died)
        left += [point for point, status in zip(now, ended, strict=True) if status != -9]
        if not died:
            quiet += 1
            let_time_pass(here)


def let_time_pass(here: World) -> None:
    """Leases, backoffs and the sweeper's minute."""
    here.sql("UPDATE jobs SET wake_at = now() WHERE settled_at IS NULL AND state <> 'waiting_callback'")
    here.ask("sweep")


def go_on(here: World, wave: Wave) -> None:
    """Leases pass, the sweeper comes, healthy workers do the rest; who waits for an answer gets it, twice."""
    for _ in range(_PATIENCE):
        let_time_pass(here)
        here.ask("drain", workers=2)
        answer_twice(wave)
        reconcile(here, wave)
        if not here.sql(f"SELECT 1 FROM jobs WHERE user_id = '{wave.user}' AND settled_at IS NULL LIMIT 1"):
            return


def answer_twice(wave: Wave) -> None:
    if wave.kind != "waiting":
        return
    for job_id in wave.ids:
        for _ in range(2):
            with db.transaction() as session:
                job = jobs.lock(session, job_id)
                if job["state"] == "waiting_callback":
                    jobs.answer(session, job, {"text": "answer"})


def reconcile(here: World, wave: Wave) -> None:
    """A person looks up whether it happened, as the job's page asks."""
    query = f"SELECT j.id FROM jobs j JOIN job_effects e ON e.job_id = j.id WHERE j.user_id = '{wave.user}' AND e.state = 'unknown'"
    for (job_id,) in here.sql(query):
        happened = here.outside.done[(str(job_id), "plain")] > 0
        with db.transaction() as session:
            job = jobs.lock(session, str(job_id))
            if job["settled_at"] is not None:
                jobs.reconcile(session, job, "act", happened=happened, result={"by": "hand"})
                wave.reconciled[str(job_id)] += 1


def judge(here: World, wave: Wave) -> tuple[Counter[str], list[str]]:
    states = {
        str(row[0]): (row[1], row[2])
        for row in here.sql(f"SELECT id, state, settled_at FROM jobs WHERE user_id = '{wave.user}'")
    }
    notes: list[str] = []
    found = Counter(runs=len(wave.ids))
    for job_id in wave.ids:
        if job_id not in states:
            found["lost"] += 1
        elif states[job_id][1] is None:
            found["stuck"] += 1
        elif states[job_id][0] != "succeeded":
            found["lost"] += 1
        if states.get(job_id, ("", None))[0] != "succeeded":
            notes.append(f"{wave.kind}: {job_id} is {states.get(job_id)}")
    wrong = _doubled(here, wave, list(states))
    found["doubled"] += len(wrong)
    notes += [f"{wave.kind}: {what}" for what in wrong]
    return found, notes


def _doubled(here: World, wave: Wave, ids: list[str]) -> list[str]:
    """What happened more or less often than once, by whoever counts it."""
    wrong = []
    counts = here.sql(f"SELECT month, metric, used FROM usage_counters WHERE user_id = '{wave.user}'")
    used = {(month, metric): number for month, metric, number in counts}
    parts = {
        str(row[0]) for row in here.sql(f"SELECT id FROM jobs WHERE user_id = '{wave.user}' AND parent_id IS NOT NULL")
    }
    for job_id in ids:
        kind = "part" if job_id in parts else wave.kind
        # A job that failed by a doubt had that end too, before a person said what had happened.
        if used.get(("settle", job_id)) != 1 + wave.reconciled[job_id]:
            wrong.append(f"{job_id} was settled {used.get(('settle', job_id), 0)} times")
        if kind in ("write", "waiting") and used.get(("write", job_id)) != 1:
            wrong.append(f"{job_id} wrote {used.get(('write', job_id), 0)} times")
        door = {"keyed": "keyed", "probed": "probed", "plain": "plain", "waiting": "hand-off", "part": "keyed"}.get(
            kind
        )
        if door and (here.outside.done[(job_id, door)], len(here.outside.keys.get((job_id, door), ()))) != (1, 1):
            wrong.append(f"{job_id} did {door} {here.outside.done[(job_id, door)]} times")
    if wave.kind == "family" and len(parts) != 3 * len(wave.ids):
        wrong.append(f"{len(parts)} parts of {len(wave.ids)} families")
    numbers = [row[0] for row in here.sql(f"SELECT seq FROM events WHERE user_id = '{wave.user}' ORDER BY seq")]
    if numbers != list(range(1, len(numbers) + 1)):
        wrong.append("the user's events have a gap or a repeat")
    return wrong
