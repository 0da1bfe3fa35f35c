"""The WebSocket API's own events: connect, disconnect, and what clients say.

Never posts to a socket itself (its own API's address would make the template circular): frames go through the push queue.
"""

import json
import time
from typing import Any

from bai import push_queue, telemetry
from push import connections
from push.replays import ask_replay

_RECONNECT_AFTER_SECONDS = 6_600  # ten minutes before API Gateway's cut
_MAX_SEQ = 2**53


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    about = event["requestContext"]
    telemetry.set_correlation_id(str(about.get("requestId", "")))
    match about["eventType"]:
        case "CONNECT":
            return _connect(event, about)
        case "DISCONNECT":
            connections.remove(about["authorizer"]["user_id"], about["connectionId"])
        case _:
            _message(event, about)
    return {"statusCode": 200}


def _connect(event: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    user_id, connection_id = about["authorizer"]["user_id"], about["connectionId"]
    given = (event.get("queryStringParameters") or {}).get("last_seq")
    after = _seq(given) if given is not None else None
    if given is not None and after is None:
        return {"statusCode": 400}
    _make_room(user_id)
    connections.add(user_id, connection_id)
    ask_replay(user_id, connection_id, after, ready=True)
    return {"statusCode": 200}


def _make_room(user_id: str) -> None:
    """The newest sockets win: a row whose $disconnect never came (API Gateway promises none) must not lock a user out."""
    held = sorted(connections.of_user(user_id), key=lambda connection: connection.connected_at)
    for oldest in held[: max(0, len(held) - connections.MAX_PER_USER + 1)]:
        telemetry.logger().info("oldest socket gives way", connection_id=oldest.connection_id)
        connections.remove(user_id, oldest.connection_id)
        push_queue.send([{"kind": "cut", "user_id": user_id, "connection_id": oldest.connection_id}])


def _message(event: dict[str, Any], about: dict[str, Any]) -> None:
    user_id, connection_id = about["authorizer"]["user_id"], about["connectionId"]
    try:
        said = json.loads(event.get("body") or "")
        action = said.get("action") if isinstance(said, dict) else None
    except (ValueError, RecursionError):
        said, action = {}, None
    if action == "ping":
        _answer(user_id, connection_id, {"type": "pong"})
        age = time.time() - about["connectedAt"] / 1000
        if age > _RECONNECT_AFTER_SECONDS:
            left = max(int(connections.LIFE_SECONDS - age) - 30, 1)
            _answer(user_id, connection_id, {"type": "reconnect", "within_s": left})
    elif action == "resume" and (after := _seq(said.get("last_seq"))) is not None:
        ask_replay(user_id, connection_id, after, ready=True)
    else:
        detail = 'Send {"action":"ping"} or {"action":"resume","last_seq":n}.'
        _answer(user_id, connection_id, {"type": "error", "code": "unknown_action", "detail": detail})


def _answer(user_id: str, connection_id: str, frame: dict[str, Any]) -> None:
    push_queue.send([{"kind": "frame", "user_id": user_id, "connection_id": connection_id, "frame": frame}])


def _seq(value: Any) -> int | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= _MAX_SEQ else None
