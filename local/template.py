"""What template.yaml defines, as typed objects. A property that it does not understand is an error, not a guess:
what is wrong in the template must be wrong here too. Nested stacks (infra/) hold no functions and are passed over.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local import cloudformation
from local.cloudformation import Resolver, TemplateError
from local.shapes import (
    ACCOUNT,
    REGION,
    EventSource,
    Function,
    HttpApi,
    Resource,
    Schedule,
    WebSocketApi,
    api_id,
)
from local.template_functions import (
    read_event_sources,
    read_function,
    read_http_api,
    read_schedules,
    read_websocket_api,
)
from local.template_properties import IGNORED_TYPES, check


class Template:
    """One stack. `aws_url` is where the stack's functions will find AWS; `secret_arns` is filled once secrets exist."""

    def __init__(self, path: Path, parameters: dict[str, str], *, aws_url: str = "http://127.0.0.1:4566") -> None:
        self.path = path
        self.aws_url = aws_url
        self.secret_arns: dict[str, str] = {}
        self.body = cloudformation.read(path)
        values = cloudformation.check_parameters(self.body.get("Parameters", {}), parameters)
        stage = values.get("Stage", "local")
        self.stack = f"bai-{stage}"
        pseudo = {
            "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "AWS::StackName": self.stack,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{self.stack}/local",
        }  # fmt: skip
        self.resolver = Resolver(
            {**values, **pseudo}, self.body.get("Conditions", {}), self.body.get("Mappings", {}), self._ref, self._att
        )
        self.resources: dict[str, dict[str, Any]] = {
            name: resource
            for name, resource in self.body["Resources"].items()
            if "Condition" not in resource or self.resolver.holds(resource["Condition"])
        }
        handled = {*_PHYSICAL, "AWS::Serverless::LayerVersion"}
        for name, resource in self.resources.items():
            if resource["Type"] not in handled and not resource["Type"].startswith(IGNORED_TYPES):
                raise TemplateError(f"{name}: the local cloud does not know {resource['Type']}")

    def functions(self) -> dict[str, Function]:
        return {name: read_function(self, name) for name in self._of("AWS::Serverless::Function")}

    def http_apis(self) -> list[HttpApi]:
        return [read_http_api(self, name) for name in self._of("AWS::Serverless::HttpApi")]

    def websocket_apis(self) -> list[WebSocketApi]:
        return [read_websocket_api(self, name) for name in self._of("AWS::Serverless::WebSocketApi")]

    def event_sources(self) -> list[EventSource]:
        return [source for name in self._of("AWS::Serverless::Function") for source in read_event_sources(self, name)]

    def schedules(self) -> list[Schedule]:
        return [found for name in self._of("AWS::Serverless::Function") for found in read_schedules(self, name)]

    def queues(self) -> list[Resource]:
        return self._plain("AWS::SQS::Queue")

    def tables(self) -> list[Resource]:
        return self._plain("AWS::DynamoDB::Table")

    def buckets(self) -> list[Resource]:
        return self._plain("AWS::S3::Bucket")

    def secrets(self) -> list[Resource]:
        return self._plain("AWS::SecretsManager::Secret")

    def queue_url(self, arn: str) -> str:
        return f"{self.aws_url}/{ACCOUNT}/{arn.rsplit(':', 1)[1]}"

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Checked and merged with Globals, not yet resolved."""
        resource = self.resources[logical_id]
        section = self.body.get("Globals", {}).get(resource["Type"].rsplit("::", 1)[1], {})
        known = _merged(section, resource.get("Properties", {}))
        assert isinstance(known, dict)
        check(logical_id, resource["Type"], known)
        return known

    def logical_id(self, arn_or_name: str) -> str:
        """The function that an ARN, a name or a logical id means."""
        wanted = arn_or_name.rsplit(":", 1)[-1]
        for name in self._of("AWS::Serverless::Function"):
            if wanted in (name, self._name(name)):
                return name
        raise TemplateError(f"no function {arn_or_name}")

    def _of(self, kind: str) -> list[str]:
        return [name for name, resource in self.resources.items() if resource["Type"] == kind]

    def _plain(self, kind: str) -> list[Resource]:
        return [Resource(name, self._name(name), self.resolver.value(self.properties(name))) for name in self._of(kind)]

    def _name(self, logical_id: str) -> str:
        resource = self.resources[logical_id]
        kind, properties = resource["Type"], resource.get("Properties", {})
        own = _PHYSICAL.get(kind)
        if own and own in properties:
            return str(self.resolver.value(properties[own]))
        name = f"{self.stack}-{logical_id}"
        if kind == "AWS::SQS::Queue" and str(properties.get("FifoQueue", "")).lower() == "true":
            return f"{name}.fifo"
        return name.lower() if kind == "AWS::S3::Bucket" else name

    def _ref(self, name: str) -> str:
        if name not in self.resources:
            raise TemplateError(f"Ref to {name}, which is neither a parameter nor a resource")
        kind = self.resources[name]["Type"]
        if kind == "AWS::SQS::Queue":
            return f"{self.aws_url}/{ACCOUNT}/{self._name(name)}"
        if kind == "AWS::SecretsManager::Secret":
            return self.secret_arns.get(name, self._att(name, "Id"))
        if kind in ("AWS::Serverless::HttpApi", "AWS::Serverless::WebSocketApi"):
            return api_id(name)
        return name if kind == "AWS::Serverless::LayerVersion" else self._name(name)

    def _att(self, name: str, attribute: str) -> str:
        if name not in self.resources:
            raise TemplateError(f"GetAtt of {name}, which is no resource")
        kind, physical = self.resources[name]["Type"], self._name(name)
        known = {
            ("AWS::SQS::Queue", "Arn"): f"arn:aws:sqs:{REGION}:{ACCOUNT}:{physical}",
            ("AWS::SQS::Queue", "QueueName"): physical,
            ("AWS::SQS::Queue", "QueueUrl"): f"{self.aws_url}/{ACCOUNT}/{physical}",
            ("AWS::DynamoDB::Table", "Arn"): f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{physical}",
            ("AWS::S3::Bucket", "Arn"): f"arn:aws:s3:::{physical}",
            ("AWS::SecretsManager::Secret", "Id"): f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{physical}",
            ("AWS::Serverless::Function", "Arn"): f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{physical}",
            ("AWS::Logs::LogGroup", "Arn"): f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{physical}:*",
        }
        if (kind, attribute) in known:
            return known[kind, attribute]
        if kind.startswith(IGNORED_TYPES):
            return f"{name}.{attribute}"
        raise TemplateError(f"{name}.{attribute} is not known locally")


_PHYSICAL = {
    "AWS::Serverless::Function": "FunctionName",
    "AWS::Serverless::HttpApi": "Name",
    "AWS::Serverless::WebSocketApi": "Name",
    "AWS::SQS::Queue": "QueueName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
}


def _merged(section: Any, own: Any) -> Any:
    """As SAM merges Globals: maps key by key, lists one after the other, anything else is replaced."""
    if isinstance(section, dict) and isinstance(own, dict):
        return {**section, **{key: _merged(section[key], own[key]) if key in section else own[key] for key in own}}
    if isinstance(section, list) and isinstance(own, list):
        return section + own
    return own
