"""Checks of order and time: numbers without a gap, screens up to date, limits, pauses and keys that were held to."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from bai.jobs import states
from tests.faults.sim.found import Found, Verdict, name_of
from tests.faults.sim.scenario import Scenario

_TOLERANCE = timedelta(milliseconds=50)


def check_streams(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    for user, rows in found.events.items():
        numbers = [seq for seq, _, _ in rows]
        if numbers != list(range(1, found.newest[user] + 1)):
            verdict.lost.append(
                f"the events of a user have the numbers {numbers}, the counter says {found.newest[user]}"
            )
        shown: dict[str, str] = {}
        for _, job_id, state in rows:
            ended = shown.get(job_id) in states.FINAL and state != shown[job_id]
            if ended and job_id not in scenario.retried and found.jobs.get(job_id, {}).get("parent_id") is None:
                verdict.doubled.append(f"the events of {job_id[-6:]} show {shown[job_id]} and then {state}")
            shown[job_id] = state
        for job_id, state in shown.items():
            if job_id in found.jobs and found.jobs[job_id]["state"] != state:
                verdict.lost.append(
                    f"the last event of {name_of(found.jobs[job_id])} shows {state}, it is {found.jobs[job_id]['state']}"
                )
    for client in scenario.world.sockets.clients:
        verdict.doubled += [f"a socket got {fault}" for fault in client.faults]
        newest = found.newest.get(client.user_id, 0)
        if not client.ready:
            verdict.stuck.append("a socket is open and never got its ready")
        elif client.last != newest:
            verdict.stuck.append(f"a screen stands at event {client.last} of {newest}")


def _spans(found: Found, kind: str) -> dict[str, list[tuple[datetime, datetime]]]:
    """Each user's attempts of a type, from beginning to end, in order."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for job in found.jobs.values():
        for entry in job["history"] if job["type"].endswith(f".{kind}") else ():
            span = datetime.fromisoformat(entry["started_at"]), datetime.fromisoformat(entry["ended_at"])
            spans.setdefault(str(job["user_id"]), []).append(span)
    return {user: sorted(them) for user, them in spans.items()}


def check_limits(found: Found, verdict: Verdict) -> None:
    """The database's clock lags behind the workers' by some milliseconds, so that much is allowed."""
    for spans in _spans(found, "limited").values():
        for (_, ended), (started, _) in pairwise(spans):
            if started < ended - _TOLERANCE:
                verdict.doubled.append(
                    f"one at a time was asked for: one ran until {ended:%T.%f}, another from {started:%T.%f}"
                )
    for spans in _spans(found, "rated").values():
        for (before, _), (started, _) in pairwise(spans):
            if started - before < timedelta(seconds=30) - _TOLERANCE:
                verdict.doubled.append(f"one in 30 s was asked for: one began {before:%T.%f}, the next {started:%T.%f}")


def check_pauses(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    for since, until in scenario.pauses:
        for job in found.jobs.values():
            for entry in job["history"]:
                if since + _TOLERANCE < datetime.fromisoformat(entry["started_at"]) < until - _TOLERANCE:
                    verdict.doubled.append(f"{name_of(job)} began {entry['started_at']}, while its queue was paused")


def check_unique(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    """While a job held the key to its end, no other was made."""
    uniques = [wish.options["unique"] for wish in scenario.wishes if "unique" in wish.options]
    if not uniques or uniques[0].until != "finished" or uniques[0].on_conflict == "replace" or scenario.retried:
        return
    ours = sorted(found.jobs.values(), key=lambda job: job["created_at"])
    for older, newer in pairwise([job for job in ours if job["parent_id"] is None]):
        if older["finished_at"] is None or newer["created_at"] < older["finished_at"] - _TOLERANCE:
            verdict.doubled.append(f"{name_of(newer)} was made while {name_of(older)} held its key")
