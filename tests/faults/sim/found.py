"""What a seed left behind: its rows, read once, and the verdict that the checks write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.sim.scenario import Scenario


@dataclass
class Verdict:
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)

    def lines(self) -> list[str]:
        named = (("lost", self.lost), ("doubled", self.doubled), ("stuck", self.stuck))
        return [f"{name}: {reason}" for name, reasons in named for reason in reasons]


@dataclass
class Found:
    """The rows of one seed."""

    jobs: dict[str, dict[str, Any]]
    effects: list[dict[str, Any]]
    steps: dict[tuple[str, str], dict[str, Any]]
    written: Counter[str]
    settled: dict[str, list[tuple[str, Any]]]
    events: dict[str, list[tuple[int, str, str]]]
    newest: dict[str, int]


def read(scenario: Scenario) -> Found:
    query = scenario.world.database.query
    users = ", ".join(f"'{user}'" for user in scenario.users)
    names = ("id", "user_id", "type", "state", "attempt", "result", "result_ref", "error", "finished_at", "settled_at",
             "children_open", "parked_at", "cancel_requested_at", "history", "parent_id", "created_at")  # fmt: skip
    rows = query(f"SELECT {', '.join(names)} FROM jobs WHERE user_id IN ({users})")
    jobs = {str(row[0]): dict(zip(names, row, strict=True)) for row in rows}
    ids = ", ".join(f"'{job_id}'" for job_id in jobs) or "NULL"
    fields = ("job_id", "name", "round", "mode", "state", "result")
    effects = [
        dict(zip(fields, row, strict=True))
        for row in query(f"SELECT {', '.join(fields)} FROM job_effects WHERE job_id IN ({ids})")
    ]
    steps = {
        (str(row[0]), row[1]): {"state": row[2], "result": row[3]}
        for row in query(f"SELECT job_id, name, state, result FROM job_steps WHERE job_id IN ({ids})")
    }
    written = Counter(str(row[0]) for row in query(f"SELECT job_id FROM sim_written WHERE job_id IN ({ids})"))
    settled: dict[str, list[tuple[str, Any]]] = {}
    for job_id, state, finished in query(f"SELECT job_id, state, finished_at FROM sim_settled WHERE job_id IN ({ids})"):
        settled.setdefault(str(job_id), []).append((state, finished))
    events: dict[str, list[tuple[int, str, str]]] = {}
    for user, seq, job_id, state in query(
        f"SELECT user_id, seq, data->>'id', data->>'state' FROM events WHERE user_id IN ({users}) ORDER BY seq"
    ):
        events.setdefault(str(user), []).append((seq, job_id, state))
    newest = {
        str(user): seq for user, seq in query(f"SELECT user_id, seq FROM event_counters WHERE user_id IN ({users})")
    }
    return Found(jobs, effects, steps, written, settled, events, newest)


def name_of(job: dict[str, Any]) -> str:
    return f"{job['type'].partition('.')[2]} {str(job['id'])[-6:]}"
