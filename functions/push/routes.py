"""HTTP surface of realtime: the ticket that opens a socket, and the same events by HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from bai import settings
from bai.http import CallerDep, SessionDep, lambda_for
from bai.paging import Limit
from push import service, tickets
from push.schemas import EventsOut, TicketOut

router = APIRouter(tags=["realtime"])


@router.post("/realtime/ticket", status_code=201, response_model=TicketOut)
async def issue_ticket(session: SessionDep, caller: CallerDep) -> Any:
    """Connect to `url?ticket=…&last_seq=N` within 30 seconds; a ticket opens one socket."""
    ticket = tickets.issue_ticket(caller.id)  # first: the note holds a row that every event of the user needs
    service.note_listener(session, caller.id)
    return {"ticket": ticket, "url": settings.realtime().url, "expires_in": tickets.TICKET_SECONDS}


@router.get("/events", response_model=EventsOut)
async def list_events(
    session: SessionDep, caller: CallerDep, after: Annotated[int, Query(ge=0, le=2**53)], limit: Limit = 50
) -> Any:
    missed = service.read_missed(session, caller.id, after, limit)
    return {
        "items": missed.events,
        "next_after": missed.events[-1]["seq"] if missed.more else None,
        "newest": missed.newest,
        "snapshot_required": missed.too_old,
    }


handler = lambda_for(router)
