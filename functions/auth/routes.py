"""HTTP surface of the auth module."""

from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request

from auth import service
from auth.schemas import MeOut, ProfileIn, RefreshIn, RegisterIn, TokenOut
from bai.errors import Invalid, Unauthenticated
from bai.http import CallerDep, SessionDep, lambda_for, problem_for

router = APIRouter(prefix="/auth", tags=["auth"])

_TOKEN_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["username", "password"],
                    "properties": {
                        "username": {"type": "string", "maxLength": 320},
                        "password": {"type": "string", "maxLength": 128},
                        "grant_type": {"type": "string", "enum": ["password"]},
                    },
                }
            }
        },
    }
}


@router.post("/register", status_code=201, response_model=MeOut)
async def register(body: RegisterIn, session: SessionDep) -> Any:
    return service.register(session, body)


@router.post("/token", response_model=TokenOut, openapi_extra=_TOKEN_FORM)
async def issue_tokens(request: Request, session: SessionDep) -> Any:
    """OAuth2 password form. Read by hand: python-multipart is for uploads, this form is one line."""
    try:
        form = parse_qs((await request.body()).decode(), max_num_fields=10)
    except ValueError:
        raise Invalid("body", "must be a form: username=…&password=…") from None
    username, password = form.get("username", [""])[0], form.get("password", [""])[0]
    for field, value, most in (("username", username, 320), ("password", password, 128)):
        if not 0 < len(value) <= most:
            raise Invalid(f"body.{field}", f"must have 1 to {most} characters")
    return service.issue_tokens(session, username, password)


@router.post("/refresh", response_model=TokenOut)
async def refresh(body: RefreshIn, session: SessionDep, request: Request) -> Any:
    tokens = service.refresh_tokens_of(session, body.refresh_token)
    if tokens is None:  # answered, not raised: the family's revocation has to be committed
        return problem_for(Unauthenticated("The session has ended. Sign in again."), request.url.path)
    return tokens


@router.post("/logout", status_code=204)
async def logout(body: RefreshIn, session: SessionDep) -> None:
    service.logout(session, body.refresh_token)


@router.get("/me", response_model=MeOut)
async def read_me(session: SessionDep, caller: CallerDep) -> Any:
    return service.describe_me(session, caller)


@router.patch("/me", response_model=MeOut)
async def change_me(body: ProfileIn, session: SessionDep, caller: CallerDep) -> Any:
    return service.change_me(session, caller, body)


handler = lambda_for(router)
