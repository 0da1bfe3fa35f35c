"""The planner as a client uses it: the launch form, the pieces on the campaign's page, its answers."""

from __future__ import annotations

import re
from typing import Any

import boto3
from playwright.sync_api import Locator, Page

from tests.conftest import Cloud

THEMES = ["Pan de masa madre", "Desayunos de invierno", "Talleres para familias"]
LAUNCH = "POST /content-planner/launch-monthly-campaign"
LIVE = re.compile("En vivo|Live")


def fill_launch_form(page: Page, themes: list[str] | None = None) -> Locator:
    """Opens the form and fills it in; the month stays the one it begins with."""
    page.get_by_role("button", name=re.compile("^(Lanzar una campaña|Launch a campaign)$")).first.click()
    form = page.get_by_role("dialog")
    field = form.get_by_label(re.compile("^(Temas|Themes)$"))
    for theme in themes or THEMES:
        field.fill(theme)
        field.press("Enter")
    form.get_by_label(re.compile("^(Tono de voz|Tone of voice)$")).fill("cercano, con humor")
    return form


def submit(form: Locator) -> None:
    form.get_by_role("button", name=re.compile("^(Lanzar|Launch)$")).click()


def launch(page: Page) -> str:
    """Launches a campaign and gives its id."""
    submit(fill_launch_form(page))
    page.wait_for_url(re.compile("/planner/campaigns/"))
    return campaign_on(page)


def campaign_on(page: Page) -> str:
    return page.url.partition("/planner/campaigns/")[2].partition("?")[0]


def pieces(page: Page) -> Locator:
    return page.locator("main button[data-piece]")


def wait_for_pieces(page: Page, count: int) -> None:
    pieces(page).nth(count - 1).wait_for()


def wait_for_review(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^(Aprobar todo|Approve all)$")).wait_for()
    ids = pieces(page).evaluate_all("found => found.map(one => one.dataset.piece)")
    assert len(ids) == len(set(ids)) == 5, ids


def wait_until_live(page: Page) -> None:
    # On a phone the word is there without being seen.
    page.get_by_text(LIVE).first.wait_for(state="attached")


def cut_sockets(cloud: Cloud) -> int:
    """Closes every open socket as API Gateway's management API does it; gives how many there were."""
    keys: dict[str, Any] = {
        "region_name": "us-east-1",
        "aws_access_key_id": "testing",
        "aws_secret_access_key": "testing",
    }
    dynamodb = boto3.client("dynamodb", endpoint_url=cloud.aws, **keys)
    table = next(name for name in dynamodb.list_tables()["TableNames"] if "onnections" in name)
    endpoint = cloud.realtime.replace("ws://", "http://", 1)
    management = boto3.client("apigatewaymanagementapi", endpoint_url=endpoint, **keys)
    cut = 0
    for item in dynamodb.scan(TableName=table)["Items"]:
        try:
            management.delete_connection(ConnectionId=item["connection_id"]["S"])
            cut += 1
        except management.exceptions.GoneException:
            pass
    return cut
