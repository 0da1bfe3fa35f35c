"""The dead-letter queues of the jobs: what lies there, sending it back, clearing away what has been dealt with.

Two kinds of message lie there: a copy for each job that died (the row has everything), and messages that no worker
could read or record (poison), which SQS put there after maxReceiveCount.
"""

import json
from typing import Any

from sqlalchemy import text

from bai import aws, settings
from bai.db import transaction
from bai.errors import NotFound
from bai.ids import is_id
from bai.jobs import Running, types

_MAX_LOOKS = 30
_STATES = text("""
    SELECT id, state FROM jobs WHERE id IN (SELECT CAST(jsonb_array_elements_text(CAST(:ids AS jsonb)) AS uuid))
""")


def queue_names() -> list[str]:
    """Every job queue, by the types that use it."""
    return sorted({job_type.queue for job_type in types.all_types()})


def list_dead_letters(queue: str) -> list[dict[str, Any]]:
    """What lies in a queue's dead letters, at most 300. Raises NotFound, Unavailable."""
    return [_describe(message, states) for message, states in _look(queue)]


def redrive_dead_letters(queue: str, message_ids: list[str] | None, *, dry_run: bool) -> dict[str, Any]:
    """Sends poison messages back to their queue; copies of dead jobs are redriven as jobs, not here."""
    items, sent = [], 0
    for message, states in _look(queue):
        described = _describe(message, states)
        if message_ids is not None and message["MessageId"] not in message_ids:
            continue
        described["verdict"] = "goes back to its queue" if described["poison"] else "a dead job's copy; redrive the job"
        items.append(described)
        if described["poison"] and not dry_run:
            entry: Any = {"Id": "0", "MessageBody": message["Body"]}
            if not aws.send_messages(settings.queue_url(queue), [entry]):
                aws.delete_message(settings.dead_letter_url(queue), message["ReceiptHandle"])
                sent += 1
    return {"dry_run": dry_run, "items": items, "redriven": sent}


def tidy_dead_letters(job: Running) -> dict[str, int]:
    """Deletes the copies of jobs that are not dead any more, so that the alarm falls silent."""
    queue: str = job.payload.queue
    removed = 0
    for message, states in _look(queue):
        job_id = _job_id(message)
        if job_id is not None and states.get(job_id, "gone") != "dead":
            aws.delete_message(settings.dead_letter_url(queue), message["ReceiptHandle"])
            removed += 1
    return {"removed": removed}


def _look(queue: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Messages with the states of the jobs they name; each is hidden from others for a few seconds only."""
    if queue not in queue_names():
        raise NotFound("job queue")
    found: dict[str, dict[str, Any]] = {}
    for _ in range(_MAX_LOOKS):
        messages = aws.receive_messages(settings.dead_letter_url(queue), hidden_seconds=20)
        fresh = [message for message in messages if message["MessageId"] not in found]
        found.update({message["MessageId"]: message for message in fresh})
        if not fresh:
            break
    ids = [job_id for message in found.values() if (job_id := _job_id(message)) is not None]
    with transaction() as session:
        states = {str(row.id): str(row.state) for row in session.execute(_STATES, {"ids": json.dumps(ids)})}
    return [(message, states) for message in found.values()]


def _job_id(message: dict[str, Any]) -> str | None:
    try:
        job_id = json.loads(message["Body"])["job_id"]
    except (ValueError, KeyError, TypeError):
        return None
    return job_id if isinstance(job_id, str) and is_id(job_id) else None


def _describe(message: dict[str, Any], states: dict[str, str]) -> dict[str, Any]:
    job_id = _job_id(message)
    state = states.get(job_id) if job_id else None
    return {
        "message_id": message["MessageId"],
        "body": message["Body"][:4000],
        "receives": int(message.get("Attributes", {}).get("ApproximateReceiveCount", 0)),
        "sent_at_ms": int(message.get("Attributes", {}).get("SentTimestamp", 0)),
        "job_id": job_id,
        "job_state": state,
        "poison": state != "dead",
    }
