"""A batch of `write` jobs in one transaction: claim, work and end of all of them, or of none. Knows no module.

If any of them raises, or a message is not on its first delivery, they run one by one: then one that fails (or kills
its worker) has its attempts counted and its neighbours are unharmed.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, text

from bai import telemetry
from bai.db import Session, transaction
from bai.jobs import attempts, claims, results, states
from bai.jobs.fates import Job

_END_MANY = text("""
    UPDATE jobs SET state = 'succeeded', progress = 100, finished_at = now(), settled_at = now(), result = m.result,
           history = jobs.history || jsonb_build_array(m.entry), meter = m.meter, cost_usd = m.cost
    FROM jsonb_to_recordset(CAST(:made AS jsonb)) AS m(id uuid, result jsonb, entry jsonb, meter jsonb, cost numeric)
    WHERE jobs.id = m.id RETURNING jobs.*
""")


def write_together(
    by_name: Mapping[str, Job], records: Sequence[dict[str, Any]], seconds_left: Callable[[], float]
) -> set[str]:
    """Returns the ids of the messages that are done; the others are for the caller to take one by one."""
    messages = _eligible(by_name, records)
    if len(messages) < 2:
        return set()
    try:
        with transaction() as session:
            rows = claims.claim_many(session, list(messages))
            made = [_write(session, by_name[row["type"]], row, seconds_left) for row in rows]
            ended = session.rows(_END_MANY, {"made": json.dumps(made)}) if made else []
            for row in ended:
                by_name[row["type"]].told_of_the_end(session, row)
                states.announce(session, row)
    except Exception:
        telemetry.logger().exception("batch falls apart; its jobs run one by one", jobs=len(messages))
        return set()
    if ended:
        telemetry.count("JobOutcome", len(ended), outcome=states.SUCCEEDED, job_type="batch")
    return {messages[str(row["id"])] for row in ended}


def _eligible(by_name: Mapping[str, Job], records: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Job id -> message id of first deliveries of unlimited `write` jobs; a doubled id is left to its own run."""
    found: dict[str, str] = {}
    for record in records:
        try:
            body = json.loads(record["body"])
            bound = by_name[body["type"]]
            job_id = str(body["job_id"])
        except (ValueError, KeyError, TypeError):
            continue  # its own run says what is wrong with it
        first = int(record.get("attributes", {}).get("ApproximateReceiveCount", "1")) == 1
        if first and bound.write is not None and not bound.type.limited and len(job_id) == 36:
            found.setdefault(job_id, record["messageId"])
    return found


def _write(session: Session, bound: Job, row: RowMapping, seconds_left: Callable[[], float]) -> dict[str, Any]:
    assert bound.write is not None  # noqa: S101 - only such are eligible
    job = claims.hold(bound.type, row, seconds_left)
    made = bound.write(session, job)
    if len(results.as_json(made)) > results.MAX_INLINE_BYTES:
        raise RuntimeError("a large result is stored alone")
    closing = attempts.closing(job, states.SUCCEEDED)
    return {
        "id": job.id,
        "result": made,
        "entry": json.loads(closing["entry"]),
        "meter": json.loads(closing["meter"]),
        "cost": None if closing["cost"] is None else str(closing["cost"]),
    }
