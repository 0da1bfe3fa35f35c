"""Our side's processes: `work QUEUE` polls as Lambda's event source does, `sweep` sweeps each second, `tick` is a scheduler."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from typing import Any

from bai import aws, settings
from bai.db import transaction
from bai.jobs import scheduler
from bai.jobs.types import find
from bai.worker import worker_for
from jobs import sweeper
from local.arq_ground import lambda_context
from local.arq_ours_jobs import bound


def work(queue: str) -> None:
    """A batch of one, as the planner's queue has it."""
    handler, sqs, url = worker_for(bound()), aws.sqs(), settings.queue_url(queue)
    while True:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=1, MessageSystemAttributeNames=["ApproximateReceiveCount"]
        )
        for message in answer.get("Messages", []):
            record = {"messageId": message["MessageId"], "body": message["Body"], "attributes": message["Attributes"]}
            event: dict[str, Any] = {"Records": [record]}
            if not handler(event, lambda_context(60))["batchItemFailures"]:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if not answer.get("Messages"):
            time.sleep(0.05)


def sweep() -> None:
    bound()
    while True:
        sweeper.handler({}, lambda_context(60))
        time.sleep(1)


def tick(name: str, first: str, count: str, begin: str) -> None:
    """Is told `count` minutes from `first` on, one each 0.3 s from the moment `begin`."""
    bound()
    for number in range(int(count)):
        time.sleep(max(0.0, float(begin) + number * 0.3 - time.time()))
        with transaction() as session:
            scheduler.tick(session, find(name), datetime.fromisoformat(first) + timedelta(minutes=number))


def main(kind: str, *options: str) -> None:
    match kind:
        case "work":
            work(*options)
        case "sweep":
            sweep()
        case "tick":
            tick(*options)


if __name__ == "__main__":
    main(*sys.argv[1:])
