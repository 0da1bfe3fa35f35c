"""How a replay is asked for: a message to PushReplay, which has the database that PushDeliver has not."""

import json

from bai import aws, settings, telemetry


def ask_replay(user_id: str, connection_id: str, after: int | None, *, ready: bool, delay: int = 0) -> None:
    """Asks for everything after number `after` (None: nothing, only the present number) for one socket.

    `ready` starts the stream (first) with a ready frame; without it the events just fill a hole.
    """
    asked = {"user_id": user_id, "connection_id": connection_id, "after": after, "ready": ready}
    body = {**asked, "correlation_id": telemetry.correlation_id()}
    aws.sqs().send_message(
        QueueUrl=settings.realtime().replay_queue_url, MessageBody=json.dumps(body), DelaySeconds=delay
    )
