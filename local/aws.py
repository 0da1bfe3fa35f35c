"""A small asynchronous client for the emulator's JSON services; boto3 would block the loop that serves everything."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from local.shapes import REGION

_SERVICES = {
    "sqs": ("AmazonSQS", "1.0"),
    "dynamodb": ("DynamoDB_20120810", "1.0"),
    "secretsmanager": ("secretsmanager", "1.1"),
}


class AwsError(RuntimeError):
    """The service's own error; `code` without its namespace."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Aws:
    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def call(self, service: str, action: str, **parameters: Any) -> dict[str, Any]:
        target, version = _SERVICES[service]
        headers = {
            "Content-Type": f"application/x-amz-json-{version}",
            "X-Amz-Target": f"{target}.{action}",
            "Authorization": _signature(service),
        }
        async with self.session.post(self.url, data=json.dumps(parameters), headers=headers) as response:
            text = await response.text()
        body: dict[str, Any] = json.loads(text) if text else {}
        if response.status >= 400:
            code = str(body.get("__type", response.status)).rsplit("#", 1)[-1]
            raise AwsError(code, str(body.get("message", body.get("Message", text))))
        return body

    async def create_bucket(self, name: str) -> None:
        async with self.session.put(f"{self.url}/{name}", headers={"Authorization": _signature("s3")}) as response:
            if response.status not in (200, 409):
                raise AwsError(str(response.status), await response.text())


def _signature(service: str) -> str:
    # Not a real signature: the emulator reads region and account from the scope and checks nothing.
    scope = f"local-cloud/20260101/{REGION}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
