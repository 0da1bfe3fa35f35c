"""axe finds nothing serious on any screen in either theme, and nothing scrolls sideways on a small phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import CONSOLE, Visit
from tests.browser.planner import fill_launch_form, launch, pieces, wait_for_review, wait_until_live
from tests.conftest import Cloud

SCREENS = ("/", "/planner", "/planner/calendar", "/jobs", "/jobs/queues", "/status", "/settings")
NARROW = 360


def serious_faults(page: Page, screen: str) -> list[str]:
    """What axe calls serious or critical on what is shown now."""
    page.wait_for_load_state("networkidle")
    # By evaluation: the page's own policy forbids foreign script tags.
    page.evaluate((CONSOLE / "node_modules" / "axe-core" / "axe.min.js").read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
    )
    return [
        f"{rule['id']} on {screen}: {node['html'][:160]} {(node['any'] or [{}])[0].get('message', '')}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"][:4]
    ]


def assert_nothing_scrolls_sideways(page: Page, screen: str) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= NARROW, f"{screen} is {wide} px wide"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_on_any_screen(cloud: Cloud, visit: Visit, dark: bool) -> None:
    client = visit(cloud, dark=dark)
    page = client.open("/").page
    page.locator("input[type=email]").wait_for()
    faults = serious_faults(page, "sign-in")

    page = client.sign_in("/planner").page
    wait_until_live(page)
    fill_launch_form(page)
    faults += serious_faults(page, "launch form")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    launch(page)
    wait_for_review(page)
    faults += serious_faults(page, "campaign")
    for position in (0, 4):
        pieces(page).nth(position).click()
        page.get_by_role("dialog").get_by_role("tab", name="Versiones").click()
        page.get_by_role("dialog").locator("[data-version]").first.wait_for()
        faults += serious_faults(page, "versions")
        page.get_by_role("dialog").get_by_role("tab", name="Editar").click()
        faults += serious_faults(page, "editor")
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
    for path in SCREENS:
        page.goto(cloud.console + path)
        page.locator("main h1").first.wait_for()
        faults += serious_faults(page, path)
    assert not faults, "\n".join(faults)


def test_nothing_scrolls_sideways_on_a_small_phone(cloud: Cloud, visit: Visit) -> None:
    client = visit(cloud, width=NARROW)
    page = client.open("/").page
    page.locator("input[type=email]").wait_for()
    assert_nothing_scrolls_sideways(page, "sign-in")
    page = client.sign_in("/planner").page
    wait_until_live(page)
    fill_launch_form(page)
    assert_nothing_scrolls_sideways(page, "launch form")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    launch(page)
    wait_for_review(page)
    assert_nothing_scrolls_sideways(page, "campaign")
    pieces(page).nth(4).click()
    page.get_by_role("dialog").get_by_role("tab", name="Editar").click()
    assert_nothing_scrolls_sideways(page, "editor")
    for path in SCREENS:
        page.goto(cloud.console + path)
        page.locator("main h1").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert_nothing_scrolls_sideways(page, path)
