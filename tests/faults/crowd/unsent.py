"""Part 7: the process dies after COMMIT and before the message, wherever a job's message is ever sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bai import db
from bai.ids import new_id
from tests.faults.kill import rounds
from tests.faults.kill.kinds import KINDS
from tests.faults.kill.rounds import Wave
from tests.faults.kill.world import World

_AT_ONCE = 8
_DEADLY_ROUNDS = 5
_WAVE = 24


def each_send(here: World, n: int, kinds: Sequence[str] = tuple(KINDS)) -> Counter[str]:
    """Enqueueing, children, a parent's wake-up, a callback's answer, the sweeper itself: each dies at its first send."""
    found: Counter[str] = Counter()
    for kind in kinds:
        for size in rounds.sizes(max(2, n // 4), _WAVE):
            wave = Wave(kind, [""] * size, _user(), [])
            _enqueue(here, wave, size, found)
            found["lost"] += size - len(wave.ids)
            for _ in range(_DEADLY_ROUNDS if n >= 10 else 3):
                _die(here, wave, found)
            rounds.go_on(here, wave)
            counted, notes = rounds.judge(here, wave)
            found.update(counted)
            found.update(f"({note})" for note in notes[:3])
    return found


def _user() -> str:
    user = new_id()
    with db.transaction() as session:
        session.execute(rounds.USER, {"id": user, "email": f"{user}@example.com"})
    return user


def _enqueue(here: World, wave: Wave, size: int, found: Counter[str]) -> None:
    left = size
    while left > 0:
        now = min(left, _AT_ONCE)
        _killed(here.ask("die at send", what="enqueue", workers=now, kind=wave.kind, user=wave.user), found)
        left -= now
    wave.ids += [str(row[0]) for row in here.sql(f"SELECT id FROM jobs WHERE user_id = '{wave.user}' ORDER BY id")]


def _die(here: World, wave: Wave, found: Counter[str]) -> None:
    """A minute passes; the sweeper dies at its send, a whole one sends; then workers and answers die at theirs."""
    let_pass = (
        f"UPDATE jobs SET wake_at = now() WHERE user_id = '{wave.user}' AND settled_at IS NULL"
        " AND state <> 'waiting_callback'"
    )
    here.sql(let_pass)
    _killed(here.ask("die at send", what="sweep"), found)
    here.sql(let_pass)
    here.ask("sweep")
    _killed(here.ask("die at send", what="work", workers=_AT_ONCE // 2), found)
    waiting = here.sql(
        f"SELECT id FROM jobs WHERE user_id = '{wave.user}' AND state = 'waiting_callback' AND children_open = 0 LIMIT 4"
    )
    for (job_id,) in waiting:
        _killed(here.ask("die at send", what="answer", job=str(job_id)), found)


def _killed(ended: Sequence[int], found: Counter[str]) -> None:
    found["processes killed"] += sum(status == -9 for status in ended)
