"""Whether the jobs are well: one look at what people on call would look at, each check with its words."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import RowMapping, text

from bai import auth, clock
from bai.auth import Caller
from bai.db import transaction
from bai.errors import Unavailable
from bai.jobs import queues
from jobs import dead_letters
from jobs.service.queues import names as queue_names

OLDEST_SECONDS = 300
LATE_SECONDS = 120  # the sweeper comes every minute
DEAD_DAYS = 7

_COUNTS = text("""
    SELECT
        (SELECT extract(epoch FROM now() - min(ready_at)) FROM jobs j
         WHERE finished_at IS NULL AND state = 'queued' AND parked_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM job_queues q WHERE q.name = j.queue AND q.paused_at IS NOT NULL)) AS oldest,
        (SELECT count(*) FROM jobs
         WHERE state = 'dead' AND finished_at > now() - make_interval(days => :dead_days)) AS dead,
        (SELECT count(*) FROM jobs
         WHERE settled_at IS NULL AND state = 'running' AND wake_at < now() - make_interval(secs => :late)) AS lost,
        (SELECT count(*) FROM jobs
         WHERE settled_at IS NULL AND finished_at < now() - make_interval(secs => :late)) AS unsettled,
        (SELECT count(*) FROM job_effects WHERE state = 'unknown') AS unknown
""")

Checked = dict[str, Any]


def read_health(caller: Caller) -> dict[str, Any]:
    """`degraded` when a check is not ok. For admins. Raises Forbidden, Unavailable for a database that is away."""
    auth.require_admin(caller)
    with transaction() as session:
        counts = session.row(_COUNTS, {"late": LATE_SECONDS, "dead_days": DEAD_DAYS})
        paused = queues.paused(session)
    assert counts is not None  # noqa: S101 - a SELECT without FROM has a row
    checks = [*_of_rows(counts), _paused(paused), _of_letters()]
    status = "ok" if all(check["ok"] for check in checks) else "degraded"
    return {"status": status, "checked_at": clock.to_wire(clock.now()), "checks": checks}


def _of_rows(counts: RowMapping) -> Iterator[Checked]:
    oldest = int(counts["oldest"] or 0)
    waits = f"The job that waits longest has been ready for {oldest} s." if counts["oldest"] else "No job waits."
    yield _check("oldest_queued", oldest, lambda seconds: seconds <= OLDEST_SECONDS, waits)
    for name, column, words in (
        ("dead_jobs", "dead", f"{{}} jobs died in the last {DEAD_DAYS} days."),
        ("lost_leases", "lost", f"{{}} jobs lost their worker over {LATE_SECONDS} s ago: is the sweeper running?"),
        ("unsettled", "unsettled", f"Of {{}} jobs that ended over {LATE_SECONDS} s ago the module was not told."),
        ("effects_unknown", "unknown", "Of {} outside effects nobody knows whether they happened."),
    ):
        yield _check(name, counts[column], _none, words.format(counts[column]) if counts[column] else "None.")


def _paused(paused: dict[str, RowMapping]) -> Checked:
    held = ", ".join(f"{name} ({row['reason']})" for name, row in sorted(paused.items()))
    return _check("paused_queues", len(paused), _none, f"Paused: {held}." if held else "No queue is paused.")


def _of_letters() -> Checked:
    """Copies of dead jobs are the dead jobs' own check; what counts here is poison, which no row tells of."""
    letters = []
    try:
        for queue in queue_names():
            letters += dead_letters.look(queue)[0]
    except Unavailable as error:
        return {"name": "dead_letters", "ok": False, "value": None, "detail": error.detail}
    poison = sum(letter.kind == "poison" for letter in letters)
    detail = (
        f"{len(letters)} dead letters, {poison} of them messages that no worker could take." if letters else "None."
    )
    return _check("dead_letters", poison, _none, detail)


def _check(name: str, value: int, is_ok: Callable[[int], bool], detail: str) -> Checked:
    return {"name": name, "ok": is_ok(value), "value": value, "detail": detail}


def _none(value: int) -> bool:
    return value == 0
