"""The hot queries use their indexes: 50,000 campaigns of 500 users, and no plan reads the whole table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from bai import db

_FILL = """
INSERT INTO users (id, email, password_hash, full_name)
SELECT gen_random_uuid(), 'u' || n || '@example.com', '', 'U' FROM generate_series(1, 500) n;
"""
_CAMPAIGNS = """
INSERT INTO campaigns (id, user_id, month, tone_of_voice, themes, target_platforms, language, engine, status, deadline_at,
                       created_at)
SELECT gen_random_uuid(), u.id, '2027-' || lpad((1 + n % 12)::text, 2, '0'), '', '[]', '[]', 'es', 'template', 'failed',
       now(), now() - n * interval '1 minute'
FROM (SELECT id, row_number() OVER () AS k FROM users) u, generate_series(1, 100) n
"""
_JOBS = """
INSERT INTO jobs (id, user_id, type, queue, state, payload, deadline_at, wake_at, settled_at, finished_at, created_at)
SELECT gen_random_uuid(), user_id, 't', 'q', 'succeeded', '{}', now(), now(), now(), now(), created_at FROM campaigns
"""
_PIECES = """
INSERT INTO pieces (id, campaign_id, user_id, position, kind, platform, status, text, hashtags, media_brief, engine,
                    scheduled_for)
SELECT gen_random_uuid(), id, user_id, 1, 'post', 'x', 'draft', '', '[]', '', 'template', now() FROM campaigns
"""
_EVENTS = "INSERT INTO events (user_id, seq, event, data) SELECT id, n, 'e', '{}' FROM users, generate_series(1, 40) n"
_USER = "(SELECT id FROM users LIMIT 1)"

HOT = {
    "a user's campaigns": f"SELECT * FROM campaigns WHERE user_id = {_USER} ORDER BY created_at DESC, id DESC LIMIT 51",
    "a user's campaigns of a month": (
        f"SELECT * FROM campaigns WHERE user_id = {_USER} AND month = '2027-03' ORDER BY created_at DESC, id DESC LIMIT 51"
    ),
    "a month's newest campaigns": "SELECT * FROM campaigns WHERE month = '2027-03' ORDER BY created_at DESC LIMIT 50",
    "a user's jobs": f"SELECT * FROM jobs WHERE user_id = {_USER} ORDER BY created_at DESC, id DESC LIMIT 51",
    "what the sweeper looks for": "SELECT id FROM jobs WHERE settled_at IS NULL AND wake_at <= now() LIMIT 200",
    "what is overdue": "SELECT id FROM jobs WHERE finished_at IS NULL AND deadline_at <= now() LIMIT 200",
    "sign in": "SELECT * FROM users WHERE lower(email) = 'u7@example.com'",
    "missed events": f"SELECT * FROM events WHERE user_id = {_USER} AND seq > 5 ORDER BY seq LIMIT 1001",
    "a campaign's pieces": f"SELECT * FROM pieces WHERE campaign_id = {_USER} ORDER BY position",
    "a calendar": f"SELECT * FROM pieces WHERE user_id = {_USER} AND scheduled_for >= now() ORDER BY scheduled_for LIMIT 500",
}


def plan_nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", []) for node in plan_nodes(part))]


@pytest.fixture
def filled(database: Any) -> None:
    with db.transaction() as session:
        for statement in (_FILL, _CAMPAIGNS, _JOBS, _PIECES, _EVENTS):
            session.execute(text(statement))
    with db.transaction() as session:
        session.execute(text("ANALYZE"))


def test_no_hot_query_reads_a_whole_table(filled: None) -> None:
    whole: dict[str, list[str]] = {}
    with db.transaction() as session:
        for name, query in HOT.items():
            explained = session.value(text(f"EXPLAIN (FORMAT JSON) {query}"))
            plan = (json.loads(explained) if isinstance(explained, str) else explained)[0]["Plan"]
            scans = [node["Relation Name"] for node in plan_nodes(plan) if node["Node Type"] == "Seq Scan"]
            # Picking any user for the parameter reads the first row of users; that is the test's own query.
            found = [table for table in scans if table in ("campaigns", "jobs", "events", "pieces")]
            if found or (name == "sign in" and scans):
                whole[name] = scans
    assert whole == {}
