"""One-use tickets that open a socket: good for 30 seconds, taken by a conditional delete in DynamoDB.

Only a hash is stored, so that reading the table opens nothing.
"""

import hashlib
import secrets
import time

from bai import aws, settings

TICKET_SECONDS = 30


def issue_ticket(user_id: str) -> str:
    """A new ticket for the user. Raises Unavailable."""
    ticket = secrets.token_urlsafe(32)
    item = {
        "ticket_hash": {"S": _hash(ticket)},
        "user_id": {"S": user_id},
        "expires_at": {"N": str(int(time.time()) + TICKET_SECONDS)},
    }
    with aws.reachable("The ticket store"):
        aws.dynamodb().put_item(TableName=settings.realtime().tickets_table, Item=item)
    return ticket


def take_ticket(ticket: str) -> str | None:
    """The ticket's user, once; None for a used, unknown or stale one (DynamoDB's TTL may come hours late)."""
    answer = aws.dynamodb().delete_item(
        TableName=settings.realtime().tickets_table,
        Key={"ticket_hash": {"S": _hash(ticket)}},
        ReturnValues="ALL_OLD",
    )
    item = answer.get("Attributes")
    if not item or float(item["expires_at"]["N"]) < time.time():
        return None
    return item["user_id"]["S"]


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
