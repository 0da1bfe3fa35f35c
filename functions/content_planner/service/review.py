"""The client's yes or no: approve one piece or all, or ask for changes."""

from typing import Any

from sqlalchemy import RowMapping

from bai import auth
from bai.auth import Caller
from bai.db import Session
from bai.errors import Conflict, NotFound, PlatformRulesViolated
from content_planner.schemas import ChangesIn
from content_planner.service.campaigns import change_campaign
from content_planner.service.pieces import change_piece, tell_piece
from content_planner.service.reading import check_piece, describe_campaign, describe_piece, find_campaign, find_pieces


def approve_campaign(session: Session, caller: Caller, campaign_id: str) -> dict[str, Any]:
    """Approves all five pieces. Raises PlatformRulesViolated naming the pieces that break a rule, Conflict."""
    campaign = _lock_for_review(session, caller, campaign_id)
    rows = find_pieces(session, campaign_id)
    _require_approvable(rows)
    approved = [change_piece(session, row, status="approved") for row in rows if row["status"] != "approved"]
    for row in approved:
        tell_piece(session, campaign, row)
    return _mark_approved(session, campaign_id)


def approve_piece(session: Session, caller: Caller, campaign_id: str, piece_id: str) -> dict[str, Any]:
    """Approves one piece; the last one's yes approves the campaign."""
    campaign = _lock_for_review(session, caller, campaign_id)
    rows = find_pieces(session, campaign_id)
    piece = next((row for row in rows if str(row["id"]) == piece_id), None)
    if piece is None:
        raise NotFound("piece")
    _require_approvable([piece])
    piece = change_piece(session, piece, status="approved")
    shown = tell_piece(session, campaign, piece)
    if all(row["status"] == "approved" for row in rows if str(row["id"]) != piece_id):
        _mark_approved(session, campaign_id)
    return shown


def request_changes(session: Session, caller: Caller, campaign_id: str, body: ChangesIn) -> dict[str, Any]:
    """Says what is to change, for some pieces or (none named) for all; takes an approval back."""
    campaign = _lock_for_review(session, caller, campaign_id, also=("approved",))
    rows = find_pieces(session, campaign_id)
    known = {str(row["id"]) for row in rows}
    if not known.issuperset(body.piece_ids):
        raise NotFound("piece")
    named = set(body.piece_ids) or known
    for row in rows:
        if str(row["id"]) in named and row["status"] != "regenerating":
            tell_piece(session, campaign, change_piece(session, row, status="changes_requested"))
    changes = {"status": "changes_requested", "review_comment": body.comment}
    return _whole(session, change_campaign(session, campaign_id, "campaign.progress", **changes))


def _lock_for_review(session: Session, caller: Caller, campaign_id: str, also: tuple[str, ...] = ()) -> RowMapping:
    auth.require_feature(caller, "ai_content_generation")
    campaign = find_campaign(session, caller, campaign_id, lock=True)
    if campaign["status"] not in ("review_ready", "changes_requested", *also):
        raise Conflict(f"The campaign is {campaign['status']}; it can't be reviewed now.")
    return campaign


def _require_approvable(rows: Any) -> None:
    if any(row["status"] == "regenerating" for row in rows):
        raise Conflict("A piece is being made anew; wait until it is there.")
    broken = [
        {"loc": ["pieces", str(row["id"])], "msg": f"{row['platform']}: {rule['detail']}"}
        for row in rows
        for rule in check_piece(row)
        if rule["level"] == "error"
    ]
    if broken:
        raise PlatformRulesViolated("Some pieces break a rule of their platform; see errors.", errors=broken)


def _mark_approved(session: Session, campaign_id: str) -> dict[str, Any]:
    changes = {"status": "approved", "review_comment": None}
    return _whole(session, change_campaign(session, campaign_id, "campaign.approved", **changes))


def _whole(session: Session, campaign: RowMapping) -> dict[str, Any]:
    return {
        **describe_campaign(campaign),
        "pieces": [describe_piece(row) for row in find_pieces(session, campaign["id"])],
    }
