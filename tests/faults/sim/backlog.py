"""Part 11 of the proof: 100,000 queued jobs of which one client owns 95 %. Do the others get their turn, is any lost or doubled?

The real engine works the backlog off in simulated time with as many workers as production has, from two queues: one that
hands out in the order of sending, as a standard queue roughly does, and one that is fair by MessageGroupId. A third run
shows what a job type's own limit per client does in the order of sending.
"""

from __future__ import annotations

import heapq
import time
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import quantiles
from types import SimpleNamespace
from typing import Any

from bai.ids import new_id
from jobs import sweeper
from tests.faults.results import Result
from tests.faults.sim import kinds
from tests.faults.sim.database import database
from tests.faults.sim.queues import record
from tests.faults.sim.seams import world
from tests.faults.sim.world import World

WORKERS = 20  # as template.yaml bounds them
_OTHERS = 25
_BATCH = 10
_BATCH_SECONDS = 0.25  # simulated
_SLOW_SECONDS = 1.0  # simulated, what a job of the limited type takes
_DOUBLE_EVERY, _SILENT_EVERY = 97, 211  # messages that come twice, batches whose answer is lost
# The columns that enqueue writes, in one statement.
_ENQUEUE = """
    INSERT INTO jobs (id, user_id, type, queue, state, payload, payload_version, max_attempts, hidden, correlation_id,
                      created_at, ready_at, deadline_at, wake_at, retention_seconds)
    SELECT gen_random_uuid(), '{user}', '{type}', 'simulation', 'queued',
           jsonb_build_object('number', n, 'modes', '[]'::jsonb, 'failures', '[]'::jsonb, 'seconds', 0, 'parts', '[]'::jsonb),
           1, 12, false, '', '{now}', '{now}', timestamptz '{now}' + interval '3 days', timestamptz '{now}' + interval '1 minute', 7776000
    FROM generate_series(1, {jobs}) n RETURNING id
"""


def _context() -> Any:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: 90_000)


@dataclass
class Waits:
    """In claims: how many jobs were begun before this one was. In seconds of simulated time beside it."""

    hog: list[float]
    others: list[float]
    last_other: int

    def line(self) -> str:
        def spread(waits: list[float]) -> str:
            cuts = quantiles(waits, n=20) if len(waits) > 1 else waits * 19
            return f"p50 {cuts[9]:.1f} s, p95 {cuts[18]:.1f} s"

        return f"the others {spread(self.others)}, the hog {spread(self.hog)}, the last of the others after {self.last_other} claims"


class _Backlog:
    def __init__(self, made: World, order: str, jobs: int, job_type: Any) -> None:
        self.world, self.order, self.jobs, self.type = made, order, jobs, job_type
        made.work.order = order
        made.database.empty()
        made.begin(jobs)
        self.names: dict[str, str] = {}

    def fill(self) -> None:
        """The hog came first with everything, then the others."""
        others = max(1, self.jobs // 20 // _OTHERS)
        for number in range(_OTHERS + 1):
            jobs = self.jobs - others * _OTHERS if number == 0 else others
            user = new_id()
            query = self.world.database.query
            query(
                f"INSERT INTO users (id, email, password_hash, full_name) VALUES ('{user}', '{user}@example.com', '', 'T')"
            )
            moment = self.world.clock.moment.isoformat()
            for (job_id,) in query(_ENQUEUE.format(user=user, type=self.type.name, jobs=jobs, now=moment)):
                body = f'{{"job_id":"{job_id}","type":"{self.type.name}","correlation_id":""}}'
                self.world.work.send(body, group=user)
            self.names[user] = "hog" if number == 0 else "other"
        self.world.database.query("ANALYZE jobs")

    def work_off(self) -> None:
        """Each worker takes a batch, and its next one when that is done; the sweeper comes every minute."""
        made, free, batches = self.world, [(0.0, n) for n in range(WORKERS)], 0
        start = sweep = made.clock.time()
        while len(made.work):
            at, number = heapq.heappop(free)
            made.clock.forward(start + at - made.clock.time())
            if made.clock.time() >= sweep + 60:
                sweep += 60
                sweeper.handler({}, _context())
                made.push.clear()
            batch = made.work.receive(_BATCH, made.rng) if self.order == "fair" else made.work.take_first(_BATCH)
            if not batch:
                made.clock.forward(60)
                made.work._come_back()
                heapq.heappush(free, (made.clock.time() - start, number))
                continue
            self._handle(batch, batches)
            batches += 1
            heapq.heappush(free, (at + _BATCH_SECONDS, number))

    def _handle(self, batch: list[Any], number: int) -> None:
        made = self.world
        event: dict[str, Any] = {"Records": [record(message) for message in batch]}
        for message in batch:
            if message.number % _DOUBLE_EVERY == 0 and message.received == 1:
                made.work.send(message.body, group=message.group)
        answer = made.worker(event, _context())
        made.push.clear()
        if number % _SILENT_EVERY == _SILENT_EVERY - 1:
            return  # the answer never arrives: all of them come back
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for message in batch:
            if message.id not in failed:
                made.work.delete(message, message.receipt)

    def work_off_side_by_side(self) -> None:
        """The same with jobs that take a second each, so that a client's limit has something to hold back."""
        made = self.world
        made.plan, made.pace = lambda number, kind, label: None, lambda kind: _SLOW_SECONDS if kind == "http" else 0.002
        sweep = made.clock.time()
        while len(made.work) or made.actors.living:
            now = made.clock.time()
            made.push.clear()
            if now >= sweep + 60:
                sweep = now
                made.start_sweeper()
            elif ready := made.actors.runnable():
                made.resume(made.rng.choice(ready))
            elif len(made.actors.living) < WORKERS and made.work.waiting:
                self._start_worker()
            else:
                moments = [made.work.next_visible(), *(actor.wakes_at for actor in made.actors.living), sweep + 60]
                made.clock.forward(min(moment for moment in moments if moment > now) - now + 0.001)

    def _start_worker(self) -> None:
        made = self.world
        batch = made.work.take_first(_BATCH)
        event = {"Records": [record(message) for message in batch]}
        actor = made.start(f"worker-{made.work.sent}", lambda context: made.worker(event, context), 600)
        actor.batch = [(made.work, message, message.receipt) for message in batch]

    def waits(self) -> Waits:
        hog: list[float] = []
        others: list[float] = []
        last = 0
        rows = self.world.database.query(
            "SELECT user_id, extract(epoch FROM claimed_at - ready_at) FROM jobs ORDER BY claimed_at, id"
        )
        for number, (user, seconds) in enumerate(rows, 1):
            mine = self.names[str(user)] == "hog"
            (hog if mine else others).append(float(seconds))
            last = last if mine else number
        return Waits(hog, others, last)

    def verdict(self) -> tuple[int, int, int]:
        rows = self.world.database.query("""
            SELECT count(*) FILTER (WHERE state = 'succeeded' AND settled_at IS NOT NULL),
                   (SELECT count(*) FROM sim_written), (SELECT count(DISTINCT job_id) FROM sim_settled),
                   (SELECT count(*) FROM sim_settled), count(*) FROM jobs
        """)
        ended, written, told, times, there = rows[0]
        acted = written or sum(len(done.acts) for done in self.world.services.done.values())
        return max(self.jobs - there, self.jobs - acted, 0), times - told + max(acted - self.jobs, 0), there - ended


def run_backlog(jobs: int = 100_000) -> Result:
    start = time.monotonic()
    lost = doubled = stuck = 0
    notes = []
    with ExitStack() as stack:
        made = stack.enter_context(world(stack.enter_context(database())))
        for order, kind, number in (
            ("fair", kinds.WRITE, jobs),
            ("sent", kinds.WRITE, jobs),
            ("sent", kinds.LIMITED, jobs // 50),
        ):
            backlog = _Backlog(made, order, number, kind)
            backlog.fill()
            if kind is kinds.LIMITED:
                backlog.work_off_side_by_side()
            else:
                backlog.work_off()
            waits, found = backlog.waits(), backlog.verdict()
            lost, doubled, stuck = lost + found[0], doubled + found[1], stuck + found[2]
            others = len(waits.others)
            if order == "fair" and waits.last_other > 2 * others + 2 * WORKERS * _BATCH:
                stuck += 1
                notes.append(f"starved: the last of {others} others began after {waits.last_other} claims")
            notes.append(f"{number} jobs, order {order}, {kind.name}: {waits.line()}")
        made.work.order = "any"
    return Result("backlog", 2 * jobs + jobs // 50, lost, doubled, stuck, time.monotonic() - start, "; ".join(notes))
