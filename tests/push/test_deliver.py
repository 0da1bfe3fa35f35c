"""Delivery to sockets against a WebSocket API with a memory: in order, each once, holes filled, doubt cut."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest

from bai import auth, aws, db, push, settings
from push import connections, deliver, replay, sockets
from tests.builders import Worker, lambda_context, sqs_event


class Gateway(http.server.BaseHTTPRequestHandler):
    """The @connections API over HTTP as boto3 calls it; remembers every frame per socket."""

    frames: ClassVar[dict[str, list[dict[str, Any]]]] = {}
    fail: ClassVar[set[str]] = set()

    def _socket(self) -> str:
        return unquote(self.path.rsplit("/", 1)[1])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        socket = self._socket()
        if socket in Gateway.fail:
            self._answer(500)
        elif socket not in Gateway.frames:
            self._answer(410)
        else:
            Gateway.frames[socket].append(json.loads(body))
            self._answer(200)

    def do_DELETE(self) -> None:
        self._answer(204 if Gateway.frames.pop(self._socket(), None) is not None else 410)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 410:
            self.send_header("x-amzn-ErrorType", "GoneException")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def gateway(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Gateway]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Gateway.frames, Gateway.fail = {}, set()
    monkeypatch.setenv("REALTIME_ENDPOINT", f"http://127.0.0.1:{server.server_port}/live")
    settings.forget()
    yield Gateway
    server.shutdown()


def told(caller: auth.Caller, *names: str) -> None:
    for name in names:
        with db.transaction() as session:
            push.tell(session, caller.id, "thing.happened", {"name": name})


def connect(caller: auth.Caller, socket: str, last_seq: int | None = None) -> dict[str, Any]:
    Gateway.frames[socket] = []
    query = {"ticket": "t"} | ({} if last_seq is None else {"last_seq": str(last_seq)})
    event = {"requestContext": about(caller, socket, "CONNECT"), "queryStringParameters": query}
    return sockets.handler(event, lambda_context())


def about(caller: auth.Caller, socket: str, event_type: str) -> dict[str, Any]:
    authorizer = {"user_id": caller.id}
    at = int(time.time() * 1000)
    return {"eventType": event_type, "connectionId": socket, "authorizer": authorizer, "connectedAt": at}


def say(caller: auth.Caller, socket: str, body: str) -> None:
    sockets.handler({"requestContext": about(caller, socket, "MESSAGE"), "body": body}, lambda_context())


def flow(worker: Worker) -> None:
    """Lets the replay and the push queue run until both are empty."""
    while True:
        asked, pushed = worker.take("ReplayQueue"), worker.take("PushQueue")
        if not asked and not pushed:
            return
        if asked:
            assert replay.handler(sqs_event(*asked), lambda_context()) == {"batchItemFailures": []}
        if pushed:
            assert deliver.handler(sqs_event(*pushed), lambda_context()) == {"batchItemFailures": []}


def seen(socket: str) -> list[Any]:
    return [frame["seq"] if frame["type"] == "event" else frame["type"] for frame in Gateway.frames[socket]]


def test_a_new_socket_gets_ready_with_the_newest_number_and_then_events(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    told(caller, "a", "b")
    worker.take("PushQueue")
    assert connect(caller, "s1") == {"statusCode": 200}
    flow(worker)
    assert Gateway.frames["s1"] == [{"type": "ready", "seq": 2}]
    told(caller, "c", "d")
    flow(worker)
    assert seen("s1") == ["ready", 3, 4]
    frame = Gateway.frames["s1"][1]
    assert (frame["event"], frame["data"]) == ("thing.happened", {"name": "c"})
    assert frame["at"].endswith("Z")


def test_a_socket_that_comes_back_gets_exactly_what_it_missed(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    told(caller, *"abcde")
    worker.take("PushQueue")
    connect(caller, "s1", last_seq=2)
    flow(worker)
    assert seen("s1") == ["ready", 3, 4, 5]


@pytest.mark.parametrize("last_seq", [7, 2**53])
def test_a_number_this_stream_never_gave_needs_a_snapshot(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker, last_seq: int
) -> None:
    told(caller, "a")
    worker.take("PushQueue")
    connect(caller, "s1", last_seq=last_seq)
    flow(worker)
    assert Gateway.frames["s1"] == [{"type": "ready", "seq": 1}, {"type": "snapshot_required", "seq": 1}]
    told(caller, "b")
    flow(worker)
    assert seen("s1")[2:] == [2]


def test_events_that_were_deleted_need_a_snapshot(gateway: type[Gateway], caller: auth.Caller, worker: Worker) -> None:
    from sqlalchemy import text

    told(caller, *"abc")
    with db.transaction() as session:
        session.execute(text("DELETE FROM events WHERE seq = 2"))
    worker.take("PushQueue")
    connect(caller, "s1", last_seq=1)
    flow(worker)
    assert seen("s1") == ["ready", "snapshot_required"]


def test_messages_that_overtook_each_other_arrive_in_order(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    connect(caller, "s1")
    flow(worker)
    told(caller, *"abcd")
    messages = worker.take("PushQueue")
    deliver.handler(sqs_event(*messages[::-1]), lambda_context())
    flow(worker)
    assert seen("s1") == ["ready", 1, 2, 3, 4]


def test_a_lost_message_is_made_good_by_the_next_event(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    connect(caller, "s1")
    flow(worker)
    told(caller, "lost")
    worker.take("PushQueue")
    told(caller, "next")
    flow(worker)
    assert seen("s1") == ["ready", 1, 2]


def test_a_lost_last_message_is_made_good_by_the_sweepers_head(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    connect(caller, "s1")
    flow(worker)
    told(caller, "lost")
    worker.take("PushQueue")
    with db.transaction() as session:
        push.tell_heads(session, [(caller.id, 1)])
    flow(worker)
    assert seen("s1") == ["ready", 1]
    with db.transaction() as session:
        push.tell_heads(session, [(caller.id, 1)])
    flow(worker)
    assert seen("s1") == ["ready", 1]


def test_events_before_ready_are_not_lost(gateway: type[Gateway], caller: auth.Caller, worker: Worker) -> None:
    connect(caller, "s1")
    asked = worker.take("ReplayQueue")
    replay.handler(sqs_event(*asked), lambda_context())
    start = worker.take("PushQueue")
    told(caller, "between")
    deliver.handler(sqs_event(*worker.take("PushQueue")), lambda_context())
    assert Gateway.frames["s1"] == []
    deliver.handler(sqs_event(*start), lambda_context())
    flow(worker)
    assert seen("s1") == ["ready", 1]


def test_a_redelivered_batch_in_doubt_cuts_the_socket_instead_of_repeating(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    connect(caller, "s1")
    flow(worker)
    told(caller, "a")
    message = worker.take("PushQueue")
    deliver.handler(sqs_event(*message), lambda_context())
    assert seen("s1") == ["ready", 1]
    deliver.handler(sqs_event(*message, receive_count=2), lambda_context())
    assert "s1" not in Gateway.frames
    assert connections.of_user(caller.id) == []


def test_the_same_message_twice_is_posted_once(gateway: type[Gateway], caller: auth.Caller, worker: Worker) -> None:
    connect(caller, "s1")
    flow(worker)
    told(caller, "a")
    message = worker.take("PushQueue")
    deliver.handler(sqs_event(*message, *message), lambda_context())
    assert seen("s1") == ["ready", 1]


def test_a_gone_socket_is_forgotten_and_a_broken_one_is_cut_without_holding_up_others(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    for socket in ("gone", "broken", "fine"):
        connect(caller, socket)
    flow(worker)
    del Gateway.frames["gone"]
    Gateway.fail.add("broken")
    told(caller, "a")
    flow(worker)
    assert seen("fine") == ["ready", 1]
    assert [found.connection_id for found in connections.of_user(caller.id)] == ["fine"]


def test_a_socket_that_is_not_open_yet_is_tried_again(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    connect(caller, "s1")
    del Gateway.frames["s1"]  # API Gateway says 410 until $connect has answered
    replay.handler(sqs_event(*worker.take("ReplayQueue")), lambda_context())
    deliver.handler(sqs_event(*worker.take("PushQueue")), lambda_context())
    assert len(connections.of_user(caller.id)) == 1
    Gateway.frames["s1"] = []
    time.sleep(1.1)
    flow(worker)
    assert Gateway.frames["s1"] == [{"type": "ready", "seq": 0}]


@pytest.mark.parametrize(
    ("said", "frame_type"),
    [
        ('{"action":"ping"}', "pong"),
        ("not json", "error"),
        ("[]", "error"),
        ('{"action":"nonsense"}', "error"),
        ('{"action":"resume"}', "error"),
        ('{"action":"resume","last_seq":-1}', "error"),
        ('{"action":"resume","last_seq":true}', "error"),
        ('{"action":"resume","last_seq":0}', "ready"),
    ],
)
def test_what_clients_say_is_answered(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker, said: str, frame_type: str
) -> None:
    connect(caller, "s1")
    flow(worker)
    say(caller, "s1", said)
    flow(worker)
    assert Gateway.frames["s1"][1]["type"] == frame_type


def test_a_disconnect_is_forgotten_and_a_twentyfirst_socket_takes_the_oldests_place(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    for n in range(connections.MAX_PER_USER):
        assert connect(caller, f"s{n}")["statusCode"] == 200
        time.sleep(0.002)
    flow(worker)
    assert connect(caller, "one more")["statusCode"] == 200
    flow(worker)
    assert "s0" not in Gateway.frames
    assert seen("one more") == ["ready"]
    assert len(connections.of_user(caller.id)) == connections.MAX_PER_USER
    sockets.handler({"requestContext": about(caller, "s1", "DISCONNECT")}, lambda_context())
    assert "s1" not in {found.connection_id for found in connections.of_user(caller.id)}


def test_a_failing_delivery_gives_the_rest_of_the_batch_back_in_order(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(caller, "s1")
    flow(worker)
    told(caller, "a", "b")
    messages = worker.take("PushQueue")
    monkeypatch.setenv("CONNECTIONS_TABLE", "no-such-table")
    settings.forget()
    event = sqs_event(*messages)
    failed = deliver.handler(event, lambda_context())
    assert failed == {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"]]}
    assert aws.error_code(ValueError()) == ""


def test_a_users_many_sockets_each_get_everything_in_order(
    gateway: type[Gateway], worker: Worker, caller: auth.Caller
) -> None:
    names = [f"s{n}" for n in range(connections.MAX_PER_USER)]
    for name in names:
        connect(caller, name)
    flow(worker)
    told(caller, *"abcdefgh")
    flow(worker)
    for name in names:
        assert [frame["seq"] for frame in gateway.frames[name]] == [0, *range(1, 9)], name


def test_a_tab_that_leaves_before_it_was_ready_disturbs_no_other(
    gateway: type[Gateway], caller: auth.Caller, worker: Worker
) -> None:
    connect(caller, "steady")
    flow(worker)
    connect(caller, "leaving")
    leaving = next(found for found in connections.of_user(caller.id) if found.connection_id == "leaving")
    sockets.handler({"requestContext": about(caller, "leaving", "DISCONNECT")}, lambda_context())
    deliver._hand_over(leaving, [{"seq": 1}], retried=False)
    told(caller, "a")
    flow(worker)
    assert seen("steady") == ["ready", 1]
