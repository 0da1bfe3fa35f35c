"""Accounts over HTTP: register, token, refresh with rotation, me; and tokens that must not open anything."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from sqlalchemy import text

from bai import aws, db, settings
from tests.builders import Answer, Api

PERSON = {"email": "Ana@Example.com", "password": "a good long password", "full_name": "Ana Ruiz"}


def sign_in(api: Api, username: str, password: str) -> Answer:
    form = urlencode({"username": username, "password": password})
    return api.call("POST", "/auth/token", body=form, headers={"content-type": "application/x-www-form-urlencoded"})


def test_register_sign_in_and_me(api: Api) -> None:
    registered = api.call("POST", "/auth/register", body=PERSON)
    assert registered.status == 201, registered.body
    assert (registered.body["plan_tier"], registered.body["role"]) == ("MOTOR", "client")
    assert "password" not in str(registered.body)
    tokens = sign_in(api, "ana@example.COM", PERSON["password"]).body
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 900)
    me = api.call("GET", "/auth/me", token=tokens["access_token"]).body
    assert me["email"] == PERSON["email"]
    assert me["features"]["max_chats"] == 1000
    assert me["usage"]["chats"]["limit"] == 1000
    assert {"feature": "access_mining", "allowed": False, "required_plan": "CEREBRO"} in me["entitlements"]


def test_an_address_is_taken_whatever_its_case(api: Api) -> None:
    api.call("POST", "/auth/register", body=PERSON)
    again = api.call("POST", "/auth/register", body={**PERSON, "email": "ana@EXAMPLE.com"})
    assert (again.status, again.body["code"]) == (409, "email_taken")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": f"{'a' * 250}@example.com"}, "email"),
        ({"email": "nul\x00@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"full_name": "  "}, "full_name"),
        ({"full_name": "new\nline"}, "full_name"),
        ({"role": "admin"}, "role"),
        ({"plan_tier": "PARTNER"}, "plan_tier"),
    ],
)
def test_bad_registrations_name_the_field_and_never_echo_the_input(
    api: Api, change: dict[str, Any], field: str
) -> None:
    answer = api.call("POST", "/auth/register", body={**PERSON, **change})
    assert (answer.status, answer.body["code"]) == (422, "validation_failed")
    assert any(field in row["loc"] for row in answer.body["errors"])
    assert PERSON["password"] not in str(answer.body)


def test_wrong_password_and_unknown_address_answer_alike(api: Api) -> None:
    api.call("POST", "/auth/register", body=PERSON)
    wrong, unknown = sign_in(api, PERSON["email"], "wrong password"), sign_in(api, "who@example.com", "wrong password")
    assert wrong.status == unknown.status == 401
    assert wrong.body["detail"] == unknown.body["detail"]
    assert wrong.headers["www-authenticate"] == "Bearer"
    for form in ("", "username=a", "password=b", "username=a&password=" + "x" * 129, "\xff", "&" * 50):
        assert api.call("POST", "/auth/token", body=form).status in (401, 422), form


def test_a_refresh_token_works_once_and_its_reuse_ends_the_family(api: Api) -> None:
    api.call("POST", "/auth/register", body=PERSON)
    first = sign_in(api, PERSON["email"], PERSON["password"]).body["refresh_token"]
    second = api.call("POST", "/auth/refresh", body={"refresh_token": first}).body["refresh_token"]
    assert second != first
    third = api.call("POST", "/auth/refresh", body={"refresh_token": second}).body["refresh_token"]
    assert api.call("POST", "/auth/refresh", body={"refresh_token": first}).status == 401
    assert api.call("POST", "/auth/refresh", body={"refresh_token": third}).status == 401
    other = sign_in(api, PERSON["email"], PERSON["password"]).body["refresh_token"]
    assert api.call("POST", "/auth/logout", body={"refresh_token": other}).status == 204
    assert api.call("POST", "/auth/refresh", body={"refresh_token": other}).status == 401


def test_a_refresh_whose_answer_was_lost_can_be_repeated_once_and_the_lost_token_is_a_reuse(api: Api) -> None:
    api.call("POST", "/auth/register", body=PERSON)
    first = sign_in(api, PERSON["email"], PERSON["password"]).body["refresh_token"]
    lost = api.call("POST", "/auth/refresh", body={"refresh_token": first}).body["refresh_token"]
    again = api.call("POST", "/auth/refresh", body={"refresh_token": first})
    assert again.status == 200
    assert api.call("POST", "/auth/refresh", body={"refresh_token": lost}).status == 401
    assert api.call("POST", "/auth/refresh", body={"refresh_token": again.body["refresh_token"]}).status == 401


def test_a_used_refresh_token_is_a_reuse_after_half_a_minute(api: Api) -> None:
    api.call("POST", "/auth/register", body=PERSON)
    first = sign_in(api, PERSON["email"], PERSON["password"]).body["refresh_token"]
    api.call("POST", "/auth/refresh", body={"refresh_token": first})
    with db.transaction() as session:
        session.execute(text("UPDATE refresh_tokens SET used_at = used_at - interval '31 seconds'"))
    assert api.call("POST", "/auth/refresh", body={"refresh_token": first}).status == 401


def test_the_profile_can_be_changed_within_bounds(api: Api) -> None:
    client = api.client()
    changed = client.patch("/auth/me", {"language": "en", "time_zone": "America/Bogota", "full_name": "B"})
    assert (changed.body["language"], changed.body["time_zone"]) == ("en", "America/Bogota")
    for bad in ({"language": "fr"}, {"time_zone": "Mars/Base"}, {"full_name": ""}, {"plan_tier": "PARTNER"}):
        assert client.patch("/auth/me", bad).status == 422
    assert client.get("/auth/me").body["plan_tier"] == "MOTOR"


def claims(api: Api) -> dict[str, Any]:
    conf, now = settings.tokens(), int(time.time())
    user = api.client()
    times = {"iat": now, "nbf": now, "exp": now + 900}
    return {"sub": user.id, "typ": "access", "iss": conf.issuer, "aud": conf.audience, **times}


def forged(name: str, good: dict[str, Any], key: str) -> str:
    now = int(time.time())
    changes: dict[str, dict[str, Any]] = {
        "expired": {"exp": now - 60},
        "not yet": {"nbf": now + 600},
        "issued in the future": {"iat": now + 600, "nbf": now + 600},
        "other issuer": {"iss": "bai-prod"},
        "other audience": {"aud": "somebody"},
        "refresh": {"typ": "refresh"},
        "no type": {"typ": None},
        "foreign id form": {"sub": "' OR 1=1 --"},
        "number as id": {"sub": 7},
        "unknown user": {"sub": "01900000-0000-7000-8000-000000000000"},
    }
    if name in changes:
        return jwt.encode({**good, **changes[name]}, key, algorithm="HS256")
    if name.startswith("without "):
        return jwt.encode({k: v for k, v in good.items() if k != name[8:]}, key, algorithm="HS256")
    if name.startswith("alg "):
        signed = "HS256" if name == "alg HS512" else "none"
        if name == "alg HS512":
            return jwt.encode(good, key, algorithm="HS512")
        token = jwt.encode(good, "", algorithm=signed)
        head = jwt.utils.base64url_encode(f'{{"alg":"{name[4:]}","typ":"JWT"}}'.encode()).decode()
        return f"{head}.{token.split('.')[1]}."
    others = {
        "other key": jwt.encode(good, "k" * 64, algorithm="HS256"),
        "cut": jwt.encode(good, key, algorithm="HS256")[:-4],
        "over 8 KB": jwt.encode({**good, "x": "y" * 9000}, key, algorithm="HS256"),
        "empty": "",
        "rubbish": "a.b.c",
    }
    return others[name]


FORGED = [
    *("expired", "not yet", "issued in the future", "other issuer", "other audience", "refresh", "no type"),
    *("foreign id form", "number as id", "unknown user", "other key", "cut", "over 8 KB", "empty", "rubbish"),
    *("without exp", "without nbf", "without iat", "without iss", "without aud", "without sub"),
    *("alg none", "alg None", "alg NONE", "alg nOnE", "alg HS512"),
]


@pytest.mark.parametrize("name", FORGED)
def test_forged_tokens_open_nothing(api: Api, name: str) -> None:
    good = claims(api)
    key = aws.secret(settings.tokens().secret_arn)
    assert api.call("GET", "/auth/me", token=jwt.encode(good, key, algorithm="HS256")).status == 200
    answer = api.call("GET", "/auth/me", token=forged(name, good, key) or " ")
    assert (answer.status, answer.body["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Token x", "bearer\tx"])
def test_other_authorization_headers_are_401(api: Api, header: str) -> None:
    assert api.call("GET", "/auth/me", headers={"authorization": header}).status == 401


def test_a_change_of_plan_counts_at_once(api: Api) -> None:
    client = api.client("MOTOR")
    assert client.get("/auth/me").body["features"]["ai_content_generation"] is False
    with db.transaction() as session:
        session.execute(text("UPDATE users SET plan_tier = 'PARTNER' WHERE id = CAST(:id AS uuid)"), {"id": client.id})
    assert client.get("/auth/me").body["features"]["dedicated_csm"] is True


def test_an_override_wins_over_the_plan(api: Api) -> None:
    client = api.client("MOTOR", features='{"access_mining": true, "max_chats": 5, "dedicated_csm": "yes"}')
    features = client.get("/auth/me").body["features"]
    assert (features["access_mining"], features["max_chats"], features["dedicated_csm"]) == (True, 5, False)
