"""Tickets: one use, thirty seconds, a hash in the table, and an authorizer that says no to anything else."""

from __future__ import annotations

import time
from typing import Any

import boto3
import pytest

from bai import settings
from push import authorizer, tickets
from tests.builders import Api, lambda_context


def authorize(**query: str) -> dict[str, Any]:
    event = {"queryStringParameters": query or None, "methodArn": "arn:aws:execute-api:r:1:a/live/$connect"}
    return authorizer.handler(event, lambda_context())


def effect(answer: dict[str, Any]) -> str:
    return str(answer["policyDocument"]["Statement"][0]["Effect"])


def test_a_ticket_opens_one_socket_for_its_user(api: Api) -> None:
    client = api.client()
    answer = client.post("/realtime/ticket")
    assert (answer.status, answer.body["expires_in"]) == (201, 30)
    assert answer.body["url"].startswith("wss://")
    first = authorize(ticket=answer.body["ticket"], last_seq="3")
    assert (effect(first), first["context"]["user_id"]) == ("Allow", client.id)
    assert effect(authorize(ticket=answer.body["ticket"])) == "Deny"


def test_a_stale_ticket_opens_nothing_even_before_dynamodb_deletes_it(account: Any) -> None:
    ticket = tickets.issue_ticket("u")
    table = settings.realtime().tickets_table
    stored = boto3.client("dynamodb").scan(TableName=table)["Items"][0]
    assert ticket not in str(stored)
    stored["expires_at"]["N"] = str(int(time.time()) - 1)
    boto3.client("dynamodb").put_item(TableName=table, Item=stored)
    assert tickets.take_ticket(ticket) is None


@pytest.mark.parametrize("query", [{}, {"ticket": ""}, {"ticket": "unknown"}, {"ticket": "x" * 5000}, {"other": "x"}])
def test_anything_else_is_denied(account: Any, query: dict[str, str]) -> None:
    assert effect(authorize(**query)) == "Deny"


def test_a_ticket_needs_a_signed_in_user(api: Api) -> None:
    assert api.call("POST", "/realtime/ticket").status == 401


@pytest.mark.parametrize("after", [-1, "x", 2**60])
def test_events_after_nonsense_are_422(api: Api, after: Any) -> None:
    assert api.client().get("/events", after=after).status == 422


def test_events_after_a_number_never_given_need_a_snapshot(api: Api) -> None:
    answer = api.client().get("/events", after=7).body
    assert answer == {"items": [], "next_after": None, "newest": 0, "snapshot_required": True}
