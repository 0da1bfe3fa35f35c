"""What must be true of every seed once all is quiet. Each fault found is counted as lost, doubled or stuck, with its reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

from bai.jobs import states
from tests.faults.sim import order
from tests.faults.sim.found import Found, Verdict, name_of, read
from tests.faults.sim.scenario import Scenario

_SEVERAL = 4  # faults that may use up a message's five receives
_REASONS = ("generation_failed", "effect_unknown", "callback_timeout", "child_failed", "cancelled", "expired")


def check(scenario: Scenario) -> Verdict:
    verdict = Verdict()
    if scenario.stuck:
        verdict.stuck.append(scenario.stuck)
    poisoned = sum(queue.poisoned for queue in scenario.world.queues)
    if poisoned and len(scenario.world.struck) < _SEVERAL:
        verdict.stuck.append(f"{poisoned} messages went to the dead letters after {len(scenario.world.struck)} faults")
    found = read(scenario)
    _check_acknowledged(scenario, found, verdict)
    for job in found.jobs.values():
        _check_job(scenario, found, job, verdict)
    for effect in found.effects:
        _check_effect(scenario, found, effect, verdict)
    _check_unlisted(scenario, found, verdict)
    order.check_streams(scenario, found, verdict)
    order.check_limits(found, verdict)
    order.check_unique(scenario, found, verdict)
    order.check_pauses(scenario, found, verdict)
    verdict.doubled += scenario.world.kinds.ledger.faults
    return verdict


def _check_acknowledged(scenario: Scenario, found: Found, verdict: Verdict) -> None:
    for wish in scenario.wishes:
        if wish.acknowledged and wish.job_id not in found.jobs:
            verdict.lost.append(f"{wish.kind} {wish.job_id} was acknowledged and is not there")
    for job_id in scenario.replays - found.jobs.keys():
        verdict.lost.append(f"the replay {job_id} was acknowledged and is not there")
    for job_id in scenario.cancelled - scenario.retried:
        job = found.jobs.get(job_id)
        if job is not None and job["state"] != states.CANCELLED:
            verdict.lost.append(f"a cancel of {name_of(job)} was acknowledged, but it ended {job['state']}")


def _check_job(scenario: Scenario, found: Found, job: dict[str, Any], verdict: Verdict) -> None:
    name, state = name_of(job), job["state"]
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
        verdict.lost.append(f"{name_of(job)} is dead after {job['attempt']} attempts: {job['error']}")
    if job["state"] == states.EXPIRED and not hurried:
        verdict.stuck.append(f"{name_of(job)} expired, though it had time enough")
    if job["state"] == states.FAILED and code not in _REASONS:
        verdict.lost.append(f"{name_of(job)} failed: {job['error']}")


def _check_result(  # noqa: C901 - one case for each kind
    scenario: Scenario, found: Found, job: dict[str, Any], verdict: Verdict
) -> None:
    name, result = name_of(job), job["result"]
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
    what = f"{effect['name']} ({mode}, {state}) of {name_of(job)}, {job['state']},"
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
