"""Health: alive, ready, what is measured each minute, and that a change is pushed once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from bai import db, settings
from ops import migrate, monitor
from push import service
from tests.builders import Api, lambda_context


def test_alive_ready_and_a_silent_monitor(api: Api) -> None:
    assert api.call("GET", "/health").body == {"status": "ok"}
    assert api.call("GET", "/health/ready").body == {"status": "ok"}
    silent = api.call("GET", "/health/deps").body
    assert silent["status"] == "degraded"
    assert "monitor" in silent["deps"][0]["detail"]


def test_the_monitors_report_is_what_deps_shows(api: Api) -> None:
    monitor.handler({}, lambda_context())
    report = api.call("GET", "/health/deps").body
    assert report["status"] == "ok", report
    statuses = {dep["name"]: dep["status"] for dep in report["deps"]}
    assert statuses == {"database": "ok", "queues": "ok", "text_engine": "ok", "n8n": "off"}


def test_a_change_is_pushed_once_to_those_who_listen(api: Api, caller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction() as session:
        service.note_listener(session, caller.id)
    monitor.handler({}, lambda_context())
    monitor.handler({}, lambda_context())
    monkeypatch.setenv("TEXT_ENGINE", "n8n")
    monkeypatch.setenv("N8N_WEBHOOK_URL", "http://127.0.0.1:1/webhook")
    settings.forget()
    monitor.handler({}, lambda_context())
    with db.transaction() as session:
        told = session.rows(text("SELECT event, data FROM events ORDER BY seq"))
    assert [row["event"] for row in told] == ["system.status"] * 2
    assert [row["data"]["status"] for row in told] == ["ok", "down"]


def test_a_database_that_is_away_makes_ready_503_and_deps_say_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    db.forget()
    monkeypatch.setenv("DB_PORT", "1")
    settings.forget()
    ready = api.call("GET", "/health/ready")
    assert (ready.status, ready.body["code"]) == (503, "unavailable")
    assert int(ready.headers["retry-after"]) > 0
    deps = api.call("GET", "/health/deps")
    assert (deps.status, deps.body["status"], deps.body["deps"][0]["name"]) == (200, "down", "database")
    assert api.call("GET", "/health").status == 200


def test_migrating_again_changes_nothing(api: Api) -> None:
    answer = migrate.handler({}, lambda_context())
    assert answer["from"] == answer["to"] is not None
