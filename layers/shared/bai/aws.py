"""The only importer of boto3, on first use. Clients are built once per execution environment, never in a handler.

Refuses to know what a message or an item means.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from bai.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_SECRET_SECONDS = 300
_secrets: dict[str, tuple[float, str]] = {}
# Clients may be shared by threads, but a session must not make two at a time.
_making = threading.Lock()


@cache
def _session() -> Any:
    import boto3  # noqa: PLC0415 - half a second of CPU that a read does not need

    return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))


def _client(name: str, **options: Any) -> Any:
    from botocore.config import Config  # noqa: PLC0415

    timeouts = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    with _making:
        return _session().client(name, config=timeouts, **options)


@cache
def sqs() -> "SQSClient":
    return cast("SQSClient", _client("sqs"))


@cache
def dynamodb() -> "DynamoDBClient":
    return cast("DynamoDBClient", _client("dynamodb"))


@cache
def _s3() -> "S3Client":
    return cast("S3Client", _client("s3"))


def put_object(bucket: str, key: str, data: bytes, content_type: str) -> None:
    """Raises Unavailable when the object store is away."""
    with reachable("The object store"):
        _s3().put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type)


def get_object(bucket: str, key: str) -> bytes:
    with reachable("The object store"):
        return bytes(_s3().get_object(Bucket=bucket, Key=key)["Body"].read())


def presigned_url(bucket: str, key: str, seconds: int) -> str:
    """An address that reads the object for so many seconds, for whoever has it."""
    where = {"Bucket": bucket, "Key": key}
    return str(_s3().generate_presigned_url("get_object", Params=where, ExpiresIn=seconds))


@cache
def connections(endpoint: str) -> "ApiGatewayManagementApiClient":
    return cast("ApiGatewayManagementApiClient", _client("apigatewaymanagementapi", endpoint_url=endpoint))


@cache
def _secrets_manager() -> "SecretsManagerClient":
    return cast("SecretsManagerClient", _client("secretsmanager"))


def secret(arn: str, *, fresh: bool = False) -> str:
    """The secret's text, kept for five minutes; `fresh` asks again, for a value that was just refused."""
    held = _secrets.get(arn)
    if held and not fresh and time.monotonic() - held[0] < _SECRET_SECONDS:
        return held[1]
    try:
        with reachable("The secret store"):
            value = _secrets_manager().get_secret_value(SecretId=arn)["SecretString"]
    except Unavailable:
        if held is None or fresh:
            raise
        value = held[1]  # an old value is better than none; it is asked for again in five minutes
    _secrets[arn] = (time.monotonic(), value)
    return value


@contextmanager
def reachable(what: str) -> Iterator[None]:
    """Turns time-outs, throttling and the service's own failures into Unavailable; real refusals come as they are."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except BotoCoreError as error:
        raise Unavailable(f"{what} is out of reach.") from error
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        throttled = "Throttl" in error_code(error) or "ThroughputExceeded" in error_code(error)
        if status >= 500 or throttled:
            raise Unavailable(f"{what} is overloaded or away.") from error
        raise


def error_code(error: Exception) -> str:
    """The code of a boto3 ClientError such as ConditionalCheckFailedException; empty for any other exception."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def send_messages(queue_url: str, entries: "Sequence[SendMessageBatchRequestEntryTypeDef]") -> list[str]:
    """Sends up to any number of messages, ten a call; returns the Ids of those that SQS refused."""
    refused: list[str] = []
    for start in range(0, len(entries), 10):
        answer = sqs().send_message_batch(QueueUrl=queue_url, Entries=entries[start : start + 10])
        refused += [row["Id"] for row in answer.get("Failed", [])]
    return refused


def receive_messages(queue_url: str, *, hidden_seconds: int) -> list[dict[str, Any]]:
    """Up to ten messages, for people who look into a queue; a worker's come from Lambda. Raises Unavailable."""
    with reachable("The queue"):
        answer = sqs().receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=hidden_seconds,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
    return [dict(message) for message in answer.get("Messages", [])]


def delete_message(queue_url: str, receipt: str) -> None:
    with reachable("The queue"):
        sqs().delete_message(QueueUrl=queue_url, ReceiptHandle=receipt)


def forget() -> None:
    """Drops clients and secrets, for tests that change the environment."""
    for made in (_session, sqs, dynamodb, _s3, connections, _secrets_manager):
        made.cache_clear()
    _secrets.clear()


def remember_secret(arn: str, value: str) -> None:
    """Keeps a value as if it had just been read, for tests and for programs that were handed it."""
    _secrets[arn] = (time.monotonic(), value)
