"""SQS event sources: polls a queue, invokes the function with a batch and deletes what succeeded, as Lambda does.

One batch at a time per message group of a FIFO queue is the emulator's doing: it gives out nothing of a group that has
a message in flight. A poller looks when the AWS front saw a message pass, when a batch ended, and once a second for
what became visible.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Coroutine
from typing import Any

import aiohttp

from local.aws import Aws, AwsError
from local.functions import Functions, PayloadTooLarge, Throttled
from local.runtime_api import Outcome
from local.shapes import REGION, EventSource

TICK = 1.0
# Without MaximumConcurrency Lambda scales on and on; here the function's own limit is what bounds it.
DEFAULT_CONCURRENCY = 10
logger = logging.getLogger(__name__)
Message = dict[str, Any]


class Poller:
    def __init__(self, source: EventSource, queue_url: str, aws: Aws, functions: Functions) -> None:
        self.source = source
        self.queue_url = queue_url
        self.aws = aws
        self.functions = functions
        limit = functions.pools[source.function].limit
        self.slots = min(source.maximum_concurrency or DEFAULT_CONCURRENCY, max(limit, 1))
        self.woken = asyncio.Event()
        self.running: set[asyncio.Task[None]] = set()
        self.task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        self.woken.set()

    def start(self) -> None:
        self.task = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        for task in [self.task, *self.running]:
            if task is not None:
                task.cancel()

    async def _poll(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), TICK)
            self.woken.clear()
            try:
                while len(self.running) < self.slots:
                    batch = await self._gather_batch()
                    if not batch:
                        break
                    self._run(self._work(batch))
            except (AwsError, aiohttp.ClientError, OSError) as error:
                logger.warning("%s: cannot receive: %s", self.source.function, error)
                await asyncio.sleep(TICK)

    async def _gather_batch(self) -> list[Message]:
        """Up to a full batch, waiting as long as the batching window for it."""
        batch = await self._receive(self.source.batch_size)
        until = time.monotonic() + self.source.window
        while batch and self.source.window and len(batch) < self.source.batch_size:
            left = until - time.monotonic()
            if left <= 0:
                break
            self.woken.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), min(left, 0.1))
            batch += await self._receive(self.source.batch_size - len(batch))
        return batch

    async def _receive(self, wanted: int) -> list[Message]:
        answer = await self.aws.call(
            "sqs",
            "ReceiveMessage",
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=min(wanted, 10),
            WaitTimeSeconds=0,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    async def _work(self, batch: list[Message]) -> None:
        event = json.dumps({"Records": [self._record(message) for message in batch]}).encode()
        try:
            outcome = await self.functions.invoke(self.source.function, event)
        except (Throttled, PayloadTooLarge) as error:
            outcome = Outcome.failed(type(error).__name__, "the function could not be invoked")
        failed = failures(outcome, {message["MessageId"] for message in batch}, self.source.reports_failures)
        if failed is not None:
            await self._delete([message for message in batch if message["MessageId"] not in failed])

    async def _delete(self, done: list[Message]) -> None:
        for start in range(0, len(done), 10):
            entries = [
                {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                for index, message in enumerate(done[start : start + 10])
            ]
            try:
                await self.aws.call("sqs", "DeleteMessageBatch", QueueUrl=self.queue_url, Entries=entries)
            except (AwsError, aiohttp.ClientError, OSError) as error:
                logger.warning("%s: cannot delete, they will come again: %s", self.source.function, error)

    def _record(self, message: Message) -> dict[str, Any]:
        attributes = {}
        for name, given in message.get("MessageAttributes", {}).items():
            attributes[name] = {
                "stringValue": given.get("StringValue"),
                "binaryValue": given.get("BinaryValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": given["DataType"],
            }
            attributes[name] = {key: value for key, value in attributes[name].items() if value is not None}
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": attributes,
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.source.queue_arn,
            "awsRegion": REGION,
        }
        if "MD5OfMessageAttributes" in message:
            record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
        return record

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("%s: %r", self.source.function, task.exception())
        self.wake()


def failures(outcome: Outcome, ids: set[str], reports: bool) -> set[str] | None:
    """Which messages stay in the queue; None for all of them.

    With ReportBatchItemFailures, as AWS has it: null, {} and an empty or null list mean that all succeeded; an answer
    that is not JSON or not an object, or an itemIdentifier that is missing, empty or not of this batch, means that
    all failed.
    """
    if outcome.error:
        return None
    if not reports:
        return set()
    try:
        answer = json.loads(outcome.payload)
    except ValueError:
        return None
    reported = answer.get("batchItemFailures") if isinstance(answer, dict) else answer
    if reported is None:
        return set()
    if not isinstance(answer, dict) or not isinstance(reported, list):
        return None
    failed = set()
    for item in reported:
        identifier = item.get("itemIdentifier") if isinstance(item, dict) else None
        if not isinstance(identifier, str) or identifier not in ids:
            return None
        failed.add(identifier)
    return failed
