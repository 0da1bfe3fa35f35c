"""SQS as it really is: hidden while in flight, back when not deleted, sometimes twice, in no order; FIFO for the push queue.

Fair queues by MessageGroupId as AWS describes them: while one group holds most of what is in flight, messages of quiet
groups go first. Knows nothing of what a message means.
"""

from __future__ import annotations

import random
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.sim.clock import Clock


@dataclass(slots=True)
class Message:
    id: str
    body: str
    group: str
    number: int
    visible_at: float
    received: int = 0
    receipt: str = ""


@dataclass
class Queue:
    """A standard queue. `order` is what it promises: nothing ("any"), sending order ("sent") or "fair"."""

    name: str
    clock: Clock
    visibility: float
    max_receive: int = 5
    fifo: bool = False
    order: str = "any"
    dead: Queue | None = None
    waiting: OrderedDict[str, Message] = field(default_factory=OrderedDict)
    flying: dict[str, Message] = field(default_factory=dict)
    sent: int = 0
    poisoned: int = 0
    _fair: dict[str, OrderedDict[str, Message]] = field(default_factory=dict)
    _in_flight: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def send(self, body: str, *, delay: float = 0, group: str = "") -> Message:
        self.sent += 1
        message = Message(f"{self.name}-{self.sent}", body, group, self.sent, self.clock.time() + delay)
        self._put_back(message)
        return message

    def _put_back(self, message: Message) -> None:
        if self.order == "fair":
            self._fair.setdefault(message.group, OrderedDict())[message.id] = message
        else:
            self.waiting[message.id] = message

    def _come_back(self) -> None:
        now = self.clock.time()
        for message in [m for m in self.flying.values() if m.visible_at <= now]:
            del self.flying[message.id]
            self._in_flight[message.group] -= 1
            if message.received >= self.max_receive:
                self.poisoned += 1
                if self.dead is not None:
                    self.dead.send(message.body, group=message.group)
            else:
                self._put_back(message)

    def visible(self) -> list[Message]:
        self._come_back()
        now = self.clock.time()
        ready = [message for message in self.waiting.values() if message.visible_at <= now]
        if not self.fifo:
            return ready
        held = {message.group for message in self.flying.values()}
        return sorted((m for m in ready if m.group not in held), key=lambda message: message.number)

    def receive(self, most: int, rng: random.Random) -> list[Message]:
        if self.order == "fair":
            return self._receive_fairly(most)
        ready = self.visible()
        if not ready:
            return []
        if self.fifo:
            taken = [message for message in ready if message.group == ready[0].group][:most]
        elif self.order == "any":
            taken = rng.sample(ready, min(most, len(ready)))
        else:
            taken = ready[:most]
        for message in taken:
            self._fly(message)
        return taken

    def take_first(self, most: int) -> list[Message]:
        """In sending order, for long backlogs where nothing is delayed."""
        taken: list[Message] = []
        while self.waiting and len(taken) < most:
            message = next(iter(self.waiting.values()))
            self._fly(message)
            taken.append(message)
        return taken

    def _receive_fairly(self, most: int) -> list[Message]:
        """The group with the least in flight goes first."""
        self._come_back()
        taken: list[Message] = []
        while self._fair and len(taken) < most:
            group = min(
                self._fair, key=lambda name: (self._in_flight[name], next(iter(self._fair[name].values())).number)
            )
            message = next(iter(self._fair[group].values()))
            del self._fair[group][message.id]
            if not self._fair[group]:
                del self._fair[group]
            self._fly(message)
            taken.append(message)
        return taken

    def _fly(self, message: Message) -> None:
        self.waiting.pop(message.id, None)
        message.received += 1
        message.visible_at = self.clock.time() + self.visibility
        message.receipt = f"{message.id}/{message.received}"
        self.flying[message.id] = message
        self._in_flight[message.group] += 1

    def delete(self, message: Message, receipt: str) -> None:
        """Also works while another receiver has it, as a standard queue does; a FIFO queue wants the last receipt."""
        if self.fifo and message.receipt != receipt:
            return
        if self.flying.pop(message.id, None) is not None:
            self._in_flight[message.group] -= 1
        self.waiting.pop(message.id, None)

    def show_again_at(self, receipt: str, seconds: float) -> None:
        for message in self.flying.values():
            if message.receipt == receipt:
                message.visible_at = self.clock.time() + seconds

    def give_back(self, message: Message) -> None:
        """A copy comes while the first is still worked on: standard queues promise at least once."""
        if message.id in self.flying:
            message.visible_at = self.clock.time()

    def next_visible(self) -> float:
        """The next moment at which something shows that does not show now."""
        now = self.clock.time()
        hidden = (*self.waiting.values(), *self.flying.values())
        return min((m.visible_at for m in hidden if m.visible_at > now), default=float("inf"))

    def __len__(self) -> int:
        return len(self.waiting) + len(self.flying) + sum(len(group) for group in self._fair.values())

    def clear(self) -> None:
        self.waiting.clear()
        self.flying.clear()
        self._fair.clear()
        self._in_flight.clear()


def record(message: Message) -> dict[str, Any]:
    """As an event source mapping hands it over."""
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": {"ApproximateReceiveCount": str(message.received), "MessageGroupId": message.group},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:{message.id.rpartition('-')[0]}",
        "awsRegion": "us-east-1",
    }


class Sqs:
    """The client's side: what bai.aws.sqs() gives out."""

    def __init__(self, queues: Sequence[Queue], call: Any) -> None:
        self.by_url = {url_of(queue.name): queue for queue in queues}
        self._call = call

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        def send() -> dict[str, Any]:
            queue = self.by_url[QueueUrl]
            for entry in Entries:
                queue.send(
                    entry["MessageBody"], delay=entry.get("DelaySeconds", 0), group=entry.get("MessageGroupId", "")
                )
            return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

        answer: dict[str, Any] = self._call(
            "sqs", f"send {len(Entries)} to {self.by_url[QueueUrl].name} {Entries[0]['MessageBody'][:70]}", send
        )
        return answer

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0, **more: Any) -> dict[str, Any]:  # noqa: N803
        queue = self.by_url[QueueUrl]

        def send() -> dict[str, Any]:
            made = queue.send(MessageBody, delay=DelaySeconds, group=more.get("MessageGroupId", ""))
            return {"MessageId": made.id}

        answer: dict[str, Any] = self._call("sqs", f"send to {queue.name} {MessageBody[:70]}", send)
        return answer

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        def change() -> dict[str, Any]:
            for entry in Entries:
                self.by_url[QueueUrl].show_again_at(entry["ReceiptHandle"], entry["VisibilityTimeout"])
            return {"Successful": [], "Failed": []}

        answer: dict[str, Any] = self._call("sqs", "change visibility", change)
        return answer


def url_of(name: str) -> str:
    return f"https://sqs.simulated/123456789012/{name}"
