"""HTTP surface of health: alive, ready, and what the suite depends on. Public, so it holds no secrets."""

from typing import Any

from fastapi import APIRouter

from bai import clock
from bai.db import transaction
from bai.errors import Unavailable
from bai.http import lambda_for
from ops import service
from ops.schemas import LiveOut, ReportOut

router = APIRouter(prefix="/health", tags=["health"])


@router.get("", response_model=LiveOut)
async def read_live() -> Any:
    """Answers as long as the API can run code at all."""
    return {"status": "ok"}


@router.get("/ready", response_model=LiveOut)
async def read_ready() -> Any:
    """200 when the database answers; 503 with Retry-After when it does not."""
    with transaction() as session:
        service.require_database(session)
    return {"status": "ok"}


@router.get("/deps", response_model=ReportOut)
async def read_dependencies() -> Any:
    """What the monitor last measured (each minute); a database that is away is reported by this very call."""
    try:
        with transaction() as session:
            return service.read_report(session)
    except Unavailable as error:
        down = {"name": "database", "status": "down", "latency_ms": None, "detail": error.detail}
        return {"status": "down", "checked_at": clock.to_wire(clock.now()), "deps": [down]}


handler = lambda_for(router)
