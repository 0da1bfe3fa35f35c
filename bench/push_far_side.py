"""The writing half of bench/push.py, in a process of its own so that it does not share an interpreter with the clients.

Reads JSON lines: ["users", n] makes users, ["open", user] gives an address for one socket, [user, n] tells event n.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import time
from typing import Any

from local.shapes import ACCOUNT, REGION

# As large as a job.updated of a running campaign.
PAYLOAD = {
    "type": "content_planner.create_campaign",
    "state": "running",
    "message": "Writing piece 3 of 5",
    "x": "." * 500,
}


def environment_of(addresses: dict[str, Any]) -> dict[str, str]:
    """What the functions have, as far as telling an event and issuing a ticket need it."""
    pooled = addresses["database"].get("pooled") or addresses["database"]["direct"]
    return {
        "AWS_ENDPOINT_URL": addresses["aws"],
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_REGION": REGION,
        "DB_HOST": pooled["host"],
        "DB_PORT": str(pooled["port"]),
        "DB_NAME": pooled["name"],
        "DB_USER": pooled["user"],
        "DB_AUTH": "secret",
        "DB_TLS": "off",
        "DB_SECRET_ARN": "bench-password",
        "BENCH_DB_PASSWORD": pooled["password"],
        "BENCH_REALTIME": addresses["realtime"],
        "PUSH_QUEUE_URL": f"{addresses['aws']}/{ACCOUNT}/bai-local-PushQueue.fifo",
        "TICKETS_TABLE": "bai-local-TicketsTable",
    }


class Ours:
    """Tells by bai.push in a transaction, as a service does."""

    async def start(self) -> None:
        from bai import aws

        aws.remember_secret("bench-password", os.environ["BENCH_DB_PASSWORD"])
        self.realtime = os.environ["BENCH_REALTIME"]

    async def users(self, number: int) -> list[str]:
        from sqlalchemy import text

        from bai import db
        from bai.ids import new_id

        made = [new_id() for _ in range(number)]
        insert = "INSERT INTO users (id, email, password_hash, full_name) VALUES (CAST(:id AS uuid), :id, '', 'Bench')"
        with db.transaction() as session:
            for user in made:
                session.execute(text(insert), {"id": user})
        return made

    async def open(self, user: str) -> str:
        from push import tickets

        return f"{self.realtime}?ticket={tickets.issue_ticket(user)}"

    async def tell(self, user: str, n: int) -> int:
        from bai import db, push

        moments: list[int] = []
        with db.transaction() as session:
            # Hooks run in the order they were given: this one stands before the message to the queue.
            session.after_commit("bench", lambda _: moments.append(time.monotonic_ns()))
            push.tell(session, user, "job.updated", {**PAYLOAD, "n": n})
        return moments[0]


class Floor:
    """A plain WebSocket server that keeps nothing: what the network and the clients alone take."""

    async def start(self) -> None:
        from websockets.asyncio.server import serve

        self.sockets: dict[str, list[Any]] = {}
        self.seq: dict[str, int] = {}
        self.server = await serve(self._serve, "127.0.0.1", 0, compression=None, ping_interval=None)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, socket: Any) -> None:
        self.sockets.setdefault(socket.request.path[1:], []).append(socket)
        await socket.send(json.dumps({"type": "ready", "seq": 0}))
        await socket.wait_closed()

    async def users(self, number: int) -> list[str]:
        return [secrets.token_hex(8) for _ in range(number)]

    async def open(self, user: str) -> str:
        return f"ws://127.0.0.1:{self.port}/{user}"

    async def tell(self, user: str, n: int) -> int:
        from websockets.asyncio.server import broadcast

        self.seq[user] = self.seq.get(user, 0) + 1
        frame = {"type": "event", "seq": self.seq[user], "event": "job.updated", "data": {**PAYLOAD, "n": n}}
        text, moment = json.dumps(frame), time.monotonic_ns()
        broadcast(self.sockets[user], text)
        return moment


async def serve(side: Ours | Floor) -> None:
    await side.start()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        first, second = json.loads(line)
        if first == "users":
            answer: Any = json.dumps(await side.users(second))
        elif first == "open":
            answer = await side.open(second)
        else:
            answer = await side.tell(first, second)
        print(answer, flush=True)


if __name__ == "__main__":
    asyncio.run(serve(Ours() if sys.argv[1] == "ours" else Floor()))
