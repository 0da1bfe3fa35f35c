"""DynamoDB and the sockets as far as the push functions know them, and a client that checks every number it is handed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

Call = Callable[[str, str, Callable[[], Any]], Any]


class NotSimulated(BaseException):
    """The suite asks a fake for what it can't do: an end to the run, whoever catches errors."""


class ConditionalCheckFailed(Exception):
    """DynamoDB's ConditionalCheckFailedException."""


class Gone(Exception):
    """The socket is closed: HTTP 410."""


class Dynamo:
    """One table with user_id and connection_id as its key; expressions as push.connections writes them."""

    exceptions = SimpleNamespace(ConditionalCheckFailedException=ConditionalCheckFailed)

    def __init__(self, call: Call) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self._call = call

    @staticmethod
    def _key(given: dict[str, Any]) -> tuple[str, str]:
        return given["user_id"]["S"], given["connection_id"]["S"]

    def put_item(self, *, TableName: str, Item: dict[str, Any]) -> None:  # noqa: N803
        self._call("dynamodb", "put", lambda: self.items.__setitem__(self._key(Item), dict(Item)))

    def delete_item(self, *, TableName: str, Key: dict[str, Any]) -> None:  # noqa: N803
        self._call("dynamodb", "delete", lambda: self.items.pop(self._key(Key), None))

    def query(self, **given: Any) -> dict[str, Any]:
        user = given["ExpressionAttributeValues"][":user"]["S"]

        def read() -> dict[str, Any]:
            return {"Items": [dict(item) for (owner, _), item in self.items.items() if owner == user]}

        answer: dict[str, Any] = self._call("dynamodb", "query", read)
        return answer

    def update_item(self, **given: Any) -> None:
        def update() -> None:
            key, values = self._key(given["Key"]), given["ExpressionAttributeValues"]
            item = self.items.get(key)
            for condition in given["ConditionExpression"].split(" AND "):
                if not _holds(condition.strip(), item or {}, values):
                    raise ConditionalCheckFailed
            changed = dict(item or given["Key"])
            sets, _, removed = given["UpdateExpression"].removeprefix("SET ").partition(" REMOVE ")
            for part in sets.split(","):
                name, _, value = part.partition("=")
                changed[name.strip()] = values[value.strip()]
            for name in removed.split(","):
                changed.pop(name.strip(), None)
            self.items[key] = changed

        self._call(
            "dynamodb",
            f"update {given['Key']['connection_id']['S']} {given['UpdateExpression']} {given['ExpressionAttributeValues']}",
            update,
        )


def _holds(condition: str, item: dict[str, Any], values: dict[str, Any]) -> bool:
    """A condition without NOT; what it can't read ends the simulation rather than look like a failed call."""
    if found := re.fullmatch(r"\((.+)\)", condition):
        return any(_holds(part.strip(), item, values) for part in found[1].split(" OR "))
    if found := re.fullmatch(r"attribute_exists\((\w+)\)", condition):
        return found[1] in item
    if found := re.fullmatch(r"attribute_not_exists\((\w+)\)", condition):
        return found[1] not in item
    if found := re.fullmatch(r"(\w+) (=|<) (:\w+)", condition):
        name, sign, value = found.groups()
        if sign == "=":
            return bool(item.get(name) == values[value])
        return name in item and int(item[name]["N"]) < int(values[value]["N"])
    raise NotSimulated(condition)


@dataclass(eq=False)
class Client:
    """A user's open screen: takes numbers in order, notes any other, comes back with the last one when it is cut off."""

    user_id: str
    last: int | None = None
    ready: bool = False
    connection_id: str | None = None
    opened: int = 0
    connecting: bool = False
    faults: list[str] = field(default_factory=list)
    again: bool = False
    repeats: int = 0
    patient_until: float = 0.0

    def take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "ready":
                self.ready, self.again = True, True
                if self.last is None:
                    self.last = frame["seq"]
            case "snapshot_required":
                self.last = frame["seq"]
            case "event":
                if not self.ready:
                    self.faults.append(f"event {frame['seq']} before ready")
                if self.last is not None and frame["seq"] <= self.last and self.again:
                    self.repeats += 1  # a resume that was answered twice: the console drops these too
                    return
                self.again = False
                if self.last is None or frame["seq"] != self.last + 1:
                    self.faults.append(f"event {frame['seq']} after {self.last}")
                self.last = frame["seq"]

    def cut(self) -> None:
        self.connection_id, self.ready = None, False


class Sockets:
    """API Gateway's @connections API and what it knows to be open."""

    exceptions = SimpleNamespace(GoneException=Gone)

    def __init__(self, call: Call) -> None:
        self.clients: list[Client] = []
        self._call = call

    def _open(self, connection_id: str) -> Client | None:
        return next((one for one in self.clients if one.connection_id == connection_id), None)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        def post() -> None:
            client = self._open(ConnectionId)
            if client is None:
                raise Gone
            client.take(json.loads(Data))

        self._call("socket", f"post {ConnectionId} {Data[:60]!r}", post)

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803
        def close() -> None:
            client = self._open(ConnectionId)
            if client is None:
                raise Gone
            client.cut()

        self._call("socket", "cut", close)
