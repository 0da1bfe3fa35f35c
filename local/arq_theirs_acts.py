"""The situations on Arq. What is said of a job was counted outside or asked of Arq's `Job`; nothing is known beforehand."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from arq.jobs import Job

from local.arq_ground import redis_server
from local.arq_seen import Seen, ran, times
from local.arq_theirs import Theirs, enqueue_many
from local.arq_worker import TIMEOUT_SECONDS

_ENQUEUERS = 4
_MODES = {"plain": "By default", "abort": "With allow_abort_jobs"}
Act = Callable[[Theirs], Awaitable[Seen]]


async def _ended(arq: Theirs, job: Job, tag: str) -> Seen:
    state = await arq.until_over(job)
    kept = await job.result_info()
    how = "" if kept is None else " with success" if kept.success else f" with {_named(kept.result)}"
    runs = arq.outside.count("run", tag)
    return Seen(f"Ended `{state}`{how}; {ran(runs)}.", {"state": state, "success": kept and kept.success, "runs": runs})


def _named(error: object) -> str:
    said = str(error)
    return f"{type(error).__name__}{f' ({said[:60]})' if said else ''}"


async def exception(arq: Theirs) -> Seen:
    return await _ended(arq, await arq.enqueue("plain", "fails_once", "exception"), "exception")


async def timeout(arq: Theirs) -> Seen:
    return await _ended(arq, await arq.enqueue("plain", "too_slow_once", "timeout"), "timeout")


async def blocked(arq: Theirs) -> Seen:
    arq.worker("blocked")
    job = await arq.enqueue("blocked", "blocked_once", "blocked")
    await arq.happens("run", "blocked")
    began = time.monotonic()
    await arq.happens("end", "blocked")
    took = time.monotonic() - began
    seen = await _ended(arq, job, "blocked")
    return Seen(
        f"Not interrupted: the call held the worker for {took:.1f} s. {seen.text}", {**seen.facts, "seconds": took}
    )


async def crash(arq: Theirs) -> Seen:
    arq.worker("crash")
    job = await arq.enqueue("crash", "two_steps", "crash")
    await arq.happens("second step", "crash")
    killed = arq.kill_whoever("second step", "crash", "crash")
    ended = await arq.happens("end", "crash", patience=TIMEOUT_SECONDS + 15)
    waited = time.monotonic() - killed
    state, calls = await arq.until_over(job), arq.outside.count("paid call", "crash")
    how = f"went on after {waited:.1f} s" if ended else "did not go on"
    return Seen(
        f"`{state}`: {how} (longest timeout of {TIMEOUT_SECONDS} s + 10 s; by default 310 s), from its beginning: the call"
        f" was paid {times(calls)}.",
        {"state": state, "seconds": waited, "calls": calls, "ends": arq.outside.count("end", "crash")},
    )


async def duplicate(arq: Theirs) -> Seen:
    asked = [(arq.port, "duplicate", 5, time.time() + 3)] * _ENQUEUERS
    with multiprocessing.get_context("spawn").Pool(_ENQUEUERS) as enqueuers:
        answers = await asyncio.to_thread(enqueuers.map, enqueue_many, asked)
    got = [made for answer in answers for made in answer]
    await arq.until_over(Job("duplicate", await arq.pool("plain"), "arq:plain"))
    runs, made = arq.outside.count("run", "duplicate"), sum(got)
    text = f"{made} got a job, {len(got) - made} got None and not the job that is there. It {ran(runs)}."
    return Seen(text, {"asked": len(got), "made": made, "runs": runs})


async def again(arq: Theirs) -> Seen:
    first = await arq.enqueue("plain", "quick", "again", _job_id="again")
    await arq.until_over(first)
    second = await (await arq.pool("plain")).enqueue_job("quick", "again", _job_id="again")
    if second is not None:
        await arq.happens("run", "again", 2)
    runs = arq.outside.count("run", "again")
    how = "A new job" if second is not None else "None: the id is taken for as long as the result is kept (1 h)"
    return Seen(f"{how}. It {ran(runs)}.", {"refused": second is None, "runs": runs})


async def cancel_queued(arq: Theirs) -> Seen:
    """For later, so that Arq's answer does not depend on when its next poll is."""
    sentences, facts = [], {}
    for mode, said in _MODES.items():
        queue = f"absent-{mode}"
        job = await arq.enqueue(queue, "quick", queue, _defer_by=60)
        try:
            answer = f"gave {await job.abort(timeout=1, poll_delay=0.1)}"
        except TimeoutError:
            answer = "had no answer within 1 s"
        arq.worker(queue)
        state, runs = await arq.until_over(job), arq.outside.count("run", queue)
        sentences.append(f"{said}: abort() {answer}; once a worker came, the job {ran(runs)} (`{state}`).")
        facts[f"{mode}_runs"] = runs
    return Seen(" ".join(sentences), facts)


async def cancel_running(arq: Theirs) -> Seen:
    arq.worker("abort")
    sentences, facts = [], {}
    for mode, said in _MODES.items():
        tag = f"running-{mode}"
        job = await arq.enqueue(mode, "long", tag)
        await arq.happens("run", tag)
        began = time.monotonic()
        aborted = await job.abort(poll_delay=0.05)
        took, ends = time.monotonic() - began, arq.outside.count("end", tag)
        how = "ran on to its end" if ends else "was stopped"
        sentences.append(f"{said}: abort() gave {aborted} after {took:.1f} s, the job {how}.")
        facts[f"{mode}_ends"] = ends
    return Seen(" ".join(sentences), facts)


async def expiry(arq: Theirs) -> Seen:
    job = await arq.enqueue("late", "quick", "expiry", _expires=1)
    await asyncio.sleep(1.5)
    before, there = (await job.status()).value, await job.info() is not None
    arq.worker("late")
    seen = await _ended(arq, job, "expiry")
    gone = "" if there else ", its payload gone"
    return Seen(
        f"Without a worker `{before}`{gone}. Then: {seen.text} By default a day.", {**seen.facts, "before": before}
    )


async def unknown(arq: Theirs) -> Seen:
    seen = await _ended(arq, await arq.enqueue("plain", "no_such_function", "unknown"), "unknown")
    return Seen(f"Accepted. {seen.text}", {**seen.facts, "accepted": True})


async def payload(arq: Theirs) -> Seen:
    seen = await _ended(arq, await arq.enqueue("plain", "quick"), "payload")
    return Seen(f"Accepted. {seen.text}", {**seen.facts, "accepted": True})


async def cron(arq: Theirs) -> Seen:
    workers = [arq.worker("cron"), arq.worker("cron")]
    await _until(lambda: len(arq.ticks()) > 4)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
        worker.wait()
    ticks = arq.ticks()
    most = max(ticks.values(), default=0)
    return Seen(f"{len(ticks)} ticks, one a second; each ran {times(most)}.", {"ticks": len(ticks), "most": most})


async def cron_missed(arq: Theirs) -> Seen:
    """After `cron`, whose workers are gone by now."""
    last = max(_second(tick) for tick in arq.ticks())
    await asyncio.sleep(max(0.0, last + 4.0 - time.time()))
    back = int(time.time())
    for _ in range(2):
        arq.worker("cron")
    await _until(lambda: any(_second(tick) > back for tick in arq.ticks()))
    passed = range(last + 1, back)
    made_good = len({_second(tick) for tick in arq.ticks()} & set(passed))
    text = f"Of the {len(passed)} ticks {made_good} ran later, {len(passed) - made_good} never."
    return Seen(text, {"passed": len(passed), "made_good": made_good})


async def cron_crash(arq: Theirs) -> Seen:
    second = str((int(time.time()) + 4) % 60)
    arq.worker("killed-cron", COMPARE_CRON_SECOND=second)
    await arq.happens("killed tick", "cron")
    arq.kill_whoever("killed tick", "cron", "killed-cron", COMPARE_CRON_SECOND=second)
    ended = await arq.happens("end", "cron", patience=TIMEOUT_SECONDS + 14)
    log, runs = (arq.folder / "arq-killed-cron.log").read_text(), arq.outside.count("killed tick", "cron")
    how = "finished" if ended else "never finished: the tick is lost"
    why = " (its log: max retries 1 exceeded)" if "max retries 1 exceeded" in log else ""
    return Seen(f"Began {times(runs)}, {how}{why}.", {"runs": runs, "finished": ended})


def _second(tick: str) -> int:
    """Arq names a tick `cron:function:milliseconds`."""
    return int(tick.rsplit(":", 1)[1]) // 1000


async def _until(true: Callable[[], bool], patience: float = 12.0) -> None:
    end = time.monotonic() + patience
    while True:
        if true() or time.monotonic() > end:
            return
        await asyncio.sleep(0.05)


# Those with a long wait go on beside each other; the rest share a worker and take turns.
_APART: dict[str, list[Act]] = {
    "crash": [crash],
    "cron_crash": [cron_crash],
    "cron": [cron, cron_missed],
    "blocked": [blocked],
}
_IN_TURN: list[Act] = [exception, timeout, duplicate, again, cancel_queued, cancel_running, expiry, unknown, payload]


def run(folder: Path, only: set[str]) -> dict[str, Seen]:
    """Situation -> what was seen."""
    with redis_server(folder / "redis") as (port, _):
        return asyncio.run(_run(Theirs(port, folder), only))


async def _run(arq: Theirs, only: set[str]) -> dict[str, Seen]:
    async def one_by_one(acts: list[Act]) -> dict[str, Seen]:
        return {act.__name__: await act(arq) for act in acts if act.__name__ in only}

    try:
        arq.worker("plain")
        parts = await asyncio.gather(*(one_by_one(acts) for acts in (*_APART.values(), _IN_TURN)))
    finally:
        await arq.close()
    return {name: seen for part in parts for name, seen in part.items()}
