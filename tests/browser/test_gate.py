"""What a plan lacks is seen, explained, and never a dead button; both languages say it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.planner import launch, wait_for_review, wait_until_live
from tests.conftest import Cloud


@pytest.mark.parametrize("path", ["/planner", "/planner/calendar", "/planner/campaigns/none"])
def test_motor_client_sees_which_plan_opens_the_planner(cloud: Cloud, visit: Visit, path: str) -> None:
    tab = visit(cloud, "motor").sign_in(path)
    expect(tab.page.locator("main")).to_contain_text("CEREBRO")
    expect(tab.page.locator("main")).to_contain_text("MOTOR")
    assert tab.page.get_by_role("button", name="Lanzar una campaña").count() == 0
    assert not any("/content-planner/" in request for request in tab.requests)


def test_the_planner_speaks_english_throughout(cloud: Cloud, visit: Visit) -> None:
    tab = visit(cloud, "partner", "en").sign_in("/planner")
    page = tab.page
    wait_until_live(page)
    assert page.locator("html").get_attribute("lang") == "en"
    launch(page)
    wait_for_review(page)
    expect(page.get_by_role("heading", name="Five pieces wait for your yes")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Written by the embedded template engine")
    page.locator("main button[data-piece]").first.click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("tab", name="Rewrite")).to_be_visible()
    expect(panel.get_by_label("Text", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_language_changes_in_place(cloud: Cloud, visit: Visit) -> None:
    tab = visit(cloud, "partner", "es").sign_in("/planner")
    page = tab.page
    expect(page.get_by_role("heading", name="Planificador")).to_be_visible()
    page.get_by_role("button", name="Idioma").click()
    page.get_by_role("menuitemcheckbox", name="English").click()
    expect(page.get_by_role("heading", name="Planner")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
