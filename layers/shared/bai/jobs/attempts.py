"""What is kept of each attempt: when it ran, how it ended, what it used and what that costs. Knows no SQL but its own."""

import json
from collections.abc import Mapping
from typing import Any, Final

from bai import clock, meter, prices, settings

# Appended to the SET of every statement that ends an attempt; :entry, :meter and :cost come from `closing`. The meter is
# the job's own, the cost includes its parts'.
CLOSE: Final = """
    history = (CASE WHEN jsonb_array_length(history) >= 50 THEN history - 0 ELSE history END)
              || jsonb_build_array(CAST(:entry AS jsonb)),
    meter = CAST(:meter AS jsonb),
    cost_usd = :cost + coalesce((SELECT sum(part.cost_usd) FROM jobs part WHERE part.parent_id = jobs.id), 0)
"""
# The same for a worker that is gone: how long it really ran nobody knows, so its lease's end is the upper bound.
LOST_HISTORY: Final = """
    (CASE WHEN jsonb_array_length(history) >= 50 THEN history - 0 ELSE history END)
              || jsonb_build_array(jsonb_build_object('attempt', attempt, 'outcome', 'worker_lost',
                 'started_at', to_char(claimed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                 'ended_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                 'wait_ms', greatest(0, round(extract(epoch FROM claimed_at - ready_at) * 1000)), 'run_ms', null,
                 'code', 'worker_lost', 'detail', null))
"""


def closing(job: Any, outcome: str, error: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The fields of CLOSE for a Running job whose attempt ends now."""
    used = dict(job.used_before)
    for unit, quantity in _attempt_units(job).items():
        used[unit] = used.get(unit, 0.0) + quantity
    cost = prices.cost(used)
    return {"entry": json.dumps(entry(job, outcome, error)), "meter": json.dumps(used), "cost": cost}


def entry(job: Any, outcome: str, error: Mapping[str, Any] | None = None) -> dict[str, Any]:
    now = clock.now()
    return {
        "attempt": job.attempt,
        "started_at": clock.to_wire(job.claimed_at),
        "ended_at": clock.to_wire(now),
        "wait_ms": max(0, round((job.claimed_at - job.ready_at).total_seconds() * 1000)),
        "run_ms": max(0, round((now - job.claimed_at).total_seconds() * 1000)),
        "outcome": outcome,
        "code": error.get("code") if error else None,
        "detail": error.get("detail") if error else None,
    }


def _attempt_units(job: Any) -> dict[str, float]:
    """An attempt is one request to Lambda, and three to SQS: send, receive, delete."""
    seconds = max(0.0, (clock.now() - job.claimed_at).total_seconds())
    gigabytes = settings.memory_mb() / 1024
    units = meter.used()
    units["lambda_gb_seconds"] = units.get("lambda_gb_seconds", 0.0) + seconds * gigabytes
    units["lambda_requests"] = units.get("lambda_requests", 0.0) + 1
    units["sqs_requests"] = units.get("sqs_requests", 0.0) + 3
    return {unit: round(quantity, 6) for unit, quantity in units.items()}
