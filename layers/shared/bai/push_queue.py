"""The queue to PushDeliver: frames in the user's own order, cut to what SQS carries. Knows no database.

Apart from bai.push so that the socket functions, which a reconnecting crowd waits for, start without it.
"""

import json
from collections.abc import Sequence
from typing import Any

from bai import aws, settings, telemetry
from bai.ids import new_id

_MAX_MESSAGE_BYTES = 200_000  # of SQS' 256 KB, for what escaping and the envelope add


def in_parts(rows: Sequence[dict[str, Any]], envelope: dict[str, Any]) -> list[dict[str, Any]]:
    """Splits events over as many messages as SQS' size limit asks for, in order."""
    parts: list[dict[str, Any]] = []
    size = _MAX_MESSAGE_BYTES
    for row in rows:
        row_size = len(json.dumps(row))
        if size + row_size > _MAX_MESSAGE_BYTES:
            parts.append({**envelope, "events": []})
            size = 0
        parts[-1]["events"].append(row)
        size += row_size
    return parts


def send(messages: Sequence[dict[str, Any]]) -> None:
    """Hands messages to PushDeliver, in order per user. Raises RuntimeError naming how many SQS refused."""
    correlation_id = telemetry.correlation_id()
    entries: list[Any] = [
        {
            "Id": str(n),
            "MessageBody": json.dumps({**message, "correlation_id": correlation_id}, separators=(",", ":")),
            "MessageGroupId": message["user_id"],
            "MessageDeduplicationId": new_id(),
        }
        for n, message in enumerate(messages)
    ]
    refused: list[str] = []
    for batch in _batches(entries):
        refused += aws.send_messages(settings.queue_url("push"), batch)
    if refused:
        raise RuntimeError(f"SQS refused {len(refused)} of {len(entries)} push messages")


def _batches(entries: list[Any]) -> list[list[Any]]:
    """SQS bounds a whole batch by the same 256 KB as one message."""
    batches: list[list[Any]] = []
    size = _MAX_MESSAGE_BYTES
    for entry in entries:
        length = len(entry["MessageBody"])
        if size + length > _MAX_MESSAGE_BYTES or len(batches[-1]) == 10:
            batches.append([])
            size = 0
        batches[-1].append(entry)
        size += length
    return batches
