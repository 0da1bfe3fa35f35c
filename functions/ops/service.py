"""The last measured state of what the suite depends on. Reading it is cheap; measuring is the monitor's."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text

from bai import clock, push
from bai.db import Session
from bai.tables import system_status

_STALE = timedelta(minutes=3)
_ROW = 1

_KEEP = text("""
    INSERT INTO system_status (id, report, checked_at) VALUES (1, CAST(:report AS jsonb), now())
    ON CONFLICT (id) DO UPDATE SET report = excluded.report, checked_at = excluded.checked_at
""")


def require_database(session: Session) -> None:
    """One round trip to the database and back."""
    session.execute(text("SELECT 1"))


def read_report(session: Session) -> dict[str, Any]:
    """The monitor's last report; a silent monitor is itself a finding."""
    row = session.row(select(system_status).where(system_status.c.id == _ROW))
    if row is None or clock.now() - row["checked_at"] > _STALE:
        detail = "The monitor has not reported yet." if row is None else "The monitor has not reported for 3 minutes."
        silent = {"name": "queues", "status": "degraded", "latency_ms": None, "detail": detail}
        known = [dep for dep in (row["report"]["deps"] if row else []) if dep["name"] != "queues"]
        return {"status": "degraded", "checked_at": clock.to_wire(clock.now()), "deps": [silent, *known]}
    return dict(row["report"])


def keep_report(session: Session, report: dict[str, Any]) -> bool:
    """Stores the report; whoever is listening is told when a status changed. Returns whether one did."""
    held = session.row(select(system_status).where(system_status.c.id == _ROW).with_for_update())
    session.execute(_KEEP, {"report": json.dumps(report)})
    changed = held is None or _statuses(held["report"]) != _statuses(report)
    if changed:
        push.tell_listeners(session, "system.status", report)
    return changed


def _statuses(report: dict[str, Any]) -> dict[str, str]:
    return {dep["name"]: dep["status"] for dep in report["deps"]}
