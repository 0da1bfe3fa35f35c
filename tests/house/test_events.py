"""events/: every entry has a sample, and each sample is answered as the entry promises."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bai import auth, aws, clock, db, settings
from local.template import Template
from tests.builders import Api, lambda_context
from tests.house.source_tree import ROOT

EVENTS = ROOT / "events"
USER = "01938f7e-0000-7000-8000-000000000001"
FILES = sorted(path.relative_to(EVENTS).with_suffix("").as_posix() for path in EVENTS.rglob("*.json"))
TEMPLATE = Template(ROOT / "template.yaml", {})
# What each sample is answered with: an HTTP status, or the answer itself.
DONE: dict[str, Any] = {"batchItemFailures": []}
STATUSES = {
    "auth/routes.me": 200,
    "auth/routes.register": 201,
    "auth/routes.token": 401,
    "content_planner/routes.callback": 404,
    "content_planner/routes.launch": 202,
    "jobs/routes.cancel": 404,
    "jobs/routes.list": 200,
    "jobs/routes.redrive": 200,
    "ops/routes.health": 200,
    "ops/routes.ready": 200,
    "push/routes.events": 200,
    "push/routes.ticket": 201,
    "push/sockets.connect": 200,
    "push/sockets.disconnect": 200,
    "push/sockets.ping": 200,
}
ANSWERS: dict[str, Any] = {
    "content_planner/jobs.create_campaign": DONE,
    "jobs/jobs.forget_old": DONE,
    "jobs/sweeper": {"overdue": 0, "lost": 0, "due": 0, "heads": 0, "ticks": 0},
    "ops/migrate": None,
    "push/deliver": DONE,
    "push/replay": DONE,
}


def _handler(file: str) -> str:
    """events/push/sockets.connect.json is for push.sockets.handler."""
    module, _, name = file.partition("/")
    return f"{module}.{name.partition('.')[0]}.handler"


@pytest.fixture
def client(api: Api) -> None:
    """The user whose id the samples carry, on a plan that may do everything."""
    stranger = api.client("PARTNER")
    with db.transaction() as session:
        change = text("UPDATE users SET id = CAST(:new AS uuid) WHERE id = CAST(:old AS uuid)")
        session.execute(change, {"new": USER, "old": stranger.id})


def _read(path: Path) -> Any:
    """The file with the credentials that it leaves open and a month that can still be planned."""
    token, _ = auth.mint(USER, "client")
    filled = path.read_text().replace("ACCESS_TOKEN", token).replace("2027-06", clock.now().strftime("%Y-%m"))
    return json.loads(filled.replace("N8N_SECRET", aws.secret(settings.text().n8n_secret_arn)))


def _call(file: str) -> Any:
    entry = importlib.import_module(_handler(file).rpartition(".")[0])
    return entry.handler(_read(EVENTS / f"{file}.json"), lambda_context())


def test_every_function_has_a_sample_and_every_sample_a_function() -> None:
    handlers = {function.handler for function in TEMPLATE.functions().values()}
    assert {_handler(file) for file in FILES} == handlers


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("file", sorted(STATUSES))
def test_a_sample_request_is_answered_with_its_status(file: str) -> None:
    answer = _call(file)
    assert answer["statusCode"] == STATUSES[file], answer


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("file", sorted(ANSWERS))
def test_a_sample_job_or_schedule_is_answered(file: str) -> None:
    answer = _call(file)
    if file == "ops/migrate":
        assert answer["from"] == answer["to"] is not None, "the test's database is at head already"
        return
    assert answer == ANSWERS[file]


@pytest.mark.usefixtures("client")
def test_the_monitors_sample_gives_a_report_of_each_dependency() -> None:
    report = _call("ops/monitor")
    assert report["status"] == "ok"
    assert [dep["name"] for dep in report["deps"]] == ["database", "queues", "text_engine", "n8n"]


@pytest.mark.usefixtures("client")
def test_the_authorizer_denies_the_samples_ticket_and_allows_a_fresh_one_once() -> None:
    from push import authorizer, tickets

    def effect(event: dict[str, Any]) -> str:
        return str(authorizer.handler(event, lambda_context())["policyDocument"]["Statement"][0]["Effect"])

    event = _read(EVENTS / "push/authorizer.json")
    assert effect(event) == "Deny"
    event["queryStringParameters"]["ticket"] = tickets.issue_ticket(USER)
    assert [effect(event), effect(event)] == ["Allow", "Deny"]


def test_samples_name_queues_and_routes_of_the_template(account: Template) -> None:
    queues = {queue.name.removeprefix("bai-test-") for queue in account.queues()}
    routes = {f"{route.method} {route.path}" for api in TEMPLATE.http_apis() for route in api.routes}
    for file in FILES:
        event = json.loads((EVENTS / f"{file}.json").read_text())
        for record in event.get("Records", []):
            assert record["eventSourceARN"].rpartition("bai-dev-")[2] in queues, file
        if event.get("version") == "2.0":
            assert event["routeKey"] in routes, file


def test_every_sample_is_tested() -> None:
    own = {"ops/monitor", "push/authorizer"}
    assert set(STATUSES) | set(ANSWERS) | own == set(FILES)
