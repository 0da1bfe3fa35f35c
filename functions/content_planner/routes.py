"""HTTP surface of the content planner."""

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from bai import settings
from bai.errors import Invalid
from bai.http import CallerDep, SessionDep, answer_once, lambda_for
from bai.idempotency import Answer
from bai.paging import Cursor, Limit
from content_planner import fields, platform_rules, schemas
from content_planner.service import callback, campaigns, pieces, reading, review

router = APIRouter(prefix="/content-planner", tags=["content planner"])

_LABELS = {
    "template": "Embedded template engine",
    "openai": "Text model",
    "n8n": "n8n workflow",
}


@router.post("/launch-monthly-campaign", status_code=202, response_model=schemas.LaunchOut)
async def launch_campaign(
    body: schemas.LaunchIn, request: Request, session: SessionDep, caller: CallerDep
) -> JSONResponse:
    def launch() -> Answer:
        launched = campaigns.launch_campaign(session, caller, body)
        location = f"/api/v1/content-planner/campaigns/{launched['campaign_id']}"
        return Answer(202, launched, {"Location": location})

    return answer_once(session, caller, request, body.model_dump(mode="json"), launch)


@router.get("/campaigns", response_model=schemas.CampaignsOut)
async def list_campaigns(
    session: SessionDep,
    caller: CallerDep,
    month: fields.Month | None = None,
    status: schemas.CampaignStatus | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    return reading.list_campaigns(session, caller, month=month, status=status, limit=limit, cursor=cursor)


@router.get("/campaigns/{campaign_id}", response_model=schemas.CampaignOut)
async def read_campaign(campaign_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return reading.read_campaign(session, caller, campaign_id)


@router.get("/campaigns/{campaign_id}/status", response_model=schemas.StatusOut)
async def read_status(campaign_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return reading.read_status(session, caller, campaign_id)


@router.post("/campaigns/{campaign_id}/approve", response_model=schemas.CampaignOut)
async def approve_campaign(campaign_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return review.approve_campaign(session, caller, campaign_id)


@router.post("/campaigns/{campaign_id}/request-changes", response_model=schemas.CampaignOut)
async def request_changes(campaign_id: str, body: schemas.ChangesIn, session: SessionDep, caller: CallerDep) -> Any:
    return review.request_changes(session, caller, campaign_id, body)


@router.post("/campaigns/{campaign_id}/cancel", status_code=202, response_model=schemas.CampaignRowOut)
async def cancel_campaign(campaign_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return campaigns.cancel_campaign(session, caller, campaign_id)


@router.get("/campaigns/{campaign_id}/export", response_class=Response)
async def export_campaign(
    campaign_id: str,
    session: SessionDep,
    caller: CallerDep,
    file_format: Annotated[Literal["csv", "ics", "md"], Query(alias="format")],
) -> Response:
    from content_planner import exports  # noqa: PLC0415 - few calls export

    campaign = reading.read_campaign(session, caller, campaign_id)
    file = exports.export(file_format, cast("exports.CampaignRow", campaign), campaign["pieces"])
    disposition = f'attachment; filename="{file.filename}"'
    return Response(file.body, media_type=file.content_type, headers={"Content-Disposition": disposition})


@router.patch("/campaigns/{campaign_id}/pieces/{piece_id}", response_model=schemas.PieceOut)
async def edit_piece(
    campaign_id: str, piece_id: str, body: schemas.PieceEditIn, session: SessionDep, caller: CallerDep
) -> Any:
    return pieces.edit_piece(session, caller, campaign_id, piece_id, body)


@router.post(
    "/campaigns/{campaign_id}/pieces/{piece_id}/regenerate", status_code=202, response_model=schemas.RegenerateOut
)
async def regenerate_piece(
    campaign_id: str,
    piece_id: str,
    body: schemas.RegenerateIn,
    request: Request,
    session: SessionDep,
    caller: CallerDep,
) -> JSONResponse:
    def regenerate() -> Answer:
        return Answer(202, pieces.regenerate_piece(session, caller, campaign_id, piece_id, body), {})

    return answer_once(session, caller, request, body.model_dump(mode="json"), regenerate)


@router.get("/campaigns/{campaign_id}/pieces/{piece_id}/versions", response_model=schemas.VersionsOut)
async def list_versions(campaign_id: str, piece_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return reading.list_versions(session, caller, campaign_id, piece_id)


@router.post("/campaigns/{campaign_id}/pieces/{piece_id}/versions/{version}/restore", response_model=schemas.PieceOut)
async def restore_version(
    campaign_id: str, piece_id: str, version: fields.VersionNumber, session: SessionDep, caller: CallerDep
) -> Any:
    return pieces.restore_version(session, caller, campaign_id, piece_id, version)


@router.post("/campaigns/{campaign_id}/pieces/{piece_id}/approve", response_model=schemas.PieceOut)
async def approve_piece(campaign_id: str, piece_id: str, session: SessionDep, caller: CallerDep) -> Any:
    return review.approve_piece(session, caller, campaign_id, piece_id)


@router.get("/calendar", response_model=schemas.CalendarOut)
async def read_calendar(month: fields.Month, session: SessionDep, caller: CallerDep) -> Any:
    return reading.read_calendar(session, caller, month)


@router.get("/platforms", response_model=schemas.PlatformsOut)
async def list_platforms(caller: CallerDep) -> Any:
    shown = ("id", "name", "max_chars", "max_hashtags", "recommended_hashtags", "source", "checked_on")
    every = platform_rules.PLATFORMS.values()
    return {"items": [{key: getattr(platform, key) for key in shown} for platform in every], "next_cursor": None}


@router.get("/engine", response_model=schemas.EngineOut)
async def read_engine(caller: CallerDep) -> Any:
    """Who writes, and what a campaign costs where that is known: the template engine calls nobody."""
    engine = settings.text().engine
    return {"engine": engine, "label": _LABELS[engine], "cost_per_campaign_usd": 0.0 if engine == "template" else None}


@router.post("/webhook/callback", response_model=schemas.CallbackOut, tags=["callbacks"])
async def take_callback(request: Request, session: SessionDep) -> Any:
    """n8n's answer; genuine by X-BAI-Secret or X-BAI-Signature."""
    from content_planner import n8n  # noqa: PLC0415

    raw = await request.body()
    n8n.require_genuine(request.headers, raw)
    try:
        body = schemas.CallbackIn.model_validate_json(raw)
    except ValidationError as error:
        row = error.errors()[0]
        raise Invalid(".".join(["body", *map(str, row["loc"])]), row["msg"]) from None
    return callback.take_callback(session, body)


handler = lambda_for(router, max_body_bytes=131_072)
