"""Posts frames to sockets, in order, each once. Stays outside the VPC and so without the database.

The queue hands a user's messages over one batch at a time. Before events are posted, the socket's `sent` is moved past
them; when a delivery dies in between, its redelivery can't know what arrived, so it cuts the socket: the client comes
back with the last number it saw and gets exactly what it lacks.
"""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from typing import Any

from bai import aws, settings, telemetry
from bai.fifo import fifo_batch
from push import connections
from push.connections import Connection
from push.replays import ask_replay

# A socket is only open to posts once $connect has answered; until then API Gateway says 410.
_OPENING_SECONDS = 10
_AT_ONCE = 8  # of a user's 20 sockets; boto3 holds ten connections


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    failures: list[dict[str, str]] = []
    with fifo_batch(event["Records"], failures) as records:
        for record in records:
            retried = int(record["attributes"].get("ApproximateReceiveCount", "1")) > 1
            _deliver(json.loads(record["body"]), retried=retried)
    if failures:
        _come_back_soon(event["Records"], failures)
    return {"batchItemFailures": failures}


def _deliver(message: dict[str, Any], *, retried: bool) -> None:
    kind = message["kind"]
    telemetry.set_correlation_id(str(message.get("correlation_id", "")))
    if kind == "frame":
        _post(message["user_id"], message["connection_id"], message["frame"])
        return
    if kind == "cut":
        _cut_socket(message["user_id"], message["connection_id"])
        return
    wanted = message.get("connection_id")
    sockets = [one for one in connections.of_user(message["user_id"]) if wanted in (None, one.connection_id)]
    if len(sockets) == 1:
        _deliver_to(sockets[0], message, retried=retried)
        return
    # Each socket costs two calls that wait on the network; all are done before the user's next message begins.
    running = [_threads().submit(_deliver_to, one, message, retried=retried) for one in sockets]
    wait(running)
    for outcome in running:
        outcome.result()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE)


def _deliver_to(connection: Connection, message: dict[str, Any], *, retried: bool) -> None:
    match message["kind"]:
        case "events" | "fill":
            _hand_over(connection, message["events"], retried=retried)
        case "head":
            if connection.sent is not None and connection.sent < message["seq"]:
                _ask(connection, connection.sent, again=True)
        case "start":
            _start(connection, message, retried=retried)


def _hand_over(connection: Connection, events: Sequence[dict[str, Any]], *, retried: bool) -> None:
    if connection.sent is None:
        # When it can't be noted the row is gone: one user's deliveries take turns, so nobody made it ready meanwhile.
        connections.note_newest(connection, events[-1]["seq"])
        return
    if retried:
        # Messages of one batch may carry numbers out of order, so no number tells what the earlier delivery posted.
        _cut(connection)
        return
    new = [event for event in events if event["seq"] > connection.sent]
    if not new:
        return
    if new[0]["seq"] > connection.sent + 1:
        _ask(connection, connection.sent)
        return
    if connections.advance(connection, new[-1]["seq"]):
        _post_all(connection, new)
        numbers = {"first": new[0]["seq"], "last": new[-1]["seq"]}
        telemetry.logger().info("delivered", connection_id=connection.connection_id, **numbers)


def _start(connection: Connection, message: dict[str, Any], *, retried: bool) -> None:
    if retried and connection.sent is not None:
        _cut(connection)
        return
    if connection.sent is not None and message["from"] > connection.sent and not message["snapshot_required"]:
        return  # the stream has begun already; a doubled request must not jump over what was not posted yet
    frames: list[dict[str, Any]] = [{"type": "ready", "seq": message["newest"]}] if message["ready"] else []
    if message["snapshot_required"]:
        frames.append({"type": "snapshot_required", "seq": message["newest"]})
    opening = connection.sent is None and time.time() - connection.connected_at < _OPENING_SECONDS
    for frame in frames:
        if not _post(connection.user_id, connection.connection_id, frame, keep=opening):
            if opening:
                ask_replay(connection.user_id, connection.connection_id, message.get("after"), ready=True, delay=1)
            return
    if connections.advance(connection, message["from"], rewind=True) and connection.newest > message["newest"]:
        _ask(connection, message["from"])


def _ask(connection: Connection, after: int, *, again: bool = False) -> None:
    """Asks for what is missing after a number, once per hole."""
    if connection.asked == after and not again:
        return
    connections.note_asked(connection, after)
    ask_replay(connection.user_id, connection.connection_id, after, ready=False)


def _post_all(connection: Connection, events: Sequence[dict[str, Any]]) -> None:
    for event in events:
        if not _post(connection.user_id, connection.connection_id, {"type": "event", **event}):
            return


def _post(user_id: str, connection_id: str, frame: dict[str, Any], *, keep: bool = False) -> bool:
    """False when the socket is gone (its row then goes too, unless it is to be kept) or had to be cut."""
    client = aws.connections(settings.realtime().endpoint)
    try:
        client.post_to_connection(ConnectionId=connection_id, Data=json.dumps(frame, separators=(",", ":")).encode())
        return True
    except client.exceptions.GoneException:
        if not keep:
            connections.remove(user_id, connection_id)
    except Exception:  # one broken socket must not hold up the user's others; it resumes where it was
        telemetry.logger().exception("post failed; socket cut", connection_id=connection_id)
        _cut_socket(user_id, connection_id)
    return False


def _cut(connection: Connection) -> None:
    telemetry.count("SocketCutInDoubt")
    _cut_socket(connection.user_id, connection.connection_id)


def _cut_socket(user_id: str, connection_id: str) -> None:
    client = aws.connections(settings.realtime().endpoint)
    try:
        client.delete_connection(ConnectionId=connection_id)
    except client.exceptions.GoneException:
        pass
    connections.remove(user_id, connection_id)


def _come_back_soon(records: Sequence[dict[str, Any]], failures: Sequence[dict[str, str]]) -> None:
    """The user's stream stands still while these are hidden, so they are shown again after a second, not a minute."""
    failed = {failure["itemIdentifier"] for failure in failures}
    entries: list[Any] = [
        {"Id": str(n), "ReceiptHandle": record["receiptHandle"], "VisibilityTimeout": 1}
        for n, record in enumerate(records)
        if record["messageId"] in failed
    ]
    try:
        aws.sqs().change_message_visibility_batch(QueueUrl=settings.queue_url("push"), Entries=entries)
    except Exception:
        telemetry.logger().exception("visibility not shortened; the queue's own time-out applies")
