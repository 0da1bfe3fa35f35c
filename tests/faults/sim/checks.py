"""What must be true of every seed once all is quiet. Each fault found is counted as lost, doubled or stuck, with its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bai.jobs import states
from tests.faults.sim.scenario import Scenario

_REASONS = ("generation_failed", "effect_unknown", "callback_timeout", "child_failed", "cancelled", "expired")

_TOLERANCE = timedelta(milliseconds=50)


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


def check(scenario: Scenario) -> Verdict:
    verdict = Verdict()
    if scenario.stuck:
        verdict.stuck.append(scenario.stuck)
    found = _read(scenario)
    _check_acknowledged(scenario, found, verdict)
    for job in found.jobs.values():
        _check_job(scenario, found, job, verdict)
    for effect in found.effects:
        _check_effect(scenario, found, effect, verdict)
    _check_unlisted(scenario, found, verdict)
    _check_streams(scenario, found, verdict)
    _check_limits(found, verdict)
    _check_unique(scenario, found, verdict)
    _check_pauses(scenario, found, verdict)
    verdict.doubled += scenario.world.kinds.ledger.faults
    return verdict


def _read(scenario: Scenario) -> Found:
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


def _check_acknowledged(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    for wish in scenario.wishes:
        if wish.acknowledged and wish.job_id not in found.jobs:
            verdict.lost.append(f"{wish.kind} {wish.job_id} was acknowledged and is not there")
    for job_id in scenario.replays - found.jobs.keys():
        verdict.lost.append(f"the replay {job_id} was acknowledged and is not there")
    for job_id in scenario.cancelled - scenario.retried:
        job = found.jobs.get(job_id)
        if job is not None and job["state"] != states.CANCELLED:
            verdict.lost.append(f"a cancel of {_name(job)} was acknowledged, but it ended {job['state']}")


def _name(job: dict[str, Any]) -> str:
    return f"{job['type'].partition('.')[2]} {str(job['id'])[-6:]}"


def _check_job(scenario: Scenario, found: Found, job: dict[str, Any], verdict: Verdict) -> None:
    name, state = _name(job), job["state"]
    if state not in states.FINAL:
        verdict.stuck.append(f"{name} is still {state}")
        return
    _check_reason(scenario, job, verdict)
    if job["settled_at"] is None:
        verdict.stuck.append(f"{name} is {state} and was never settled")
    if job["children_open"] or job["parked_at"]:
        verdict.stuck.append(
            f"{name} is {state} with children_open={job['children_open']}, parked_at={job['parked_at']}"
        )
    told = found.settled.get(str(job["id"]), [])
    for end, times in Counter(told).items():
        if times > 1:
            verdict.doubled.append(f"{name} was settled {times} times for one end, {end[0]}")
    if (state, job["finished_at"]) not in told:
        verdict.lost.append(f"{name} ended {state} and its module was not told so: {[end[0] for end in told]}")
    if str(job["id"]) not in scenario.retried and job["parent_id"] is None and len(told) > 1:
        verdict.doubled.append(f"{name} was settled as {[end[0] for end in told]}")
    succeeded = state == states.SUCCEEDED
    if job["type"].endswith(".write") and found.written[str(job["id"])] != int(succeeded):
        where = verdict.doubled if found.written[str(job["id"])] > 1 else verdict.lost
        where.append(f"{name} is {state} and wrote {found.written[str(job['id'])]} times")
    if succeeded:
        _check_result(scenario, found, job, verdict)
    attempts = [entry["attempt"] for entry in job["history"]]
    if attempts != list(range(1, job["attempt"] + 1)):
        verdict.doubled.append(f"{name}, {state}, has the attempts {attempts} of {job['attempt']} in its history")


def _check_reason(scenario: Scenario, job: dict[str, Any], verdict: Verdict) -> None:
    """A few faults cost a job time, not its success: it may end badly only by what it was asked to do."""
    hurried = any("deadline" in wish.options for wish in scenario.wishes)
    code = (job["error"] or {}).get("code")
    if job["state"] == states.DEAD:
        verdict.lost.append(f"{_name(job)} is dead after {job['attempt']} attempts: {job['error']}")
    if job["state"] == states.EXPIRED and not hurried:
        verdict.stuck.append(f"{_name(job)} expired, though it had time enough")
    if job["state"] == states.FAILED and code not in _REASONS:
        verdict.lost.append(f"{_name(job)} failed: {job['error']}")


def _check_result(  # noqa: C901 - one case for each kind
    scenario: Scenario, found: Found, job: dict[str, Any], verdict: Verdict
) -> None:
    name, result = _name(job), job["result"]
    if job["result_ref"] is not None:
        if job["result_ref"]["key"] not in scenario.world.objects:
            verdict.lost.append(f"{name} succeeded and its result is nowhere")
        return
    match job["type"].partition(".")[2]:
        case "paid":
            kept = [found.steps[str(job["id"]), f"buy-{number}"]["result"] for number in (1, 2, 3)]
            if result["bought"] != kept:
                verdict.doubled.append(f"{name} used {result['bought']} and kept {kept}")
        case "callback":
            if result["answer"] != found.steps[str(job["id"]), "callback"]["result"]:
                verdict.doubled.append(f"{name} answers {result['answer']}, not what was kept")
            if scenario.answers.get(str(job["id"]), 0) > 1 and str(job["id"]) not in scenario.retried:
                verdict.doubled.append(f"{name} took {scenario.answers[str(job['id'])]} answers")
        case "family":
            parts = sorted(_short_id(one) for one in found.jobs if str(found.jobs[one]["parent_id"]) == str(job["id"]))
            if len(result["parts"]) != len(parts):
                verdict.lost.append(f"{name} has {len(result['parts'])} results of {len(parts)} parts")
        case "steps":
            for number, made in enumerate(result["made"], 1):
                if made != found.steps[str(job["id"]), f"effect-{number}"]["result"]:
                    verdict.doubled.append(f"{name} used {made} for effect-{number}, not what was kept")


def _short_id(job_id: str) -> str:
    return job_id[-6:]


def _check_effect(scenario: Scenario, found: Found, effect: dict[str, Any], verdict: Verdict) -> None:
    job = found.jobs[str(effect["job_id"])]
    acts = scenario.world.services.done[str(job["id"]), effect["name"]].acts
    key = f"{job['id']}/{effect['name']}/{effect['round']}"
    times, mode, state = acts.count(key), effect["mode"], effect["state"]
    what = f"{effect['name']} ({mode}, {state}) of {_name(job)}, {job['state']},"
    if mode in ("keyed", "probe", "at_most_once") and times > 1:
        verdict.doubled.append(f"{what} happened {times} times")
    looked = isinstance(effect["result"], dict) and effect["result"].get("looked")
    if state == "confirmed" and times == 0 and not looked:
        verdict.lost.append(f"{what} did not happen")
    if mode == "at_most_once" and state == "planned" and times:
        verdict.lost.append(f"{what} happened")
    if mode == "at_most_once" and state == "sent":
        verdict.lost.append(f"{what} is in doubt and not listed as unknown")
    if job["state"] == states.SUCCEEDED and state != "confirmed" and effect["round"] == _last_round(found, effect):
        verdict.lost.append(f"{what} is not confirmed")


def _last_round(found: Found, effect: dict[str, Any]) -> int:
    same = (one for one in found.effects if (one["job_id"], one["name"]) == (effect["job_id"], effect["name"]))
    return max(int(one["round"]) for one in same)


def _check_unlisted(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    """What happened outside and stands in no ledger."""
    keys = {f"{effect['job_id']}/{effect['name']}/{effect['round']}" for effect in found.effects}
    for (job_id, name), done in scenario.world.services.done.items():
        for act in done.acts if not name.startswith("buy-") else ():
            if act not in keys:
                verdict.lost.append(f"{name} of {job_id} happened with the key {act}, which no ledger knows")


def _check_streams(scenario: Scenario, found: Found, verdict: Verdict) -> None:
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
                    f"the last event of {_name(found.jobs[job_id])} shows {state}, it is {found.jobs[job_id]['state']}"
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


def _check_limits(found: Found, verdict: Verdict) -> None:
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


def _check_pauses(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    for since, until in scenario.pauses:
        for job in found.jobs.values():
            for entry in job["history"]:
                if since + _TOLERANCE < datetime.fromisoformat(entry["started_at"]) < until - _TOLERANCE:
                    verdict.doubled.append(f"{_name(job)} began {entry['started_at']}, while its queue was paused")


def _check_unique(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    """While a job held the key to its end, no other was made."""
    uniques = [wish.options["unique"] for wish in scenario.wishes if "unique" in wish.options]
    if not uniques or uniques[0].until != "finished" or uniques[0].on_conflict == "replace" or scenario.retried:
        return
    ours = sorted(found.jobs.values(), key=lambda job: job["created_at"])
    for older, newer in pairwise([job for job in ours if job["parent_id"] is None]):
        if older["finished_at"] is None or newer["created_at"] < older["finished_at"] - _TOLERANCE:
            verdict.doubled.append(f"{_name(newer)} was made while {_name(older)} held its key")
