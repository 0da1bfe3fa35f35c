"""A piece's versions: edit, regenerate, restore. Each change is a new version; none is ever lost."""

import json
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, func, insert, select, update

from bai import auth, jobs, push
from bai.auth import Caller
from bai.db import Session
from bai.errors import Conflict, Invalid, NotFound
from bai.ids import new_id
from content_planner.drafts import MAX_PIECE_BYTES, PieceDraft, Slot
from content_planner.job_types import RegeneratePiece
from content_planner.schemas import PieceEditIn, RegenerateIn
from content_planner.service.campaigns import change_campaign
from content_planner.service.reading import describe_piece, find_campaign, find_piece
from content_planner.tables import campaigns, piece_versions, pieces

_IN_REVIEW = ("review_ready", "changes_requested")
_CONTENT = ("text", "hashtags", "media_brief", "script")


def save_piece(session: Session, campaign: RowMapping, slot: Slot, draft: PieceDraft, engine: str) -> None:
    """Writes a made piece at its place with version 1 and tells its owner."""
    content = draft.model_dump(include=set(_CONTENT))
    row = {
        **content,
        "id": new_id(),
        "campaign_id": campaign["id"],
        "user_id": campaign["user_id"],
        "position": slot.position,
        "kind": slot.kind,
        "platform": slot.platform,
        "theme": slot.theme,
        "status": "draft",
        "engine": engine,
        "scheduled_for": slot.scheduled_for,
    }
    piece = session.execute(insert(pieces).values(row).returning(pieces)).mappings().one()
    _keep_version(session, piece, author="engine")
    ready = session.value(select(func.count()).where(pieces.c.campaign_id == campaign["id"]))
    whole = change_campaign(session, campaign["id"], "campaign.progress", pieces_ready=ready, progress=ready * 19)
    tell_piece(session, whole, piece)


def _keep_version(session: Session, piece: RowMapping, *, author: str, instruction: str | None = None) -> None:
    kept = {key: piece[key] for key in (*_CONTENT, "version", "engine")}
    row = {**kept, "piece_id": piece["id"], "author": author, "instruction": instruction}
    session.execute(insert(piece_versions).values(row))


def tell_piece(session: Session, campaign: RowMapping, piece: RowMapping) -> dict[str, Any]:
    """Shows a changed piece in every open tab of its owner; returns its JSON."""
    described = describe_piece(piece)
    told = {"campaign_id": str(campaign["id"]), "progress": campaign["progress"], "message": campaign["message"]}
    push.tell(session, str(campaign["user_id"]), "campaign.piece_ready", {**told, "piece": described})
    return described


def change_piece(session: Session, piece: RowMapping, **changes: Any) -> RowMapping:
    query = update(pieces).where(pieces.c.id == piece["id"]).values(changes).returning(pieces)
    return session.execute(query).mappings().one()


def _open_piece(
    session: Session, caller: Caller, campaign_id: str, piece_id: str, version: int | None
) -> tuple[RowMapping, RowMapping]:
    """The locked campaign and piece, ready to be changed. Raises NotFound, Conflict, FeatureForbidden."""
    auth.require_feature(caller, "ai_content_generation")
    campaign = find_campaign(session, caller, campaign_id, lock=True)
    piece = find_piece(session, campaign, piece_id, lock=True)
    if piece["status"] == "regenerating":
        raise Conflict("The piece is being made anew; wait until it is there.")
    if version is not None and piece["version"] != version:
        raise Conflict(f"The piece has moved on to version {piece['version']}; look at it and edit that one.")
    return campaign, piece


def _require_review(campaign: RowMapping) -> None:
    if campaign["status"] not in _IN_REVIEW:
        hint = "ask for changes first" if campaign["status"] == "approved" else "its pieces can't be changed"
        raise Conflict(f"The campaign is {campaign['status']}; {hint}.")


def edit_piece(session: Session, caller: Caller, campaign_id: str, piece_id: str, body: PieceEditIn) -> dict[str, Any]:
    """A client's own words as a new version; moving the date alone makes no version and is allowed once approved."""
    campaign, piece = _open_piece(session, caller, campaign_id, piece_id, body.version)
    changes = body.model_dump(exclude_unset=True, exclude={"version", "scheduled_for"})
    changes = {key: value for key, value in changes.items() if value is not None and value != piece[key]}
    if "script" in changes and piece["kind"] != "reel":
        raise Invalid("body.script", "only a reel has a script")
    if body.scheduled_for is not None:
        if campaign["status"] not in (*_IN_REVIEW, "approved"):
            _require_review(campaign)
        local = body.scheduled_for.astimezone(ZoneInfo(caller.time_zone))
        if local.strftime("%Y-%m") != campaign["month"]:
            raise Invalid("body.scheduled_for", f"must lie in the campaign's month {campaign['month']}")
        piece = change_piece(session, piece, scheduled_for=body.scheduled_for.astimezone(UTC))
    if changes:
        _require_review(campaign)
        content = {key: changes.get(key, piece[key]) for key in _CONTENT}
        if len(json.dumps(content, ensure_ascii=False).encode()) > MAX_PIECE_BYTES:
            raise Invalid("body", f"a piece has at most {MAX_PIECE_BYTES} bytes in all")
        piece = change_piece(session, piece, **changes, version=piece["version"] + 1, status="draft")
        _keep_version(session, piece, author="client")
    shown = tell_piece(session, campaign, piece)
    reopen_review(session, campaign)
    return shown


def restore_version(session: Session, caller: Caller, campaign_id: str, piece_id: str, version: int) -> dict[str, Any]:
    """An older version's content as a new version."""
    campaign, piece = _open_piece(session, caller, campaign_id, piece_id, None)
    _require_review(campaign)
    query = select(piece_versions).where(piece_versions.c.piece_id == piece["id"], piece_versions.c.version == version)
    old = session.row(query)
    if old is None:
        raise NotFound("version")
    content = {key: old[key] for key in (*_CONTENT, "engine")}
    piece = change_piece(session, piece, **content, version=piece["version"] + 1, status="draft")
    _keep_version(session, piece, author="restore")
    shown = tell_piece(session, campaign, piece)
    reopen_review(session, campaign)
    return shown


def regenerate_piece(
    session: Session, caller: Caller, campaign_id: str, piece_id: str, body: RegenerateIn
) -> dict[str, Any]:
    """Has the piece made anew by a job; until then it can't be edited."""
    campaign, piece = _open_piece(session, caller, campaign_id, piece_id, body.version)
    _require_review(campaign)
    job = jobs.enqueue(
        session,
        "content_planner.regenerate_piece",
        RegeneratePiece(
            piece_id=str(piece["id"]),
            instruction=body.instruction,
            version=piece["version"],
            status_before=piece["status"],
        ),
        user_id=caller.id,
        subject=("campaign", campaign_id),
        feature="ai_content_generation",
    )
    piece = change_piece(session, piece, status="regenerating")
    return {"job_id": str(job["id"]), "piece": tell_piece(session, campaign, piece)}


def begin_regeneration(session: Session, payload: RegeneratePiece) -> tuple[RowMapping, RowMapping]:
    """The campaign and the piece, marked as being made anew. Raises Conflict when either has moved on.

    A job can be retried long after its first try, when the campaign was approved or the piece was edited.
    """
    campaign, piece = lock_piece(session, payload.piece_id)
    _require_review(campaign)
    if piece["version"] != payload.version:
        raise Conflict(f"The piece has moved on to version {piece['version']}; ask for that one to be made anew.")
    if piece["status"] != "regenerating":
        piece = change_piece(session, piece, status="regenerating")
        tell_piece(session, campaign, piece)
    return campaign, piece


def save_regenerated(session: Session, payload: RegeneratePiece, draft: PieceDraft, engine: str) -> None:
    campaign, piece = begin_regeneration(session, payload)
    instruction = payload.instruction
    content = draft.model_dump(include=set(_CONTENT))
    piece = change_piece(session, piece, **content, engine=engine, version=piece["version"] + 1, status="draft")
    _keep_version(session, piece, author="engine", instruction=instruction)
    tell_piece(session, campaign, piece)
    reopen_review(session, campaign)


def end_regeneration(session: Session, job: jobs.JobRow) -> None:
    """A regeneration that did not come about leaves the piece as it was."""
    campaign, piece = lock_piece(session, job["payload"]["piece_id"])
    if piece["status"] == "regenerating":
        tell_piece(session, campaign, change_piece(session, piece, status=job["payload"]["status_before"]))
        reopen_review(session, campaign)


def lock_piece(session: Session, piece_id: str) -> tuple[RowMapping, RowMapping]:
    """The campaign and the piece, locked in this order; for jobs, which act for the piece's owner."""
    owner = select(pieces.c.campaign_id).where(pieces.c.id == piece_id).scalar_subquery()
    campaign = session.row(select(campaigns).where(campaigns.c.id == owner).with_for_update())
    piece = session.row(select(pieces).where(pieces.c.id == piece_id).with_for_update())
    if campaign is None or piece is None:
        raise NotFound("piece")
    return campaign, piece


def reopen_review(session: Session, campaign: RowMapping) -> None:
    """Once no piece waits for a change any more, the campaign is ready for its yes again."""
    if campaign["status"] != "changes_requested":
        return
    waiting = select(func.count()).where(
        pieces.c.campaign_id == campaign["id"], pieces.c.status.in_(("changes_requested", "regenerating"))
    )
    if session.value(waiting) == 0:
        change_campaign(session, campaign["id"], "campaign.review_ready", status="review_ready", review_comment=None)
