"""Lambda authorizer of the WebSocket API: a ticket becomes a user, once."""

from typing import Any

from bai import telemetry
from push import tickets


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Allows $connect for a fresh ticket and passes on whose it is; denies (403) for any other."""
    query = event.get("queryStringParameters") or {}
    ticket = str(query.get("ticket") or "")
    user_id = tickets.take_ticket(ticket) if 0 < len(ticket) <= 100 else None
    if user_id is None:
        telemetry.logger().info("ticket refused")
    return {
        "principalId": user_id or "nobody",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow" if user_id else "Deny",
                    "Resource": event["methodArn"],
                }
            ],
        },
        "context": {"user_id": user_id or ""},
    }
