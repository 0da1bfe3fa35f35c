"""The dead-letter queues of the jobs: what lies there, sending it back, clearing away what has been dealt with.

Two kinds of message lie there: a copy for each job that died (the row has everything), and messages that no worker
could read or record (poison), which SQS put there after maxReceiveCount.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bai import auth, aws, clock, settings, telemetry
from bai.auth import Caller
from bai.db import transaction
from bai.errors import NotFound
from bai.ids import is_id
from bai.jobs import Running, states
from jobs.service.queues import names as queue_names

_MAX_LETTERS = 300
_MAX_LOOKS = 60
# A look hides what it finds from the next look; who lists and then redrives must not find an empty queue.
_HIDDEN_SECONDS = 2
_MAX_SHOWN_CHARS = 4000
_STATES = text("SELECT id, state FROM jobs WHERE id = ANY(CAST(:ids AS uuid[]))")
_VERDICTS = {
    "poison": ("goes_back", "Goes back to its queue, to be tried by the workers there are now."),
    "dead_job": ("redrive_the_job", "A copy for the alarm; redrive the job itself, which has everything."),
    "leftover": ("cleared_away", "Its job has gone on since, so there is nothing to do."),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with the state of the job it names, None when it names none."""

    queue: str
    message: dict[str, Any]
    job_id: str | None
    is_copy: bool
    job_state: str | None

    @property
    def kind(self) -> str:
        if self.job_state == states.DEAD:
            return "dead_job"
        if self.job_id is None or (self.job_state in states.OPEN and not self.is_copy):
            return "poison"
        return "leftover"


def list_dead_letters(caller: Caller, queue: str | None) -> dict[str, Any]:
    """What lies in one queue's dead letters, or in all. Raises Forbidden, NotFound, Unavailable."""
    auth.require_admin(caller)
    looks = [look(name) for name in ([queue] if queue else queue_names())]
    return {
        "items": [_describe(letter) for letters, _ in looks for letter in letters],
        "more": any(more for _, more in looks),
    }


def redrive_dead_letters(
    caller: Caller, queue: str, message_ids: Sequence[str] | None, *, dry_run: bool
) -> dict[str, Any]:
    """Sends poison back to its queue and clears leftovers away; a dead job's copy stays until the job is redriven.

    Raises as list_dead_letters.
    """
    auth.require_admin(caller)
    letters, more = look(queue)
    items = []
    for letter in letters:
        if message_ids is not None and letter.message["MessageId"] not in message_ids:
            continue
        verdict, detail = _VERDICTS[letter.kind]
        redriven = verdict == "goes_back" and not dry_run and _send_back(letter)
        if verdict == "cleared_away" and not dry_run:
            _delete(letter)
        items.append({**_describe(letter), "verdict": verdict, "detail": detail, "redriven": redriven})
    sent = sum(item["redriven"] for item in items)
    if sent:
        telemetry.logger().warning("dead letters sent back", queue=queue, by=caller.id, letters=sent)
    return {"dry_run": dry_run, "items": items, "redriven": sent, "more": more}


def _send_back(letter: Letter) -> bool:
    """First there, then away from here: dying between the two leaves it twice, and a job runs once however often told."""
    entry: Any = {"Id": "0", "MessageBody": letter.message["Body"]}
    with aws.reachable("The queue"):
        refused = aws.send_messages(settings.queue_url(letter.queue), [entry])
    if not refused:
        _delete(letter)
    return not refused


def _delete(letter: Letter) -> None:
    aws.delete_message(settings.dead_letter_url(letter.queue), letter.message["ReceiptHandle"])


def tidy_dead_letters(job: Running) -> dict[str, int]:
    """Deletes the copies of jobs that are not dead any more, so that the alarm falls silent."""
    queue: str = job.payload.queue
    leftovers = [letter for letter in look(queue)[0] if letter.kind == "leftover"]
    for letter in leftovers:
        _delete(letter)
    return {"removed": len(leftovers)}


def look(queue: str) -> tuple[list[Letter], bool]:
    """Up to 300 messages with their jobs' states, and whether there may be more. Raises NotFound, Unavailable."""
    if queue not in queue_names():
        raise NotFound("job queue")
    found: dict[str, dict[str, Any]] = {}
    empty = 0
    for _ in range(_MAX_LOOKS):
        messages = aws.receive_messages(settings.dead_letter_url(queue), hidden_seconds=_HIDDEN_SECONDS)
        fresh = {message["MessageId"]: message for message in messages if message["MessageId"] not in found}
        found.update(fresh)
        # A short poll asks some of SQS' servers only: one that finds nothing proves nothing.
        empty = 0 if fresh else empty + 1
        if empty == 2 or len(found) >= _MAX_LETTERS:
            break
    named = {message_id: _read(message["Body"]) for message_id, message in found.items()}
    ids = sorted({job_id for job_id, _ in named.values() if job_id})
    known: dict[str, str] = {}
    if ids:
        with transaction() as session:
            known = {str(row.id): str(row.state) for row in session.execute(_STATES, {"ids": ids})}
    letters = [
        Letter(queue, message, *named[message_id], known.get(named[message_id][0] or ""))
        for message_id, message in found.items()
    ]
    return letters, len(found) >= _MAX_LETTERS


def _read(body: str) -> tuple[str | None, bool]:
    """The job that a message names, and whether it is a dead job's copy (a worker's message carries no error)."""
    try:
        content = json.loads(body)
        job_id = content["job_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, False
    return (job_id, "error" in content) if isinstance(job_id, str) and is_id(job_id) else (None, False)


def _describe(letter: Letter) -> dict[str, Any]:
    attributes = letter.message.get("Attributes", {})
    sent_at = datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, UTC)
    return {
        "message_id": letter.message["MessageId"],
        "queue": letter.queue,
        "kind": letter.kind,
        "body": letter.message["Body"][:_MAX_SHOWN_CHARS],
        "receives": int(attributes.get("ApproximateReceiveCount", 0)),
        "sent_at": clock.to_wire(sent_at),
        "job_id": letter.job_id,
        "job_state": letter.job_state,
    }
