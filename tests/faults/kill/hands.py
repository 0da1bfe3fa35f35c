"""What a forked worker does with the queue: as Lambda's event source does it, healthy or on its way to its death."""

from __future__ import annotations

import importlib
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bai import aws, settings
from bai.worker import Handler, worker_for
from jobs import sweeper
from tests.faults.kill import points
from tests.faults.kill.kinds import Doing

QUEUE = "content_planner"
_IDLE_SECONDS = 0.25


def context() -> Any:
    ends = time.monotonic() + 60
    return SimpleNamespace(
        aws_request_id="kill", get_remaining_time_in_millis=lambda: int((ends - time.monotonic()) * 1000)
    )


def receive(batch: int, queue: str = QUEUE) -> list[dict[str, Any]]:
    answer = aws.sqs().receive_message(
        QueueUrl=settings.queue_url(queue),
        MaxNumberOfMessages=batch,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )
    return [
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message.get("Attributes", {})),
        }
        for message in answer.get("Messages", [])
    ]


def delete(records: list[dict[str, Any]], queue: str = QUEUE) -> None:
    entries: Any = [{"Id": str(n), "ReceiptHandle": record["receiptHandle"]} for n, record in enumerate(records)]
    if entries:
        aws.sqs().delete_message_batch(QueueUrl=settings.queue_url(queue), Entries=entries)


def handle(
    batch: int, handler: Handler, before_delete: Callable[[], None] | None = None, queue: str = QUEUE
) -> list[str]:
    """One poll: receive, invoke, delete what did not fail; an invocation that raises deletes nothing. The ids received."""
    records = receive(batch, queue)
    if not records:
        return []
    try:
        failed = {each["itemIdentifier"] for each in handler({"Records": records}, context())["batchItemFailures"]}
    except Exception:
        failed = {record["messageId"] for record in records}
    if before_delete is not None:
        before_delete()
    delete([record for record in records if record["messageId"] not in failed], queue)
    return [record["messageId"] for record in records]


def work_and_die(command: dict[str, Any]) -> None:
    """Takes messages until it has come to its point, or until there are none."""
    point = command["point"]
    doing = Doing(points.arm(point, nth=1 if command["batch"] > 1 else points.NTH.get(point, 1)))
    undelivered = points.die if point == points.UNDELIVERED else None
    handler, empty = worker_for(doing.bound()), 0
    while empty < 3:
        if not handle(command["batch"], handler, undelivered):
            empty += 1
            time.sleep(0.05)


def drain(command: dict[str, Any]) -> dict[str, int]:
    """A healthy worker: goes on until there has been nothing for a while. How often it was given each message.

    `without` names kinds that its release does not know; `module` is a real module's handler instead of ours.
    """
    known = [job for job in Doing().bound() if job.type.name not in command.get("without", [])]
    handler = importlib.import_module(command["module"]).handler if "module" in command else worker_for(known)
    given: Counter[str] = Counter()
    idle, quiet = float(command.get("idle", _IDLE_SECONDS)), time.monotonic()
    most = command.get("most", 1_000_000)
    until = time.monotonic() + float(command.get("seconds", 60))
    end = Path(command.get("end", "/nowhere"))
    while time.monotonic() - quiet < idle and time.monotonic() < until and not end.exists() and given.total() < most:
        taken = [
            ids
            for name in command.get("queues", [QUEUE])
            if (ids := handle(command.get("batch", 10), handler, queue=name))
        ]
        for ids in taken:
            given.update(ids)
            quiet = time.monotonic()
        if not taken:
            time.sleep(0.03)
    return dict(given)


def sweep(command: dict[str, Any]) -> dict[str, int]:
    Doing().bound()
    return sweeper.handler({}, context())


ACTS: dict[str, Callable[[dict[str, Any]], Any]] = {"die": work_and_die, "drain": drain, "sweep": sweep}
