"""Open sockets in DynamoDB: whose they are and the last event number handed to each.

`sent` is absent until the socket got its `ready`; `newest` is what passed by until then; `asked` is the number after
which a replay was asked for, so that one gap asks once.
"""

import time
from dataclasses import dataclass
from typing import Any

from bai import aws, settings

LIFE_SECONDS = 7_200  # API Gateway cuts a socket after two hours
MAX_PER_USER = 20


@dataclass(slots=True)
class Connection:
    user_id: str
    connection_id: str
    connected_at: float
    sent: int | None
    newest: int
    asked: int


def _key(user_id: str, connection_id: str) -> dict[str, Any]:
    return {"user_id": {"S": user_id}, "connection_id": {"S": connection_id}}


def _table() -> str:
    return settings.realtime().connections_table


def add(user_id: str, connection_id: str) -> None:
    now = time.time()
    fields = {"connected_at": {"N": f"{now:.3f}"}, "expires_at": {"N": str(int(now) + LIFE_SECONDS + 300)}}
    aws.dynamodb().put_item(TableName=_table(), Item={**_key(user_id, connection_id), **fields})


def remove(user_id: str, connection_id: str) -> None:
    aws.dynamodb().delete_item(TableName=_table(), Key=_key(user_id, connection_id))


def of_user(user_id: str) -> list[Connection]:
    """The user's sockets, read consistently: one that was just made ready must not look as if it were not."""
    answer = aws.dynamodb().query(
        TableName=_table(),
        KeyConditionExpression="user_id = :user",
        ExpressionAttributeValues={":user": {"S": user_id}},
        ConsistentRead=True,
        Limit=MAX_PER_USER * 5,
    )
    return [_read(item) for item in answer["Items"]]


def _read(item: dict[str, Any]) -> Connection:
    def number(name: str, default: int) -> int:
        return int(item[name]["N"]) if name in item else default

    return Connection(
        user_id=item["user_id"]["S"],
        connection_id=item["connection_id"]["S"],
        connected_at=float(item["connected_at"]["N"]),
        sent=int(item["sent"]["N"]) if "sent" in item else None,
        newest=number("newest", 0),
        asked=number("asked", -1),
    )


def advance(connection: Connection, sent: int, *, rewind: bool = False) -> bool:
    """Moves `sent` on before anything is posted; False when somebody else moved it or the socket is gone.

    Written first, so that a delivery that died half-way is seen by its redelivery (see push.deliver).
    """
    before = connection.sent
    condition, values = "attribute_exists(user_id)", {":sent": {"N": str(sent)}}
    if not rewind:
        condition += " AND sent = :before" if before is not None else " AND attribute_not_exists(sent)"
        if before is not None:
            values[":before"] = {"N": str(before)}
    moved = _update(connection, "SET sent = :sent REMOVE asked", condition, values)
    if moved:
        connection.sent, connection.asked = sent, -1
    return moved


def note_newest(connection: Connection, seq: int) -> bool:
    """Remembers the highest number that passed by before `ready`; False when it is known, or the socket ready by now."""
    values = {":seq": {"N": str(seq)}}
    higher = "(attribute_not_exists(newest) OR newest < :seq)"
    condition = f"attribute_exists(user_id) AND attribute_not_exists(sent) AND {higher}"
    return _update(connection, "SET newest = :seq", condition, values)


def note_asked(connection: Connection, after: int) -> None:
    _update(connection, "SET asked = :after", "attribute_exists(user_id)", {":after": {"N": str(after)}})


def _update(connection: Connection, change: str, condition: str, values: dict[str, Any]) -> bool:
    client = aws.dynamodb()
    try:
        client.update_item(
            TableName=_table(),
            Key=_key(connection.user_id, connection.connection_id),
            UpdateExpression=change,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True
