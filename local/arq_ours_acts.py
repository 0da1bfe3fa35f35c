"""The same situations on our engine. What is said of a job was counted outside or read from its row."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from bai import jobs
from bai.db import transaction
from bai.errors import Invalid
from bai.jobs.types import UnknownJob
from local.arq_ours import Ours, engine, enqueue_many
from local.arq_seen import Seen, ran, times
from local.arq_worker import TIMEOUT_SECONDS

_ENQUEUERS = 4
Act = Callable[[Ours], Seen]


def _ended(ours: Ours, job_id: str, tag: str) -> Seen:
    began = time.monotonic()
    row = ours.until_over(job_id)
    took, runs = time.monotonic() - began, ours.outside.count("run", tag)
    first = row["history"][0] if row["history"] else None
    why = f"First attempt `{first['outcome']}` ({first['detail']}); then" if first and row["attempt"] > 1 else "Ended"
    facts = {"state": row["state"], "attempts": row["attempt"], "runs": runs, "seconds": took}
    return Seen(f"{why} `{row['state']}` after {took:.1f} s; {ran(runs)}.", facts)


def exception(ours: Ours) -> Seen:
    return _ended(ours, ours.enqueue("fails_once", "exception"), "exception")


def timeout(ours: Ours) -> Seen:
    return _ended(ours, ours.enqueue("too_slow_once", "timeout"), "timeout")


def blocked(ours: Ours) -> Seen:
    seen = _ended(ours, ours.enqueue("blocked_once", "blocked"), "blocked")
    ends = ours.outside.count("end", "blocked")
    return Seen(f"{'Not interrupted' if ends else 'Interrupted'}. {seen.text}", {**seen.facts, "ends": ends})


def crash(ours: Ours) -> Seen:
    job_id = ours.enqueue("two_steps", "crash")
    ours.outside.wait_for("second step", "crash", patience=20)
    killed = ours.kill_whoever("second step", "crash")
    ended = ours.outside.wait_for("end", "crash", patience=30)
    waited, row = time.monotonic() - killed, ours.until_over(job_id)
    calls = ours.outside.count("paid call", "crash")
    how = f"went on after {waited:.1f} s" if ended else "did not go on"
    return Seen(
        f"`{row['state']}`: {how} (the step's {TIMEOUT_SECONDS} s + 5 s, and the sweeper: here each second, deployed each"
        f" minute), with its second step: the call was paid {times(calls)}.",
        {"state": row["state"], "seconds": waited, "calls": calls, "ends": ours.outside.count("end", "crash")},
    )


def duplicate(ours: Ours) -> Seen:
    with multiprocessing.get_context("spawn").Pool(_ENQUEUERS) as enqueuers:
        answers = enqueuers.map(enqueue_many, [(ours.environment, "duplicate", 5, time.time() + 4)] * _ENQUEUERS)
    got = [job_id for answer in answers for job_id in answer]
    for job_id in set(got):
        ours.until_over(job_id)
    runs, made = ours.outside.count("run", "duplicate"), len(set(got))
    how = "all got the same job" if made == 1 else f"they got {made} jobs"
    facts = {"asked": len(got), "made": made, "runs": runs}
    return Seen(f"Of {len(got)}, {how}. It {ran(runs)}.", facts)


def again(ours: Ours) -> Seen:
    unique = jobs.Unique("again")
    first = ours.enqueue("quick", "again", unique=unique)
    ours.until_over(first)
    second = ours.enqueue("quick", "again", unique=unique)
    ours.until_over(second)
    runs = ours.outside.count("run", "again")
    how = "The old job" if second == first else "A new job (until='finished'; 'ttl' would hold the key for longer)"
    return Seen(f"{how}. It {ran(runs)}.", {"refused": second == first, "runs": runs})


def cancel_queued(ours: Ours) -> Seen:
    job_id = ours.enqueue("late_quick", "absent", not_before=timedelta(seconds=60))
    took = _cancel(ours, job_id)
    state = ours.row(job_id)["state"]
    ours.start("work", "late")
    time.sleep(2)
    runs = ours.outside.count("run", "absent")
    text = f"`{state}` after {took:.2f} s, without any worker; once a worker came, the job {ran(runs)}."
    return Seen(text, {"state": state, "runs": runs})


def _cancel(ours: Ours, job_id: str) -> float:
    began = time.monotonic()
    with transaction() as session:
        jobs.cancel(session, jobs.lock(session, job_id))
    return time.monotonic() - began


def cancel_running(ours: Ours) -> Seen:
    job_id = ours.enqueue("long", "running")
    ours.outside.wait_for("run", "running")
    began = time.monotonic()
    _cancel(ours, job_id)
    row = ours.until_over(job_id)
    took, ends = time.monotonic() - began, ours.outside.count("end", "running")
    how = "ran on to its end" if ends else "was stopped"
    text = f"`{row['state']}` after {took:.2f} s, the job {how} (at its next heartbeat or step)."
    return Seen(text, {"state": row["state"], "ends": ends})


def expiry(ours: Ours) -> Seen:
    """Before cancel_queued, which starts this queue's worker."""
    job_id = ours.enqueue("late_quick", "expiry", deadline=timedelta(seconds=1))
    row = ours.until_over(job_id)
    runs = ours.outside.count("run", "expiry")
    kept = row["retention_seconds"] // 86_400
    text = f"`{row['state']}` without a worker, with its payload and kept for {kept} days; {ran(runs)}."
    return Seen(text, {"state": row["state"], "runs": runs, "payload": row["payload"]})


def unknown(ours: Ours) -> Seen:
    return _refused(ours, "no_such_function", {"tag": "unknown"})


def payload(ours: Ours) -> Seen:
    return _refused(ours, "quick", {})


def _refused(ours: Ours, name: str, given: dict[str, str]) -> Seen:
    try:
        with transaction() as session:
            jobs.enqueue(session, f"compare.{name}", given, user_id=None)
    except (UnknownJob, Invalid) as error:
        return Seen(f"Refused at enqueue: {type(error).__name__} ({error}).", {"accepted": False})
    return Seen("Accepted.", {"accepted": True})


def cron(ours: Ours) -> Seen:
    """Minutes are told, so that four of them do not take four. The first one only begins the schedule."""
    ours.tell_minutes("tick", 0, 5)
    runs = _ticks(ours, range(1, 5))
    most = max(runs)
    return Seen(
        f"{len(runs)} ticks, one a minute that it is told; each {ran(most)}.",
        {"ticks": len(runs), "least": min(runs), "most": most},
    )


def cron_missed(ours: Ours) -> Seen:
    """After `cron`: of the minutes that nobody was told, by the policy `all`."""
    ours.tell_minutes("tick", 8, 1)
    runs = _ticks(ours, range(5, 8))
    made_good = sum(number == 1 for number in runs)
    text = f"Of the {len(runs)} ticks {made_good} ran later, once each (missed='all'; 'once' runs the newest, 'skip' none)."
    return Seen(text, {"passed": len(runs), "made_good": made_good})


def _ticks(ours: Ours, minutes: Sequence[int]) -> list[int]:
    """How often each ran, a moment after all had begun."""
    for minute in minutes:
        ours.outside.wait_for("tick", ours.minute(minute))
    time.sleep(0.5)
    return [ours.outside.count("tick", ours.minute(minute)) for minute in minutes]


def cron_crash(ours: Ours) -> Seen:
    ours.tell_minutes("killed_tick", 0, 2)
    ours.outside.wait_for("killed tick", "cron")
    killed = ours.kill_whoever("killed tick", "cron")
    ended = ours.outside.wait_for("end", "cron", patience=30)
    waited, runs = time.monotonic() - killed, ours.outside.count("killed tick", "cron")
    how = f"finished after {waited:.1f} s" if ended else "never finished"
    return Seen(f"Began {times(runs)}, {how}.", {"runs": runs, "finished": ended})


# Those with a long wait go on beside each other; the rest take turns.
_LANES: list[list[Act]] = [
    [crash],
    [cron_crash, cron, cron_missed],
    [duplicate, again],
    [timeout, blocked, exception, expiry, cancel_queued, cancel_running, unknown, payload],
]


def run(folder: Path, only: set[str]) -> dict[str, Seen]:
    """Situation -> what was seen."""
    with engine(folder) as ours, ThreadPoolExecutor(len(_LANES)) as pool:

        def one_by_one(acts: list[Act]) -> dict[str, Seen]:
            return {act.__name__: act(ours) for act in acts if act.__name__ in only}

        parts = list(pool.map(one_by_one, _LANES))
    return {name: seen for part in parts for name, seen in part.items()}
