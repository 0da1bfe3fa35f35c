"""The WebSocket API with a real client, and @connections with boto3."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.local.running import IDLE_SECONDS, LIFE_SECONDS, Running

pytestmark = pytest.mark.anyio


def opening(cloud: Running, ticket: str = "good") -> connect:
    return connect(f"{cloud.addresses['realtime']}?ticket={ticket}", max_size=None, compression=None)


async def asked(socket: ClientConnection, **body: Any) -> dict[str, Any]:
    await socket.send(json.dumps(body))
    answer: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
    return answer


def management(cloud: Running) -> Any:
    return cloud.client("apigatewaymanagementapi", endpoint_url=cloud.addresses["connections"])


async def test_routes_are_selected_and_the_context_is_kept(cloud: Running) -> None:
    async with opening(cloud) as socket:
        plain = (await asked(socket, hello=1))["context"]
        shout = (await asked(socket, action="shout"))["context"]
    assert plain["routeKey"] == "$default" and shout["routeKey"] == "shout"
    assert plain["eventType"] == "MESSAGE" and plain["messageDirection"] == "IN" and plain["stage"] == "live"
    assert plain["connectedAt"] == shout["connectedAt"] and plain["connectionId"] == shout["connectionId"]
    assert plain["messageId"] != shout["messageId"]
    authorizer = plain["authorizer"]
    assert (authorizer["principalId"], authorizer["user"]) == ("someone", "u1")
    assert (authorizer["number"], authorizer["sure"]) == ("7", "true")


@pytest.mark.parametrize(
    ("ticket", "status"), [("deny", 403), ("unauthorized", 401), ("fail", 500), ("refused", 403), ("raise", 502)]
)
async def test_a_refused_connection_has_gateway_status_and_body(cloud: Running, ticket: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opening(cloud, ticket):
            pass
    response = refused.value.response
    assert response.status_code == status
    assert {"message", "connectionId", "requestId"} <= set(json.loads(response.body or b""))


async def test_without_the_identity_source_the_authorizer_is_not_asked(cloud: Running) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(cloud.addresses["realtime"]):
            pass
    assert refused.value.response.status_code == 401


async def test_a_post_before_connect_returned_is_gone(cloud: Running) -> None:
    async with opening(cloud, "early") as socket:
        assert (await asked(socket, hello=1))["you_said"] == {"hello": 1}


async def test_a_functions_error_reaches_the_client_as_the_gateways_frame(cloud: Running) -> None:
    async with opening(cloud) as socket:
        answer = await asked(socket, **{"raise": True})
    assert answer["message"] == "Internal server error" and answer["connectionId"] and answer["requestId"]


async def test_management_posts_reads_and_deletes(cloud: Running) -> None:
    client = management(cloud)
    async with opening(cloud) as socket:
        identifier = (await asked(socket))["context"]["connectionId"]
        await asyncio.to_thread(client.post_to_connection, ConnectionId=identifier, Data=b"hola")
        assert await asyncio.wait_for(socket.recv(), 5) == "hola"
        about = await asyncio.to_thread(client.get_connection, ConnectionId=identifier)
        assert about["Identity"]["SourceIp"] == "127.0.0.1" and about["ConnectedAt"] <= about["LastActiveAt"]
        with pytest.raises(client.exceptions.PayloadTooLargeException):
            await asyncio.to_thread(client.post_to_connection, ConnectionId=identifier, Data=b"x" * (128 * 1024 + 1))
        await asyncio.to_thread(client.delete_connection, ConnectionId=identifier)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
    for verb in (client.get_connection, client.delete_connection):
        with pytest.raises(ClientError) as gone:
            await asyncio.to_thread(verb, ConnectionId=identifier)
        assert gone.value.response["Error"]["Code"] == "GoneException"


async def test_disconnect_is_told_with_code_and_authorizer(cloud: Running) -> None:
    async with opening(cloud) as socket:
        identifier = (await asked(socket))["context"]["connectionId"]
        await socket.close(4001, "enough")
    until = time.monotonic() + 5
    while not (told := [line for line in cloud.log("Sockets").splitlines() if "left" in line and identifier in line]):
        assert time.monotonic() < until
        await asyncio.sleep(0.05)
    context = json.loads(told[0].split("left ", 1)[1])
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (4001, "enough")
    assert context["eventType"] == "DISCONNECT" and context["authorizer"]["user"] == "u1"


async def closed_with(socket: ClientConnection) -> int | None:
    """Reads on until the gateway closes; its code."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 5)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def test_frames_above_32_kb_and_messages_above_128_kb_close_with_1009(cloud: Running) -> None:
    async with opening(cloud) as socket:
        fine = json.dumps({"x": "y" * 100_000})
        await socket.send([fine[at : at + 32_000] for at in range(0, len(fine), 32_000)])
        assert len(json.loads(await asyncio.wait_for(socket.recv(), 5))["you_said"]["x"]) == 100_000
        await socket.send("x" * (32 * 1024 + 1))
        assert await closed_with(socket) == 1009
    async with opening(cloud) as socket:
        await socket.send(["x" * 32_000] * 5)
        assert await closed_with(socket) == 1009


async def seconds_until_sent_away(socket: ClientConnection, *, talking: bool) -> float:
    began = time.monotonic()
    if talking:
        try:
            while True:
                await asked(socket)
                await asyncio.sleep(0.2)
        except ConnectionClosed:
            pass
    assert await closed_with(socket) == 1001
    return time.monotonic() - began


async def test_an_idle_socket_and_an_old_one_are_sent_away(cloud: Running) -> None:
    async with opening(cloud) as silent, opening(cloud) as talking:
        idle, old = await asyncio.gather(
            seconds_until_sent_away(silent, talking=False), seconds_until_sent_away(talking, talking=True)
        )
    assert IDLE_SECONDS - 0.1 <= idle < LIFE_SECONDS - 0.5
    assert LIFE_SECONDS - 0.5 <= old < LIFE_SECONDS + 4
