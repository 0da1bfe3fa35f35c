"""What a client sees of its campaigns and pieces: one row's JSON, lists, calendar. Changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, select

from bai import auth, clock, paging
from bai.auth import Caller
from bai.db import Session
from bai.errors import NotFound
from bai.ids import is_id
from content_planner import platform_rules
from content_planner.tables import campaigns, piece_versions, pieces


def find_campaign(session: Session, caller: Caller, campaign_id: str, *, lock: bool = False) -> RowMapping:
    """The caller's campaign; anybody else's is as unknown as none. Raises NotFound."""
    query = select(campaigns).where(campaigns.c.id == campaign_id, campaigns.c.user_id == caller.id)
    row = session.row(query.with_for_update() if lock else query) if is_id(campaign_id) else None
    if row is None:
        raise NotFound("campaign")
    return row


def find_pieces(session: Session, campaign_id: str) -> Sequence[RowMapping]:
    return session.rows(select(pieces).where(pieces.c.campaign_id == campaign_id).order_by(pieces.c.position))


def find_piece(session: Session, campaign: RowMapping, piece_id: str, *, lock: bool = False) -> RowMapping:
    query = select(pieces).where(pieces.c.id == piece_id, pieces.c.campaign_id == campaign["id"])
    row = session.row(query.with_for_update() if lock else query) if is_id(piece_id) else None
    if row is None:
        raise NotFound("piece")
    return row


def describe_campaign(row: RowMapping) -> dict[str, Any]:
    """The campaign without its pieces, as lists and events show it."""
    return {
        "id": str(row["id"]),
        "month": row["month"],
        "tone_of_voice": row["tone_of_voice"],
        "themes": row["themes"],
        "target_platforms": row["target_platforms"],
        "language": row["language"],
        "campaign_metadata": row["campaign_metadata"],
        "status": row["status"],
        "engine": row["engine"],
        "progress": row["progress"],
        "pieces_ready": row["pieces_ready"],
        "message": row["message"],
        "job_id": str(row["job_id"]) if row["job_id"] else None,
        "error": row["error"],
        "review_comment": row["review_comment"],
        "created_at": clock.to_wire(row["created_at"]),
        "started_at": clock.to_wire(row["started_at"]),
        "completed_at": clock.to_wire(row["completed_at"]),
        "deadline_at": clock.to_wire(row["deadline_at"]),
    }


def describe_piece(row: RowMapping) -> dict[str, Any]:
    platform = platform_rules.PLATFORMS[row["platform"]]
    text = platform_rules.rendered_text(row["text"], row["hashtags"])
    return {
        "id": str(row["id"]),
        "campaign_id": str(row["campaign_id"]),
        "kind": row["kind"],
        "position": row["position"],
        "platform": row["platform"],
        "theme": row["theme"],
        "text": row["text"],
        "hashtags": row["hashtags"],
        "media_brief": row["media_brief"],
        "script": row["script"],
        "scheduled_for": clock.to_wire(row["scheduled_for"]),
        "version": row["version"],
        "status": row["status"],
        "warnings": check_piece(row),
        "limits": {
            "max_chars": platform.max_chars,
            "max_hashtags": platform.max_hashtags,
            "chars": platform_rules.count_chars(row["platform"], text),
        },
        "engine": row["engine"],
    }


def check_piece(row: RowMapping) -> list[dict[str, Any]]:
    """What the platform's rules say about the piece, as {code, level, detail}."""
    found = platform_rules.check(row["platform"], row["kind"], row["text"], row["hashtags"], row["script"])
    return [{"code": rule.code, "level": rule.level, "detail": rule.detail} for rule in found]


def read_campaign(session: Session, caller: Caller, campaign_id: str) -> dict[str, Any]:
    row = find_campaign(session, caller, campaign_id)
    return {**describe_campaign(row), "pieces": [describe_piece(piece) for piece in find_pieces(session, row["id"])]}


def read_status(session: Session, caller: Caller, campaign_id: str) -> dict[str, Any]:
    whole = describe_campaign(find_campaign(session, caller, campaign_id))
    return {key: whole[key] for key in ("id", "status", "progress", "message", "pieces_ready", "job_id")}


def list_campaigns(
    session: Session, caller: Caller, *, month: str | None, status: str | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    query = select(campaigns).where(campaigns.c.user_id == caller.id)
    if month:
        query = query.where(campaigns.c.month == month)
    if status:
        query = query.where(campaigns.c.status == status)
    rows, next_cursor = paging.newest_first(session, campaigns, query, limit, cursor)
    return {"items": [describe_campaign(row) for row in rows], "next_cursor": next_cursor}


def list_versions(session: Session, caller: Caller, campaign_id: str, piece_id: str) -> dict[str, Any]:
    """The newest hundred versions, newest first."""
    piece = find_piece(session, find_campaign(session, caller, campaign_id), piece_id)
    query = select(piece_versions).where(piece_versions.c.piece_id == piece["id"])
    rows = session.rows(query.order_by(piece_versions.c.version.desc()).limit(100))
    shown = ("version", "author", "engine", "instruction", "text", "hashtags", "media_brief", "script")
    items = [{**{key: row[key] for key in shown}, "created_at": clock.to_wire(row["created_at"])} for row in rows]
    return {"items": items, "next_cursor": None}


def read_calendar(session: Session, caller: Caller, month: str) -> dict[str, Any]:
    """The pieces planned within the month as the client's own time zone counts it."""
    zone = ZoneInfo(caller.time_zone)
    ends = auth.month_ends(month)
    first = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone).astimezone(UTC)
    after = ends.replace(tzinfo=zone).astimezone(UTC)
    query = (
        select(pieces, campaigns.c.status.label("campaign_status"))
        .join(campaigns, campaigns.c.id == pieces.c.campaign_id)
        .where(pieces.c.user_id == caller.id, pieces.c.scheduled_for >= first, pieces.c.scheduled_for < after)
        .where(campaigns.c.status.not_in(("failed", "cancelled")))
        .order_by(pieces.c.scheduled_for, pieces.c.id)
        .limit(500)
    )
    rows = session.rows(query)
    return {"month": month, "items": [{**describe_piece(r), "campaign_status": r["campaign_status"]} for r in rows]}
