"""n8n's answer for a campaign: counts once, and only while the campaign waits for it."""

from typing import Any

from sqlalchemy import select

from bai import jobs
from bai.db import Session
from bai.errors import Invalid, NotFound
from bai.ids import is_id
from content_planner import platform_rules
from content_planner.drafts import POSTS, REELS, PieceDraft
from content_planner.schemas import CallbackIn
from content_planner.tables import campaigns


def take_callback(session: Session, body: CallbackIn) -> dict[str, Any]:
    """Hands the content to the waiting job. A late or doubled callback is answered and changes nothing.

    Raises NotFound for a campaign or callback_id that don't belong together, Invalid for content that is not exactly
    four posts and one reel within the platforms' rules (the job goes on waiting for a right one).
    """
    job_id = _job_of(session, body)
    job = jobs.lock(session, job_id)
    answer = {"error": body.error} if body.error else _checked(body)
    if jobs.answer(session, job, answer):
        return {"success": True, "message": "Taken.", "campaign_id": body.campaign_id}
    why = f"the campaign's job is {job['state']}" if job["finished_at"] else "an answer was taken before"
    return {"success": False, "message": f"Nothing changed: {why}.", "campaign_id": body.campaign_id}


def _job_of(session: Session, body: CallbackIn) -> str:
    query = select(campaigns.c.job_id, campaigns.c.engine).where(campaigns.c.id == body.campaign_id)
    row = session.row(query) if is_id(body.campaign_id) else None
    if row is None or row["engine"] != "n8n" or row["job_id"] is None:
        raise NotFound("campaign")
    if body.callback_id is not None and body.callback_id != str(row["job_id"]):
        raise NotFound("callback")
    return str(row["job_id"])


def _checked(body: CallbackIn) -> dict[str, Any]:
    if body.generated_content is None:
        raise Invalid("body.generated_content", "send generated_content or error")
    drafts = body.generated_content.pieces
    kinds = [draft.kind for draft in drafts]
    if (kinds.count("post"), kinds.count("reel"), len(kinds)) != (POSTS, REELS, POSTS + REELS):
        raise Invalid("body.generated_content.pieces", f"must be exactly {POSTS} posts and {REELS} reel")
    for number, draft in enumerate(drafts):
        _require_rules(number, draft)
    return {"pieces": [draft.model_dump(mode="json") for draft in drafts]}


def _require_rules(number: int, draft: PieceDraft) -> None:
    script = draft.script.model_dump() if draft.script else None
    for rule in platform_rules.check(draft.platform, draft.kind, draft.text, draft.hashtags, script):
        if rule.level == "error":
            raise Invalid(f"body.generated_content.pieces.{number}", rule.detail)
