"""Turns the ticks of a schedule into jobs, each once, however many ask at the same time. Knows no clock and no cron field.

One row per schedule says how far it has been dealt with. Whoever holds its lock enqueues what is due and moves the row on
in the same transaction; the others pass by. So a crash leaves both undone, and no tick has two jobs or none.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from bai import clock
from bai.db import Session
from bai.jobs import outbox
from bai.jobs.cron import due_ticks
from bai.jobs.types import JobType

# Ticks enqueued in one transaction; the rest of a long `all` list comes with the next minutes.
BATCH: Final = 100
# An idle row is moved on this often, so that a new expression in a later release finds no long past to make good.
_STALE: Final = timedelta(hours=1)

_HOLD = text("SELECT last_tick FROM job_schedules WHERE name = :name FOR UPDATE SKIP LOCKED")
# Only where there is no row at all: ON CONFLICT alone would wait for whoever is moving it on.
_BEGIN = text("""
    INSERT INTO job_schedules (name, last_tick) SELECT :name, CAST(:now AS timestamptz)
    WHERE NOT EXISTS (SELECT 1 FROM job_schedules WHERE name = :name) ON CONFLICT DO NOTHING
""")
_MOVE_ON = text("UPDATE job_schedules SET last_tick = :reached WHERE name = :name")


def tick(session: Session, job_type: JobType, now: datetime) -> int:
    """Enqueues one job per tick that is due; returns how many. The job's payload gets the tick if it has such a field.

    A schedule seen for the first time begins now: nothing was missed.
    """
    assert job_type.schedule is not None  # noqa: S101 - the sweeper asks for no other
    held = session.row(_HOLD, {"name": job_type.name})
    if held is None:  # new, or somebody else is at it
        session.execute(_BEGIN, {"name": job_type.name, "now": now})
        return 0
    reached = held["last_tick"]
    ticks = due_ticks(job_type.schedule, reached, now, limit=BATCH)
    for due in ticks:
        outbox.enqueue(session, job_type.name, scheduled_payload(job_type, due), user_id=None, hidden=True)
    if ticks or now - reached > _STALE:
        everything = len(ticks) < BATCH
        session.execute(_MOVE_ON, {"name": job_type.name, "reached": now if everything else ticks[-1]})
    return len(ticks)


def scheduled_payload(job_type: JobType, due: datetime) -> dict[str, Any]:
    return {"tick": clock.to_wire(due)} if "tick" in job_type.payload.model_fields else {}
