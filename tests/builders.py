"""Builds what tests talk with: API Gateway events, clients with tokens, a worker that drains queues."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import boto3
from sqlalchemy import text

from bai import auth, db
from bai.ids import new_id
from local.template import Template


def lambda_context(seconds: float = 60) -> Any:
    """Lambda's context object, as far as anything here reads it."""
    return SimpleNamespace(
        aws_request_id=new_id(),
        function_name="test",
        get_remaining_time_in_millis=lambda: int(seconds * 1000),
    )


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    def __post_init__(self) -> None:
        assert self.headers.get("x-request-id"), "every answer carries X-Request-Id"


@dataclass
class Client:
    """A signed-in user."""

    api: Api
    id: str
    email: str
    token: str

    def get(self, path: str, **query: Any) -> Answer:
        return self.api.call("GET", path, query=query, token=self.token)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.api.call("POST", path, body=body, token=self.token, headers=headers)

    def patch(self, path: str, body: Any) -> Answer:
        return self.api.call("PATCH", path, body=body, token=self.token)


_MODULES = {
    "auth": "auth",
    "content-planner": "content_planner",
    "jobs": "jobs",
    "realtime": "push",
    "events": "push",
    "health": "ops",
}


class Api:
    """The HTTP API: picks the module by path as template.yaml does and calls its handler."""

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {key.lower().replace("_", "-"): value for key, value in (headers or {}).items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, str):
            body = json.dumps(body)
        if body is not None:
            sent.setdefault("content-type", "application/json")
        event = http_event(method, f"/api/v1{path}", sent, body, query or {})
        module = importlib.import_module(f"{_MODULES[path.split('/')[1]]}.routes")
        answer = module.handler(event, lambda_context())
        content = answer.get("body") or ""
        is_json = "json" in answer["headers"].get("content-type", "")
        return Answer(answer["statusCode"], answer["headers"], json.loads(content) if is_json and content else content)

    def client(self, plan: str = "MOTOR", **fields: Any) -> Client:
        """A new user with the plan and an access token; `fields` are columns of users."""
        user_id, email = new_id(), f"{new_id()}@example.com"
        columns = {"plan_tier": plan, "time_zone": "UTC", **fields}
        with db.transaction() as session:
            insert = (
                "INSERT INTO users (id, email, password_hash, full_name) VALUES (CAST(:id AS uuid), :email, '', 'T')"
            )
            session.execute(text(insert), {"id": user_id, "email": email})
            for name, value in columns.items():
                changed = text(f"UPDATE users SET {name} = :value WHERE id = CAST(:id AS uuid)")
                session.execute(changed, {"value": value, "id": user_id})
        token, _ = auth.mint(user_id, "client")
        return Client(self, user_id, email, token)


def http_event(method: str, path: str, headers: dict[str, str], body: Any, query: dict[str, Any]) -> dict[str, Any]:
    """An API Gateway HTTP API event, payload 2.0."""
    raw = urlencode(query)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": raw,
        "headers": {"host": "localhost", **headers},
        "queryStringParameters": {key: str(value) for key, value in query.items()} or None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "localhost",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
            "requestId": new_id(),
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/2027:00:00:00 +0000",
            "timeEpoch": 1798761600000,
        },
        "body": body,
        "isBase64Encoded": False,
    }


def sqs_event(*bodies: Any, receive_count: int = 1) -> dict[str, Any]:
    """An SQS event with one record per body."""
    return {
        "Records": [
            {
                "messageId": new_id(),
                "receiptHandle": "handle",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": str(receive_count)},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
                "awsRegion": "us-east-1",
            }
            for body in bodies
        ]
    }


@dataclass
class Worker:
    """Event source mappings by hand: takes what is queued and calls the template's function for it."""

    template: Template
    handled: list[dict[str, Any]] = field(default_factory=list)

    def take(self, queue: str) -> list[dict[str, Any]]:
        """Removes and returns the bodies of what is visible in the queue with the template's logical id."""
        sqs, url = boto3.client("sqs"), self._url(queue)
        bodies = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def run(self, *queues: str, handler: str = "content_planner.jobs") -> int:
        """Runs queued messages one by one until the queues (the planner's, unless given) are empty; returns how many."""
        module, done = importlib.import_module(handler), 0
        named = queues or ("ContentPlannerUrgentQueue", "ContentPlannerQueue")
        while bodies := [body for queue in named for body in self.take(queue)]:
            for body in bodies:
                answer = module.handler(sqs_event(body), lambda_context(90))
                self.handled.append(body)
                assert answer == {"batchItemFailures": []}, answer
                done += 1
        return done

    def _url(self, queue: str) -> str:
        return next(
            f"https://sqs.us-east-1.amazonaws.com/123456789012/{found.name}"
            for found in self.template.queues()
            if found.logical_id == queue
        )
