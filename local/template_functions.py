"""Reads functions, their events and both kinds of API out of the template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import shapes
from local.cloudformation import TemplateError
from local.template_properties import check

if TYPE_CHECKING:
    from local.template import Template

HTTP_API_MAXIMUM = 30.0
WEBSOCKET_MAXIMUM = 29.0
# A stage without throttling of its own has the account's.
ACCOUNT_RATE, ACCOUNT_BURST = 10_000.0, 5_000


def read_function(template: Template, logical_id: str) -> shapes.Function:
    given = template.properties(logical_id)
    environment = template.resolver.value(given.get("Environment", {})).get("Variables", {})
    settled = template.resolver.value(
        {key: value for key, value in given.items() if key not in ("Environment", "Events", "Layers", "Policies")}
    )
    if settled.get("PackageType", "Zip") != "Zip" or not str(settled.get("Runtime", "")).startswith("python3."):
        raise TemplateError(f"{logical_id}: only Python functions in a zip run locally")
    root = template.path.parent
    reserved = settled.get("ReservedConcurrentExecutions")
    return shapes.Function(
        logical_id=logical_id,
        name=template.resolver.value({"Ref": logical_id}),
        handler=str(settled["Handler"]),
        code=(root / str(settled["CodeUri"])).resolve(),
        layers=tuple(path for layer in given.get("Layers", []) for path in _layer(template, layer)),
        environment={key: _text(logical_id, key, value) for key, value in environment.items()},
        memory=int(settled.get("MemorySize", 128)),
        timeout=float(settled.get("Timeout", 3)),
        concurrency=None if reserved is None else int(reserved),
        json_logs=settled.get("LoggingConfig", {}).get("LogFormat") == "JSON",
    )


def _text(logical_id: str, key: str, value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise TemplateError(f"{logical_id}: environment variable {key} is not a text")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _layer(template: Template, reference: Any) -> list[Path]:
    logical_id = str(template.resolver.value(reference))
    resource = template.resources.get(logical_id)
    if resource is None or resource["Type"] != "AWS::Serverless::LayerVersion":
        raise TemplateError(f"layer {reference!r} is not in this template")
    root = (template.path.parent / str(resource["Properties"]["ContentUri"])).resolve()
    method = str(resource.get("Metadata", {}).get("BuildMethod", ""))
    if method == "makefile":
        # Third-party code: locally the interpreter that runs us has it installed.
        return []
    # A built python layer lands in /opt/python; one that is not built brings its python directory along.
    return [root if method.startswith("python") else root / "python"]


def _events(template: Template, logical_id: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, event in template.properties(logical_id).get("Events", {}).items():
        if event["Type"] not in ("HttpApi", "SQS", "ScheduleV2"):
            raise TemplateError(f"{logical_id}.{name}: events of type {event['Type']} do not run locally")
        if event["Type"] == kind:
            properties = event.get("Properties", {})
            check(f"{logical_id}.{name}", kind, properties)
            found.append((name, template.resolver.value(properties)))
    return found


def read_http_api(template: Template, logical_id: str) -> shapes.HttpApi:
    settled = template.resolver.value(template.properties(logical_id))
    if settled.get("StageName", "$default") != "$default":
        raise TemplateError(f"{logical_id}: only the stage $default is served locally")
    cors = settled.get("CorsConfiguration", {})
    if cors is True:
        cors = {"AllowOrigins": ["*"]}
    check(logical_id, "CorsConfiguration", cors or {})
    own = shapes.api_id(logical_id)
    routes = []
    for function in template.functions():
        for name, event in _events(template, function, "HttpApi"):
            # Without ApiId, SAM puts the event on an implicit API that this template does not have.
            if event.get("ApiId") != own:
                raise TemplateError(f"{function}.{name}: ApiId must be an HttpApi of this template")
            if event.get("PayloadFormatVersion", "2.0") != "2.0":
                raise TemplateError(f"{function}.{name}: only payload format 2.0")
            timeout = min(float(event.get("TimeoutInMillis", 30_000)) / 1000, HTTP_API_MAXIMUM)
            method = str(event.get("Method", "ANY")).upper()
            method = "ANY" if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" else method
            routes.append(shapes.HttpRoute(function, method, str(event.get("Path", "$default")), timeout))
    keys = [(route.method, route.path) for route in routes]
    if len(keys) != len(set(keys)):
        raise TemplateError(f"{logical_id}: the same route is defined twice")
    rate, burst = _throttling(logical_id, settled)
    return shapes.HttpApi(logical_id, own, cors or {}, rate, burst, tuple(routes))


def _throttling(logical_id: str, settled: dict[str, Any]) -> tuple[float, int]:
    settings = settled.get("DefaultRouteSettings", {})
    check(logical_id, "RouteSettings", settings)
    return (
        float(settings.get("ThrottlingRateLimit", ACCOUNT_RATE)),
        int(settings.get("ThrottlingBurstLimit", ACCOUNT_BURST)),
    )


def read_websocket_api(template: Template, logical_id: str) -> shapes.WebSocketApi:
    settled = template.resolver.value(template.properties(logical_id))
    auth = settled.get("Auth", {})
    check(logical_id, "Auth", auth)
    if auth.get("AuthType", "NONE") not in ("NONE", "CUSTOM"):
        raise TemplateError(f"{logical_id}: AuthType {auth['AuthType']} does not run locally")
    selection = str(settled["RouteSelectionExpression"])
    if not selection.startswith("$request.body."):
        raise TemplateError(f"{logical_id}: only $request.body.<path> selects routes locally")
    routes = {}
    for key, route in settled["Routes"].items():
        check(f"{logical_id} {key}", "Route", route)
        timeout = min(float(route.get("IntegrationTimeout", 29_000)) / 1000, WEBSOCKET_MAXIMUM)
        routes[key] = shapes.WebSocketRoute(template.logical_id(route["FunctionArn"]), timeout)
    rate, burst = _throttling(logical_id, settled)
    return shapes.WebSocketApi(
        logical_id=logical_id,
        api_id=shapes.api_id(logical_id),
        stage=str(settled.get("StageName", "default")),
        selection=selection,
        authorizer=template.logical_id(auth["AuthArn"]) if auth.get("AuthType") == "CUSTOM" else None,
        identity_sources=tuple(auth.get("IdentitySource", [])),
        rate=rate,
        burst=burst,
        routes=routes,
    )


def read_event_sources(template: Template, logical_id: str) -> list[shapes.EventSource]:
    sources = []
    for _, event in _events(template, logical_id, "SQS"):
        if event.get("Enabled", True) in (False, "false"):
            continue
        arn = str(event["Queue"])
        queue = next((one for one in template.queues() if arn == f"{arn.rsplit(':', 1)[0]}:{one.name}"), None)
        if queue is None:
            raise TemplateError(f"{logical_id}: its queue {arn} is not in this template")
        visibility = float(queue.properties.get("VisibilityTimeout", 30))
        timeout = read_function(template, logical_id).timeout
        if visibility < timeout:
            raise TemplateError(
                f"{logical_id}: queue visibility timeout {visibility:.0f} s is less than "
                f"the function's timeout {timeout:.0f} s; AWS refuses this event source"
            )
        batch, window = int(event.get("BatchSize", 10)), float(event.get("MaximumBatchingWindowInSeconds", 0))
        if batch > 10 and (window < 1 or queue.name.endswith(".fifo")):
            raise TemplateError(f"{logical_id}: a batch above 10 needs a standard queue and a window of 1 s or more")
        if window and queue.name.endswith(".fifo"):
            raise TemplateError(f"{logical_id}: a FIFO queue takes no batching window")
        scaling = event.get("ScalingConfig", {}).get("MaximumConcurrency")
        reports = "ReportBatchItemFailures" in event.get("FunctionResponseTypes", [])
        maximum = None if scaling is None else int(scaling)
        if maximum is not None and not 2 <= maximum <= 1000:
            raise TemplateError(f"{logical_id}: MaximumConcurrency is 2 to 1000")
        sources.append(shapes.EventSource(logical_id, arn, batch, window, reports, maximum))
    return sources


def read_schedules(template: Template, logical_id: str) -> list[shapes.Schedule]:
    found = []
    for name, event in _events(template, logical_id, "ScheduleV2"):
        if event.get("State", "ENABLED") != "ENABLED":
            continue
        payload = event.get("Input")
        found.append(
            shapes.Schedule(
                function=logical_id,
                name=str(event.get("Name", f"{logical_id}{name}")),
                expression=str(event["ScheduleExpression"]),
                time_zone=str(event.get("ScheduleExpressionTimezone", "UTC")),
                input=payload if payload is None or isinstance(payload, str) else json.dumps(payload),
                retries=int(event.get("RetryPolicy", {}).get("MaximumRetryAttempts", 185)),
            )
        )
    return found
