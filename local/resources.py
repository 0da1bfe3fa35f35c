"""Creates the template's queues, tables, secrets and buckets in the emulator. Safe to run again on kept state."""

from __future__ import annotations

import json
import os
import secrets
import string
from pathlib import Path
from typing import Any

from local.aws import Aws, AwsError
from local.cloudformation import TemplateError
from local.shapes import Resource
from local.template import Template
from local.template_properties import OBEYED

_QUEUE_ATTRIBUTES = OBEYED["AWS::SQS::Queue"] - {"QueueName"}


class KeptSecrets:
    """Generated values, stable across restarts, in one file that only the owner reads."""

    def __init__(self, state: Path) -> None:
        self.file = state / "secrets.json"
        self.values: dict[str, str] = json.loads(self.file.read_text()) if self.file.exists() else {}

    def value(self, resource: Resource) -> str:
        given = resource.properties.get("SecretString")
        if given is not None:
            return str(given)
        if resource.logical_id not in self.values:
            self._keep(resource.logical_id, generate(resource.properties.get("GenerateSecretString", {})))
        return self.values[resource.logical_id]

    def named(self, logical_id: str) -> str:
        """Also when the template (a test's) has no such secret."""
        if logical_id not in self.values:
            self._keep(logical_id, generate({"PasswordLength": 32, "ExcludePunctuation": True}))
        return self.values[logical_id]

    def _keep(self, logical_id: str, value: str) -> None:
        self.values[logical_id] = value
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(self.values, file)


def generate(wanted: dict[str, Any]) -> str:
    """A secret as Secrets Manager generates it."""
    known = {
        "ExcludeCharacters", "ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase",
        "GenerateStringKey", "PasswordLength", "RequireEachIncludedType", "SecretStringTemplate",
    }  # fmt: skip
    if set(wanted) - known:
        raise TemplateError(f"GenerateSecretString: {', '.join(sorted(set(wanted) - known))} is not known locally")
    classes = {
        "ExcludeLowercase": string.ascii_lowercase,
        "ExcludeUppercase": string.ascii_uppercase,
        "ExcludeNumbers": string.digits,
        "ExcludePunctuation": string.punctuation,
    }
    excluded = set(str(wanted.get("ExcludeCharacters", "")))
    sets = [
        "".join(c for c in characters if c not in excluded)
        for key, characters in classes.items()
        if not wanted.get(key)
    ]
    pool, length = "".join(sets), int(wanted.get("PasswordLength", 32))
    picked = [secrets.choice(each) for each in sets] + [secrets.choice(pool) for _ in range(length - len(sets))]
    secrets.SystemRandom().shuffle(picked)
    password = "".join(picked)
    if "SecretStringTemplate" not in wanted:
        return password
    return json.dumps({**json.loads(wanted["SecretStringTemplate"]), wanted["GenerateStringKey"]: password})


async def create_all(template: Template, aws: Aws, kept: KeptSecrets) -> None:
    """After this every Ref and GetAtt of the template has its final value."""
    for secret in template.secrets():
        template.secret_arns[secret.logical_id] = await create_secret(aws, secret, kept.value(secret))
    # A queue needs its dead-letter queue first.
    for queue in sorted(template.queues(), key=lambda one: "RedrivePolicy" in one.properties):
        await create_queue(aws, queue)
    for table in template.tables():
        await create_table(aws, table)
    for bucket in template.buckets():
        await aws.create_bucket(bucket.name)


async def create_secret(aws: Aws, secret: Resource, value: str) -> str:
    try:
        made = await aws.call("secretsmanager", "CreateSecret", Name=secret.name, SecretString=value)
    except AwsError as error:
        if error.code != "ResourceExistsException":
            raise
        made = await aws.call("secretsmanager", "PutSecretValue", SecretId=secret.name, SecretString=value)
    return str(made["ARN"])


async def create_queue(aws: Aws, queue: Resource) -> None:
    attributes = {key: _text(queue.properties[key]) for key in _QUEUE_ATTRIBUTES if key in queue.properties}
    try:
        await aws.call("sqs", "CreateQueue", QueueName=queue.name, Attributes=attributes)
    except AwsError as error:
        if error.code not in ("QueueNameExists", "QueueAlreadyExists"):
            raise
        # Kept from an earlier start with other attributes: a deploy would update it.
        found = await aws.call("sqs", "GetQueueUrl", QueueName=queue.name)
        changeable = {key: value for key, value in attributes.items() if key != "FifoQueue"}
        await aws.call("sqs", "SetQueueAttributes", QueueUrl=found["QueueUrl"], Attributes=changeable)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


async def create_table(aws: Aws, table: Resource) -> None:
    keys = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    given = {key: table.properties[key] for key in keys if key in table.properties}
    try:
        await aws.call("dynamodb", "CreateTable", TableName=table.name, BillingMode="PAY_PER_REQUEST", **given)
    except AwsError as error:
        if error.code != "ResourceInUseException":
            raise
    expiry = table.properties.get("TimeToLiveSpecification")
    if expiry:
        wanted = {"AttributeName": expiry["AttributeName"], "Enabled": _text(expiry.get("Enabled", True)) == "true"}
        try:
            await aws.call("dynamodb", "UpdateTimeToLive", TableName=table.name, TimeToLiveSpecification=wanted)
        except AwsError as error:
            # "TimeToLive is already enabled": kept from an earlier start.
            if error.code != "ValidationException":
                raise
