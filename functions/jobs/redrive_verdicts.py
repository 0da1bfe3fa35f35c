"""What trying a job again would mean: what already had its effect, what is sent again, what nobody knows.

It says what bai.jobs.control.retry and the ledger's modes would do, and does nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, text

from bai.db import Session
from bai.jobs import effects, states, types

# A job and everything below it; what has succeeded there is not run again.
_FAMILY = text("""
    WITH RECURSIVE family AS (
        SELECT id, id AS root, state, settled_at FROM jobs WHERE id = ANY(CAST(:ids AS uuid[]))
        UNION ALL SELECT j.id, f.root, j.state, j.settled_at FROM jobs j JOIN family f ON j.parent_id = f.id
    )
    SELECT * FROM family
""")
_STEPS = text("""
    SELECT job_id, name, state, name = 'callback' AND jsonb_exists(result, 'error') AS refused
    FROM job_steps WHERE job_id = ANY(CAST(:ids AS uuid[])) ORDER BY finished_at, started_at
""")
_EFFECTS = text("""
    SELECT DISTINCT ON (job_id, name) * FROM job_effects
    WHERE job_id = ANY(CAST(:ids AS uuid[])) ORDER BY job_id, name, round DESC
""")
_BY_MODE = {"keyed": "same_key", "probe": "asked_first", "at_least_once": "may_repeat", "at_most_once": "in_doubt"}
_WORDS = {
    "not_repeated": "Had its effect already and is not repeated: {}.",
    "same_key": "Sent without an answer, sent again under the same key: {}.",
    "asked_first": "Sent without an answer, the other side is asked first: {}.",
    "may_repeat": "Sent without an answer, may happen twice: {}.",
    "asked_anew": "Asked anew: {}.",
    "in_doubt": "Nobody knows whether it happened; say so first: {}.",
}


@dataclass(frozen=True, slots=True)
class Known:
    """All that is recorded of a set of jobs, read at once."""

    family: Mapping[str, Sequence[RowMapping]]
    steps: Mapping[str, Sequence[RowMapping]]
    effects: Mapping[str, Sequence[RowMapping]]


def look(session: Session, ids: Sequence[str]) -> Known:
    family = session.rows(_FAMILY, {"ids": list(ids)})
    everybody = {"ids": [str(row["id"]) for row in family]}
    return Known(
        family=_by("root", family),
        steps=_by("job_id", session.rows(_STEPS, {"ids": list(ids)})),
        effects=_by("job_id", session.rows(_EFFECTS, everybody)),
    )


def _by(column: str, rows: Sequence[RowMapping]) -> dict[str, list[RowMapping]]:
    found: dict[str, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(str(row[column]), []).append(row)
    return found


def judge(job: RowMapping, known: Known) -> dict[str, Any]:
    """steps_done, effects with their fate, verdict, reason and the same in words."""
    job_id = str(job["id"])
    steps = known.steps.get(job_id, [])
    forgotten = _forgotten(steps)
    done = [row["name"] for row in steps if row["state"] == "done" and row["name"] not in forgotten]
    ledger = [
        {
            **effects.describe(row),
            "job_id": str(row["job_id"]),
            "fate": _fate(row, forgotten, own=str(row["job_id"]) == job_id),
        }
        for member in known.family.get(job_id, [])
        for row in known.effects.get(str(member["id"]), [])
    ]
    parts = [row for row in known.family.get(job_id, []) if str(row["id"]) != job_id]
    refusal = _refusal(job, parts)
    verdict, reason = ("refused", refusal[0]) if refusal else _verdict(ledger, done, parts)
    detail = refusal[1] if refusal else " ".join([*_told(ledger), _place(done, parts)])
    return {"steps_done": done, "effects": ledger, "verdict": verdict, "reason": reason, "detail": detail}


def _forgotten(steps: Sequence[RowMapping]) -> set[str]:
    """The steps that a retry asks anew: see bai.jobs.control."""
    by_name = {row["name"]: row for row in steps}
    callback, handed = by_name.get("callback"), by_name.get("hand-off")
    unanswered = callback is None and handed is not None and handed["state"] == "done"
    if unanswered or (callback is not None and callback["refused"]):
        return {"hand-off", "callback"} & set(by_name)
    return set()


def _fate(effect: RowMapping, forgotten: set[str], *, own: bool) -> str:
    if own and effect["name"] in forgotten and effect["state"] in ("confirmed", "sent"):
        return "asked_anew"
    if effect["state"] == "confirmed":
        return "not_repeated"
    return "not_done_yet" if effect["state"] == "planned" else _BY_MODE[effect["mode"]]


def _refusal(job: RowMapping, parts: Sequence[RowMapping]) -> tuple[str, str] | None:
    """Why bai.jobs.retry would not take it, whatever its effects."""
    if job["state"] in states.OPEN:
        return "still_open", f"It is {job['state']} and goes on by itself."
    if job["state"] == states.SUCCEEDED:
        return "succeeded", "It succeeded; there is nothing to run again."
    if job["settled_at"] is None:
        return "winding_up", "It is still being wound up; try again in a moment."
    if any(part["state"] in states.OPEN for part in parts):
        return "parts_stopping", "Parts of it are still stopping; try again in a moment."
    try:
        types.find(job["type"])
    except types.UnknownJob:
        return "unknown_type", f"There is no job {job['type']} any more."
    return None


def _verdict(
    ledger: Sequence[Mapping[str, Any]], done: Sequence[str], parts: Sequence[RowMapping]
) -> tuple[str, str | None]:
    fates = {effect["fate"] for effect in ledger}
    if "in_doubt" in fates:
        return "in_doubt", "effect_unknown"
    if "not_repeated" in fates:
        return "had_effect", None
    return ("goes_on" if done or _succeeded(parts) else "starts_over"), None


def _told(ledger: Sequence[Mapping[str, Any]]) -> list[str]:
    named = {fate: sorted({effect["name"] for effect in ledger if effect["fate"] == fate}) for fate in _WORDS}
    return [_WORDS[fate].format(", ".join(names)) for fate, names in named.items() if names]


def _place(done: Sequence[str], parts: Sequence[RowMapping]) -> str:
    if parts:
        return f"{_succeeded(parts)} of its {len(parts)} parts are done and kept, the others run again."
    return f"Goes on after step {done[-1]}." if done else "Starts over."


def _succeeded(parts: Sequence[RowMapping]) -> int:
    return sum(part["state"] == states.SUCCEEDED for part in parts)
