"""The client's yes: pieces edited, conflicts settled, rules kept, days changed; wrong input is told at its field."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.planner import LAUNCH, fill_launch_form, launch, pieces, submit, wait_for_review, wait_until_live
from tests.conftest import Cloud


def open_piece(page: Page, position: int) -> None:
    pieces(page).nth(position - 1).click()
    page.get_by_role("dialog").get_by_role("tab", name="Editar").click()


def test_wrong_input_is_told_at_its_field_and_nothing_typed_is_lost(cloud: Cloud, visit: Visit) -> None:
    tab = visit(cloud).sign_in("/planner")
    page = tab.page
    form = fill_launch_form(page, ["Pan", "x" * 121])
    form.get_by_label("Tono de voz", exact=True).fill("t" * 101)
    for name in ("Instagram", "LinkedIn"):
        form.get_by_role("button", name=name, exact=True).click()
    submit(form)
    themes, tone = form.get_by_label("Temas", exact=True), form.get_by_label("Tono de voz", exact=True)
    expect(themes).to_have_accessible_description(re.compile("Como mucho 120 caracteres."))
    expect(tone).to_have_accessible_description("Como mucho 100 caracteres.")
    expect(form).to_contain_text("Elige al menos una plataforma.")
    expect(tone).to_have_value("t" * 101)
    expect(themes).to_be_focused()
    assert LAUNCH not in tab.requests, "the form knows before it asks"


def test_a_rule_of_the_platform_stops_the_approval_and_leads_to_the_piece(cloud: Cloud, visit: Visit) -> None:
    page = visit(cloud).sign_in("/planner").page
    wait_until_live(page)
    launch(page)
    wait_for_review(page)
    open_piece(page, 1)
    panel = page.get_by_role("dialog")
    text = panel.get_by_label("Texto", exact=True)
    before = text.input_value()
    text.fill("palabra " * 400)
    expect(panel).to_contain_text("sobran")
    panel.get_by_role("button", name="Guardar").click()
    expect(panel).to_contain_text("Guardado como versión 2")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Aprobar todo").click()
    broken = page.get_by_role("alert").filter(has_text="se incumple una regla")
    broken.get_by_role("button").first.click()
    panel.get_by_role("tab", name="Versiones").click()
    expect(panel.locator("ins")).not_to_have_count(0)
    panel.get_by_role("button", name="Restaurar esta versión").click()
    expect(panel.locator("[data-version='3']")).to_contain_text("Restaurada")
    panel.get_by_role("tab", name="Editar").click()
    expect(text).to_have_value(before)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Aprobar todo").click()
    expect(page.get_by_text("Aprobada: el mes está listo")).to_be_visible()


@pytest.mark.parametrize("choice", ["Conservar la mía", "Cargar la versión nueva"])
def test_a_piece_changed_elsewhere_is_a_choice_and_not_a_loss(cloud: Cloud, visit: Visit, choice: str) -> None:
    client = visit(cloud)
    mine = client.sign_in("/planner").page
    wait_until_live(mine)
    launch(mine)
    wait_for_review(mine)
    open_piece(mine, 2)
    panel = mine.get_by_role("dialog")
    panel.get_by_label("Texto", exact=True).fill("Lo que escribo yo")

    theirs = client.open(mine.url.removeprefix(cloud.console).partition("?")[0]).page
    open_piece(theirs, 2)
    theirs.get_by_role("dialog").get_by_label("Texto", exact=True).fill("Lo que escribe otra persona")
    theirs.get_by_role("dialog").get_by_role("button", name="Guardar").click()

    expect(panel.get_by_role("alert")).to_contain_text("Cambió en otro sitio")
    expect(panel.get_by_role("button", name="Guardar")).to_be_disabled()
    panel.get_by_role("button", name=choice).click()
    text = panel.get_by_label("Texto", exact=True)
    if choice == "Conservar la mía":
        expect(text).to_have_value("Lo que escribo yo")
        panel.get_by_role("button", name="Guardar").click()
        expect(panel).to_contain_text("Guardado como versión 3")
        expect(theirs.get_by_role("dialog").get_by_label("Texto", exact=True)).to_have_value("Lo que escribo yo")
    else:
        expect(text).to_have_value("Lo que escribe otra persona")


def test_a_piece_is_rewritten_by_an_instruction_while_one_watches(cloud: Cloud, visit: Visit) -> None:
    page = visit(cloud).sign_in("/planner").page
    wait_until_live(page)
    launch(page)
    wait_for_review(page)
    pieces(page).first.click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("tab", name="Reescribir").click()
    panel.get_by_role("button", name="Reescribir esta pieza").click()
    expect(panel).to_contain_text("Di qué debe ser distinto.")
    panel.get_by_label("Qué debe ser distinto").fill("Más corto, con una pregunta al final")
    panel.get_by_role("button", name="Reescribir esta pieza").click()
    expect(panel.get_by_text("Versión 2", exact=True).first).to_be_visible()
    panel.get_by_role("tab", name="Versiones").click()
    expect(panel).to_contain_text("Más corto, con una pregunta al final")


def test_a_piece_moves_to_another_day_by_its_menu_by_undo_and_by_dragging(cloud: Cloud, visit: Visit) -> None:
    client = visit(cloud, "partner")
    page = client.sign_in("/planner").page
    wait_until_live(page)
    campaign_id = launch(page)
    wait_for_review(page)
    page.get_by_role("link", name="Todas las campañas").click()
    page.get_by_role("link", name="Calendario").click()
    page.get_by_role("button", name="Mes siguiente").click()
    chip = page.locator(f'[data-piece]:has(a[href*="{campaign_id}"])').nth(1)
    piece = chip.get_attribute("data-piece")
    day = page.locator(f'td:has([data-piece="{piece}"])')
    before = day.get_attribute("data-day") or ""
    # A day beside it, so that nothing has to scroll while it is dragged.
    beside = str(date.fromisoformat(before) + timedelta(days=1))
    page.locator(f'[data-piece="{piece}"]').get_by_role("button").click()
    page.get_by_role("menuitem", name="Un día después").click()
    expect(day).to_have_attribute("data-day", beside)
    page.get_by_role("button", name="Deshacer").click()
    expect(day).to_have_attribute("data-day", before)
    page.locator(f'[data-piece="{piece}"]').drag_to(page.locator(f'td[data-day="{beside}"]'))
    expect(day).to_have_attribute("data-day", beside)
    page.reload()
    expect(day).to_have_attribute("data-day", beside)
