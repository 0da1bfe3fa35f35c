"""Reads what one socket missed and hands it to PushDeliver, in the user's own order."""

import json
from typing import Any

from bai import push_queue, telemetry
from bai.db import transaction
from push import service


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    failures = []
    for record in event["Records"]:
        try:
            _replay(json.loads(record["body"]))
        except Exception:
            telemetry.logger().exception("replay goes back to the queue", message_id=record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _replay(asked: dict[str, Any]) -> None:
    telemetry.set_correlation_id(str(asked.get("correlation_id", "")))
    user_id, after = str(asked["user_id"]), asked["after"]
    with transaction() as session:
        missed = service.read_missed(session, user_id, after)
    too_old = missed.too_old or missed.more
    start = {
        "kind": "start",
        "user_id": user_id,
        "connection_id": asked["connection_id"],
        "newest": missed.newest,
        "after": after,  # as it was asked, for a socket that is not open yet and is asked for again
        "from": missed.newest if after is None or too_old else after,
        "ready": asked["ready"],
        "snapshot_required": too_old,
    }
    fill = {"kind": "fill", "user_id": user_id, "connection_id": asked["connection_id"]}
    parts = [] if too_old else push_queue.in_parts(missed.events, fill)
    opening = [start] if asked["ready"] or too_old else []
    push_queue.send([*opening, *parts])
