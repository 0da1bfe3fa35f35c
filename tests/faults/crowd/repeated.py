"""Part 4: SQS delivers at least once. Here it delivers each message twice, five times, and to ten workers at once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tests.faults.kill import hands, rounds
from tests.faults.kill.kinds import KINDS
from tests.faults.kill.rounds import Wave
from tests.faults.kill.world import World

_PATIENCE = 60
_BATCH = 10
Records = list[dict[str, Any]]
Deliver = Callable[[World, Records], set[str]]


def twice(here: World, n: int, kinds: Sequence[str] = tuple(KINDS)) -> Counter[str]:
    """Both copies in one batch, and that batch to two workers one after the other."""
    chance = random.Random(4)

    def deliver(here: World, records: Records) -> set[str]:
        doubled = records * 2
        chance.shuffle(doubled)
        return set(here.gather("deliver", batches=[doubled])[0])

    return _play_kinds(here, n, kinds, deliver)


def five_times(here: World, n: int, kinds: Sequence[str] = tuple(KINDS)) -> Counter[str]:
    """Five invocations of one worker after the other, each told that it is the so-manieth delivery."""

    def deliver(here: World, records: Records) -> set[str]:
        batches = [
            [{**record, "attributes": {"ApproximateReceiveCount": str(number)}} for record in records]
            for number in range(1, 6)
        ]
        return set(here.gather("deliver", batches=batches)[0])

    return _play_kinds(here, n, kinds, deliver)


def ten_at_once(here: World, n: int, kinds: Sequence[str] = tuple(KINDS)) -> Counter[str]:
    """Ten processes begin with the same batch in the same millisecond."""

    def deliver(here: World, records: Records) -> set[str]:
        answers = here.gather("deliver", workers=10, batches=[records], at=time.time() + 0.15)
        # Whoever brings a message to its end deletes it for all.
        return set.intersection(*(set(failed) for failed in answers))

    return _play_kinds(here, n, kinds, deliver)


def _play_kinds(here: World, n: int, kinds: Sequence[str], deliver: Deliver) -> Counter[str]:
    found: Counter[str] = Counter()
    for kind in kinds:
        for size in rounds.sizes(n, 50):
            wave = rounds.begin(kind, [""] * size)
            found["messages"] += _play(here, wave, deliver, found)
            counted, notes = rounds.judge(here, wave)
            found.update(counted)
            found.update(f"({note})" for note in notes[:3])
    return found


def _play(here: World, wave: Wave, deliver: Deliver, found: Counter[str]) -> int:
    """The event source between the queue and the workers, until all jobs have ended and no message is left."""
    messages, until = 0, time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        records = hands.receive(_BATCH)
        if records:
            messages += len(records)
            failed = deliver(here, records)
            hands.delete([record for record in records if record["messageId"] not in failed])
            continue
        rounds.answer_twice(wave)
        open_jobs = here.sql(
            "SELECT count(*), coalesce(bool_or(state IN ('queued', 'retrying') AND wake_at < now() + interval '55 s'), false)"
            f" FROM jobs WHERE user_id = '{wave.user}' AND settled_at IS NULL"
        )[0]
        if open_jobs[0] == 0:
            break
        if open_jobs[1]:  # quiet for five seconds: a message must have been used up; the sweeper's minute passes
            found["sweeps"] += 1
            here.sql(
                f"UPDATE jobs SET wake_at = now() WHERE user_id = '{wave.user}' AND settled_at IS NULL"
                " AND state IN ('queued', 'retrying')"
            )
            here.ask("sweep")
        time.sleep(0.05)
    return messages
