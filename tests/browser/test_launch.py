"""A month is launched and watched; the pages are told everything and ask for nothing."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Visit
from tests.browser.planner import (
    LAUNCH,
    cut_sockets,
    launch,
    pieces,
    wait_for_pieces,
    wait_for_review,
    wait_until_live,
)
from tests.conftest import Cloud


def test_a_month_is_launched_watched_and_approved_without_one_status_request(cloud: Cloud, visit: Visit) -> None:
    client = visit(cloud)
    first = client.sign_in("/planner")
    other = client.open("/planner")
    wait_until_live(first.page)
    wait_until_live(other.page)
    other.page.get_by_role("heading", name="Planificador").wait_for()
    other.page.wait_for_load_state("networkidle")
    asked_before = list(other.requests)

    campaign_id = launch(first.page)
    wait_for_review(first.page)
    path = f"/content-planner/campaigns/{campaign_id}"
    # React's strict mode is off in the build: one first load and nothing else.
    assert first.since(LAUNCH) == [f"GET {path}"]

    row = other.page.locator(f'tr:has(a[href$="{campaign_id}"])')
    row.get_by_text("Espera tu sí").wait_for()
    assert other.requests == asked_before, "the other tab was told, it did not ask"

    first.page.get_by_role("button", name="Aprobar todo").click()
    first.page.get_by_text("Aprobada: el mes está listo").wait_for()
    row.get_by_text("Aprobada", exact=True).wait_for()
    assert first.since(LAUNCH) == [f"GET {path}", f"POST {path}/approve"]
    assert other.requests == asked_before


def test_a_reload_right_after_the_launch_misses_nothing(cloud: Cloud, visit: Visit) -> None:
    tab = visit(cloud).sign_in("/planner")
    wait_until_live(tab.page)
    campaign_id = launch(tab.page)
    tab.page.reload()
    wait_for_review(tab.page)
    assert tab.requests.count(f"GET /content-planner/campaigns/{campaign_id}") <= 2


def test_a_reload_in_the_middle_misses_nothing(slow_cloud: Cloud, visit: Visit) -> None:
    tab = visit(slow_cloud).sign_in("/planner")
    wait_until_live(tab.page)
    campaign_id = launch(tab.page)
    wait_for_pieces(tab.page, 2)
    assert pieces(tab.page).count() < 5
    tab.page.reload()
    tab.page.get_by_role("progressbar").wait_for()
    tab.page.get_by_text(re.compile(r"Escribiendo la pieza \d de 5")).wait_for()
    wait_for_review(tab.page)
    assert tab.requests.count(f"GET /content-planner/campaigns/{campaign_id}") == 2, "one load each, then pushes"


@pytest.mark.parametrize("who", ["gateway", "page"])
def test_a_socket_cut_in_the_middle_misses_nothing(slow_cloud: Cloud, visit: Visit, who: str) -> None:
    client = visit(slow_cloud)
    client.context.add_init_script(
        """
        window.sockets = [];
        window.WebSocket = class extends WebSocket {
          constructor(...given) { super(...given); window.sockets.push(this); }
        };
        """
    )
    tab = client.sign_in("/planner")
    wait_until_live(tab.page)
    campaign_id = launch(tab.page)
    wait_for_pieces(tab.page, 1)
    opened = tab.page.evaluate("window.sockets.length")
    if who == "gateway":
        assert cut_sockets(slow_cloud) >= 1
    else:
        tab.page.evaluate("window.sockets.forEach(socket => socket.close())")
    wait_for_review(tab.page)
    wait_until_live(tab.page)
    assert tab.page.evaluate("window.sockets.length") > opened, "the page came back by a new socket"
    asked = tab.since(LAUNCH)
    assert asked.count(f"GET /content-planner/campaigns/{campaign_id}") == 1, asked
    # A new ticket, and by HTTP at most what was missed.
    others = {request.partition("?")[0] for request in asked} - {f"GET /content-planner/campaigns/{campaign_id}"}
    assert others <= {"POST /realtime/ticket", "GET /events"}, asked
