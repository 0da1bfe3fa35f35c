"""Shapes of the realtime endpoints."""

from typing import Any

from pydantic import BaseModel


class TicketOut(BaseModel):
    ticket: str
    url: str
    expires_in: int


class EventOut(BaseModel):
    seq: int
    event: str
    at: str
    data: dict[str, Any]


class EventsOut(BaseModel):
    items: list[EventOut]
    next_after: int | None
    newest: int
    snapshot_required: bool
