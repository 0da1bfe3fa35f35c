"""template.yaml against the code and against what SQS and Lambda need of each other."""

from __future__ import annotations

import ast
import importlib
from typing import Any

import pytest

from bai.jobs import types
from local.template import Template
from tests.house.source_tree import ROOT, reached_from, tree_of

TEMPLATE = Template(ROOT / "template.yaml", {})
FUNCTIONS = TEMPLATE.functions()
QUEUES = {queue.logical_id: queue for queue in TEMPLATE.queues()}

# Read by Lambda's own libraries, not by bai.settings.
_LIBRARIES_OWN = {"LOG_LEVEL": "Powertools' logger"}
# Read by bai.settings and rightly not in the template.
_NOT_SET = {
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "Lambda sets it itself",
    "DB_CA_FILE": "empty means the machine's CAs, which hold RDS Proxy's; a bundled RDS CA sets it",
}
# A file that a function loads needs it, in a part that this function never calls.
_NEVER_CALLED = {
    ("ContentPlannerRoutes", "N8N_WEBHOOK_URL"): "handing over is the worker's; routes only tell genuine callbacks",
    ("ContentPlannerRoutes", "N8N_CALLBACK_URL"): "handing over is the worker's; routes only tell genuine callbacks",
}
# (function, statement's action) -> why it can't name one resource.
_WILDCARD_RESOURCES = {
    "s3:PutObject": "a result's name begins with its job's id; the bucket and the folder are named",
    "s3:GetObject": "a result's name begins with its job's id; the bucket and the folder are named",
    "execute-api:ManageConnections": "connection ids are made by API Gateway; the API and its stage are named",
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_handler_resolves_to_something_that_lambda_can_call(name: str) -> None:
    module, _, attribute = FUNCTIONS[name].handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_every_queue_has_a_dead_letter_queue_that_keeps_longer() -> None:
    targets = {dead_letters_of(queue.properties) for queue in QUEUES.values()} - {None}
    arns = {TEMPLATE._att(name, "Arn"): name for name in QUEUES}
    for name, queue in QUEUES.items():
        if TEMPLATE._att(name, "Arn") in targets:
            assert dead_letters_of(queue.properties) is None, f"{name} is a dead-letter queue with one of its own"
            continue
        target = dead_letters_of(queue.properties)
        assert target in arns, f"{name} has no dead-letter queue of this template"
        dead = QUEUES[arns[target]].properties
        assert int(dead["MessageRetentionPeriod"]) == 1_209_600, f"{arns[target]} keeps less than 14 days"
        assert bool(dead.get("FifoQueue")) == bool(queue.properties.get("FifoQueue")), f"{name}: FIFO needs FIFO"
        assert int(queue.properties["RedrivePolicy"]["maxReceiveCount"]) >= 5, "throttled pollers use receives up"


def dead_letters_of(properties: dict[str, Any]) -> str | None:
    target = properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")
    return None if target is None else str(target)


def test_every_queue_event_reports_its_failures_item_by_item() -> None:
    sources = TEMPLATE.event_sources()
    assert sources and all(source.reports_failures for source in sources)


def test_a_message_stays_hidden_for_six_times_its_functions_timeout() -> None:
    arns = {TEMPLATE._att(name, "Arn"): queue for name, queue in QUEUES.items()}
    for source in TEMPLATE.event_sources():
        visible = int(arns[source.queue_arn].properties["VisibilityTimeout"])
        assert visible >= 6 * FUNCTIONS[source.function].timeout, source.function


def test_every_function_has_a_log_group_of_its_own_that_forgets() -> None:
    groups = set()
    for name in FUNCTIONS:
        reference = TEMPLATE.properties(name)["LoggingConfig"]["LogGroup"]["Ref"]
        group = TEMPLATE.body["Resources"][reference]
        assert group["Type"] == "AWS::Logs::LogGroup" and "RetentionInDays" in group["Properties"], name
        groups.add(reference)
    assert len(groups) == len(FUNCTIONS)


def test_an_api_waits_longer_than_its_function_may_take_but_less_than_its_own_limit() -> None:
    """Then the function's own answer, not the gateway's, is what a client sees of a slow call."""
    for api in TEMPLATE.http_apis():
        for route in api.routes:
            assert route.timeout <= FUNCTIONS[route.function].timeout <= 29, route


# ---------------------------------------------------------------- environment


def _setting_names() -> dict[str, str]:
    """Variable -> field of its group, from the source of bai.settings ('' for those that are no field)."""
    found: dict[str, str] = {}
    for node in ast.walk(tree_of("bai.settings")):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_text", "_whole"):
            if isinstance(node.args[0], ast.Constant):
                found.setdefault(str(node.args[0].value), "")
            else:
                assert ast.unparse(node.args[0]) in _PER_MODULE, ast.unparse(node)
        if isinstance(node, ast.keyword) and node.arg:
            for call in ast.walk(node.value):
                if isinstance(call, ast.Call) and ast.unparse(call.func) in ("_text", "_whole"):
                    found[str(ast.literal_eval(call.args[0]))] = node.arg
    found.pop("name", None)
    return found


_PER_MODULE = {"name", "f'{module.upper()}_QUEUE_URL'", "f'{module.upper()}_DLQ_URL'"}


def _queue_variables() -> set[str]:
    """Each queue that a job type names has an address, and its dead letters; push has a queue that is not for jobs."""
    queues = {job_type.queue for job_type in types.all_types()}
    return {f"{queue.upper()}_{kind}_URL" for queue in queues for kind in ("QUEUE", "DLQ")} | {"PUSH_QUEUE_URL"}


def test_the_templates_variables_are_those_that_settings_reads() -> None:
    in_template = {key for function in FUNCTIONS.values() for key in function.environment}
    read = set(_setting_names()) | _queue_variables()
    assert in_template - read - set(_LIBRARIES_OWN) == set(), "nobody reads these"
    assert read - in_template - set(_NOT_SET) == set(), "the template does not give these"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_has_exactly_those_variables_of_its_own_that_its_code_asks_for(name: str) -> None:
    everywhere = set(TEMPLATE.body["Globals"]["Function"]["Environment"]["Variables"])
    fields = {field: variable for variable, field in _setting_names().items() if field and variable not in everywhere}
    used = {fields[field] for field in _fields_used(FUNCTIONS[name].handler.rpartition(".")[0]) if field in fields}
    own = set(FUNCTIONS[name].environment) - everywhere - {"POWERTOOLS_SERVICE_NAME"}
    needless = own - used
    missing = {variable for variable in used - own if (name, variable) not in _NEVER_CALLED}
    assert (needless, missing - set(_NOT_SET)) == (set(), set())


def _fields_used(entry: str) -> set[str]:
    """Attributes taken from a group of settings, directly or by the name `conf` that the code gives it."""
    found = set()
    for module in reached_from(entry):
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.Attribute):
                owner = ast.unparse(node.value)
                if owner == "conf" or (owner.startswith("settings.") and owner.endswith("()")):
                    found.add(node.attr)
    return found


# ---------------------------------------------------------------- permissions


def _statements() -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, statement)
        for name in FUNCTIONS
        for policy in TEMPLATE.properties(name)["Policies"]
        for statement in policy["Statement"]
    ]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_permissions_name_their_actions_and_their_resources() -> None:
    for name, statement in _statements():
        actions = _as_list(statement["Action"])
        assert not any("*" in action for action in actions), (name, actions)
        for resource in _as_list(statement["Resource"]):
            if "*" in str(resource):
                assert all(action in _WILDCARD_RESOURCES for action in actions), (name, actions, resource)


def test_no_function_may_use_a_secret_that_its_code_does_not_name() -> None:
    secrets = {"JwtSecret": "JWT_SECRET_ARN", "N8nSecret": "N8N_SECRET_ARN", "OpenAiSecret": "OPENAI_SECRET_ARN"}
    for name, statement in _statements():
        if "secretsmanager:GetSecretValue" not in _as_list(statement["Action"]):
            continue
        for resource in _as_list(statement["Resource"]):
            variable = secrets.get(resource["Ref"])
            assert variable is None or variable in FUNCTIONS[name].environment, (name, resource)


def test_queues_are_encrypted() -> None:
    assert [
        queue.logical_id for queue in QUEUES.values() if queue.properties.get("SqsManagedSseEnabled") is not True
    ] == []


def test_code_lies_in_packages_only() -> None:
    """SAM copies the inside of CodeUri: a file http.py there would hide the standard library's."""
    assert list((ROOT / "functions").glob("*.py")) == []
