"""The only file that knows SQS records: turns a batch of messages into runs of a module's jobs.

What a job raises decides its fate here, in one place; SQS' own redelivery is only for what could not be recorded.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from bai import telemetry
from bai.db import transaction
from bai.jobs import batches, children, claims, effects, outbox, states
from bai.jobs.fates import Job, run_to_its_end

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

__all__ = ["Handler", "Job", "worker_for"]

_SETTLE = text("""
    UPDATE jobs SET settled_at = now()
    WHERE id = CAST(:id AS uuid) AND settled_at IS NULL AND finished_at IS NOT NULL RETURNING *
""")
_PARENT = text("SELECT parent_id FROM jobs WHERE id = CAST(:id AS uuid)")


def worker_for(jobs: Sequence[Job]) -> Handler:
    """The Lambda handler of a job queue with ReportBatchItemFailures."""
    by_name = {job.type.name: job for job in jobs}

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        def seconds_left() -> float:
            return float(context.get_remaining_time_in_millis()) / 1000

        failures = []
        done = batches.write_together(by_name, event["Records"], seconds_left)
        for record in event["Records"]:
            if record["messageId"] in done:
                continue
            try:
                _process(by_name, record, seconds_left)
            except Exception:
                telemetry.logger().exception("message goes back to the queue", message_id=record["messageId"])
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}

    return handler


def _process(by_name: Mapping[str, Job], record: dict[str, Any], seconds_left: Callable[[], float]) -> None:
    body = json.loads(record["body"])
    job_id, bound = str(body["job_id"]), by_name[body["type"]]
    telemetry.set_correlation_id(str(body.get("correlation_id", "")))
    row = claims.claim(bound.type, job_id)
    if row is None:
        _settle_if_ended(bound, job_id)
        return
    log = telemetry.logger()
    log.info("job started", job_id=job_id, job_type=bound.type.name, attempt=row["attempt"])
    outcome = run_to_its_end(bound, row, seconds_left)
    log.info("job stopped", job_id=job_id, job_type=bound.type.name, attempt=row["attempt"], outcome=outcome)
    telemetry.count("JobOutcome", job_type=bound.type.name, outcome=outcome)


def _settle_if_ended(bound: Job, job_id: str) -> None:
    """For a job that was ended from outside (cancelled, expired): its module and its parent are told once."""
    with transaction() as session:
        children.lock_parent(session, str(session.value(_PARENT, {"id": job_id}) or ""))
        row = session.row(_SETTLE, {"id": job_id})
        if row is None:
            return
        if row["state"] == states.DEAD:
            outbox.send_dead_letter(row)
        if row["state"] != states.SUCCEEDED:
            effects.leave_in_doubt(session, job_id)
        bound.told_of_the_end(session, row)
        children.count_down(session, row)
