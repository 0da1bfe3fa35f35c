"""The work of the planner's jobs: five pieces, one step each, by whichever engine the campaign has.

Runs in the worker only; routes never import it. Slow outside work happens between transactions.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import RowMapping, func, select

from bai import clock, jobs
from bai.db import Session, transaction
from bai.errors import Conflict, GenerationFailed
from bai.jobs import Child, Running
from bai.tables import users
from content_planner.drafts import PIECES, POSTS, REELS, Brief, PieceDraft, Slot, plan_slots
from content_planner.job_types import RegeneratePiece, WritePiece
from content_planner.service.campaigns import begin_campaign, change_campaign, end_generation, finish_generation
from content_planner.service.pieces import begin_regeneration, save_piece, save_regenerated
from content_planner.tables import campaigns, pieces
from content_planner.writers import step_seconds, write

_N8N_WAIT = timedelta(hours=24)


def create_campaign(job: Running) -> dict[str, Any]:
    """Makes the campaign's five pieces, each by a child of its own, or all of them by n8n.

    Raises GenerationFailed when it can't be exactly four posts and a reel.
    """
    campaign, time_zone = _begin(job)
    if campaign["engine"] == "n8n":
        brief = brief_of(campaign)
        for slot, draft in _drafts_by_n8n(job, brief, _slots(campaign, time_zone)):
            _make_piece(job, campaign, slot, partial(draft.model_dump, mode="json"))
    else:
        parts = [WritePiece(campaign_id=job.subject_id, position=number) for number in range(1, PIECES + 1)]
        job.fan_out(
            "pieces", [Child("content_planner.write_piece", part) for part in parts], message="Writing the pieces"
        )
    _require_whole(job.subject_id)
    return {"campaign_id": job.subject_id, "pieces": PIECES}


def write_piece(job: Running) -> dict[str, Any]:
    """One piece of a campaign. Raises GenerationFailed, Unavailable, Conflict for a campaign that has ended."""
    payload: WritePiece = job.payload
    with transaction() as session:
        campaign = session.row(select(campaigns).where(campaigns.c.id == payload.campaign_id))
        if campaign is None or campaign["status"] != "in_progress":
            raise Conflict("The campaign is not being made any more.")
        time_zone = _time_zone(session, campaign)
    slot = _slots(campaign, time_zone)[payload.position - 1]
    _make_piece(job, campaign, slot, partial(write, campaign["engine"], brief_of(campaign), slot))
    return {"campaign_id": payload.campaign_id, "position": payload.position}


def _begin(job: Running) -> tuple[RowMapping, str]:
    with transaction() as session:
        campaign = begin_campaign(session, job.subject_id, job.deadline_at)
        if campaign is None:
            raise Conflict("The campaign was already made.")
        return campaign, _time_zone(session, campaign)


def _time_zone(session: Session, campaign: RowMapping) -> str:
    return str(session.value(select(users.c.time_zone).where(users.c.id == campaign["user_id"])))


def _slots(campaign: RowMapping, time_zone: str) -> list[Slot]:
    return plan_slots(brief_of(campaign), time_zone, now=campaign["created_at"])


def brief_of(campaign: RowMapping) -> Brief:
    return Brief(
        campaign_id=str(campaign["id"]),
        month=campaign["month"],
        tone_of_voice=campaign["tone_of_voice"],
        themes=campaign["themes"],
        target_platforms=campaign["target_platforms"],
        language=campaign["language"],
        campaign_metadata=campaign["campaign_metadata"],
    )


def _make_piece(job: Running, campaign: RowMapping, slot: Slot, work: Callable[[], dict[str, Any]]) -> None:
    def save(session: Session, made: dict[str, Any]) -> None:
        save_piece(session, campaign, slot, PieceDraft.model_validate(made), campaign["engine"])

    job.step(
        f"piece-{slot.position}",
        work,
        apply=save,
        seconds=step_seconds(campaign["engine"]),
        progress=slot.position * 19,
        message=f"Writing piece {slot.position} of {PIECES}",
    )


def _require_whole(campaign_id: str) -> None:
    with transaction() as session:
        kinds = (
            select(pieces.c.kind, func.count().label("number"))
            .where(pieces.c.campaign_id == campaign_id)
            .group_by(pieces.c.kind)
        )
        found = {row.kind: row.number for row in session.execute(kinds)}
    if found != {"post": POSTS, "reel": REELS}:
        raise GenerationFailed(f"The campaign has {found} instead of {POSTS} posts and {REELS} reel.")


def _drafts_by_n8n(job: Running, brief: Brief, slots: list[Slot]) -> list[tuple[Slot, PieceDraft]]:
    from content_planner import n8n  # noqa: PLC0415 - only this engine pays for its HTTP client

    answer = job.result_of("callback")
    if answer is None:
        # Keyed: the workflow drops a brief whose Idempotency-Key it has seen (docs/limits.md says how, and what if not).
        send = partial(n8n.hand_off, brief, job.id)
        job.effect("hand-off", send, mode="keyed", seconds=25, message="Handing over to n8n")
        raise jobs.WaitForCallback(min(clock.now() + _N8N_WAIT, job.deadline_at), "Waiting for n8n")
    if answer.get("error"):
        raise GenerationFailed(f"n8n reported: {str(answer['error'])[:500]}")
    drafts = [PieceDraft.model_validate(piece) for piece in answer["pieces"]]
    posts = iter([draft for draft in drafts if draft.kind == "post"])
    reels = iter([draft for draft in drafts if draft.kind == "reel"])
    placed = [(slot, next(posts if slot.kind == "post" else reels)) for slot in slots]
    return [(slot.model_copy(update={"platform": draft.platform}), draft) for slot, draft in placed]


def settle_creation(session: Session, job: jobs.JobRow) -> None:
    """Brings the campaign to where its job came."""
    if job["state"] == "succeeded":
        finish_generation(session, str(job["subject_id"]))
    else:
        end_generation(session, job)


def regenerate_piece(job: Running) -> dict[str, Any]:
    """Makes one piece anew by the client's instruction; the old version is kept."""
    payload: RegeneratePiece = job.payload
    with transaction() as session:
        campaign, piece = begin_regeneration(session, payload)
    brief = brief_of(campaign)
    fields = {key: piece[key] for key in ("position", "kind", "platform", "scheduled_for")}
    slot = Slot(**fields, theme=piece["theme"] or brief.themes[0])
    before = PieceDraft(
        **{key: piece[key] for key in ("kind", "platform", "text", "hashtags", "media_brief", "script")}
    )
    # n8n makes whole months only, so its pieces are remade by the engine that is always there.
    engine = "template" if campaign["engine"] == "n8n" else campaign["engine"]

    def save(session: Session, made: dict[str, Any]) -> None:
        save_regenerated(session, payload, PieceDraft.model_validate(made), engine)

    job.step(
        "write",
        lambda: write(engine, brief, slot, instruction=payload.instruction, previous=before, variant=piece["version"]),
        apply=save,
        seconds=step_seconds(engine),
        progress=90,
        message="Writing the piece anew",
    )
    return {"piece_id": payload.piece_id}


def begin_waiting(session: Session, job: jobs.JobRow) -> None:
    """The campaign waits with its job."""
    if job["state"] == "waiting_callback":
        changes = {"status": "waiting_callback", "message": "Waiting for n8n", "deadline_at": job["wake_at"]}
        change_campaign(session, str(job["subject_id"]), "campaign.progress", **changes)
