"""The jobs room: watched live by its client, failures read and tried again, queues held and let go by an admin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.planner import launch, wait_until_live
from tests.browser.test_accessible import serious_faults
from tests.conftest import Cloud, addresses_of, start_cloud
from tests.faults.slow_model import SlowModel, serving

CAMPAIGN = "Escribir una campaña"


@pytest.fixture(scope="module")
def model() -> Iterator[SlowModel]:
    with serving(0.5) as model:
        yield model


@pytest.fixture(scope="module")
def moody_cloud(model: SlowModel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Its text model is ours: slow enough to watch, and broken when a test says so."""
    state = tmp_path_factory.mktemp("jobs_cloud")
    environment = {"BAI_TEXT_ENGINE": "openai", "BAI_OPENAI_BASE_URL": model.url, "BAI_OPENAI_MODEL": "slow"}
    process = start_cloud(state, ports_from=36_000, **environment)
    try:
        yield addresses_of(state, process)
    finally:
        process.terminate()
        process.wait(30)


def babble(_: dict[str, Any]) -> bytes:
    """An answer that is no piece."""
    message = {"role": "assistant", "content": "Sorry, no."}
    return json.dumps({"model": "slow", "choices": [{"message": message}], "usage": {}}).encode()


def newest(page: Page) -> Locator:
    return page.locator("tbody tr").filter(has_text=CAMPAIGN).first


def title(page: Page) -> Locator:
    """The job's name with its state."""
    return page.locator("main h1")


def parts(page: Page) -> Locator:
    return page.locator("main section").filter(has=page.get_by_role("heading", name="Partes")).locator("li")


def open_newest(page: Page, *, started: bool = True) -> None:
    """By the keyboard, as on call."""
    newest(page).wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Cronología").wait_for()
    if started:
        page.locator("[data-attempt]").first.wait_for()


def test_a_campaign_is_watched_in_the_list_and_in_its_timeline(moody_cloud: Cloud, visit: Visit) -> None:
    client = visit(moody_cloud, "partner")
    listed = client.sign_in("/jobs")
    page = listed.page
    wait_until_live(page)
    page.get_by_role("heading", name="Aún no hay trabajos").wait_for()
    planner = client.open("/planner")
    wait_until_live(planner.page)
    page.wait_for_load_state("networkidle")
    asked_before = list(listed.requests)

    launch(planner.page)
    newest(page).get_by_text("En espera").wait_for()
    newest(page).get_by_role("progressbar").wait_for()
    expect(page.locator("tbody tr")).to_have_count(1)  # its parts are no rows of their own
    assert listed.requests == asked_before, "the list was told, it did not ask"

    open_newest(page)
    job = f"GET /jobs/{page.url.rpartition('/')[2]}"
    expect(title(page)).to_contain_text("En espera")
    expect(page.locator("[data-attempt='1']")).to_contain_text("entregado, en espera")
    expect(parts(page)).to_have_count(5)
    parts(page).filter(has_text="Escribiendo la pieza").first.wait_for()
    expect(parts(page).filter(has_text="Hecho")).to_have_count(5)
    expect(title(page)).to_contain_text("Hecho")
    expect(page.locator("[data-attempt='2']")).to_contain_text("Escribir las piezas")
    expect(page.get_by_text("Terminado: Hecho")).to_be_visible()
    expect(page.get_by_text(re.compile(r"0,0000\d+"))).not_to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert listed.since(job) == [], "nothing but the job itself was read"
    assert listed.requests.count(job) <= 2, "once when it was opened, once when it had ended"
    assert serious_faults(page, "job") == []

    parts(page).first.get_by_role("link").click()
    expect(title(page)).to_contain_text("Escribir una pieza")
    expect(page.locator("[data-attempt='1']")).to_contain_text("Escribir la pieza")
    page.get_by_role("link", name="El trabajo entero").click()
    expect(title(page)).to_contain_text(CAMPAIGN)
    page.goto(f"{moody_cloud.console}/jobs?state=succeeded")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert serious_faults(page, "jobs") == []
    page.get_by_label("Buscar trabajos").fill("reescribir")
    page.get_by_role("heading", name="Ningún trabajo coincide").wait_for()


def test_a_failure_is_told_in_the_clients_language_and_tried_again_after_a_look(
    moody_cloud: Cloud, model: SlowModel, visit: Visit
) -> None:
    page = visit(moody_cloud, "cerebro").sign_in("/planner").page
    wait_until_live(page)
    with patch.object(model, "complete", babble):
        launch(page)
        failed = page.get_by_role("alert").filter(has_text="El motor que escribe no dio nada que se pueda usar.")
        failed.wait_for()
    expect(failed.get_by_text("not usable")).to_be_hidden()  # the exact English words unfold
    failed.get_by_role("link", name="Trabajo").click()
    expect(title(page)).to_contain_text("Fallido")
    expect(page.get_by_role("heading", name="Qué ha fallado")).to_be_visible()
    page.get_by_role("button", name="Más", exact=True).click()
    page.get_by_role("menuitem", name="Ver qué haría un reintento").click()
    look = page.get_by_role("dialog")
    expect(look).to_contain_text(re.compile("Continúa|Empieza de nuevo"))
    assert serious_faults(page, "redrive") == []
    look.get_by_role("button", name="Reintentar 1 trabajo").click()
    look.wait_for(state="hidden")
    expect(title(page)).to_contain_text("Hecho")
    expect(parts(page).filter(has_text="Hecho")).to_have_count(5)


def test_an_admin_holds_a_queue_and_lets_it_go(moody_cloud: Cloud, visit: Visit) -> None:
    admin = visit(moody_cloud, "admin", dark=True).sign_in("/jobs/queues?scope=all").page
    queue = admin.locator("[data-queue='content_planner']")
    queue.get_by_role("button", name="Pausar").click()
    asked = admin.get_by_role("dialog")
    asked.get_by_role("button", name="Pausar la cola").click()
    expect(asked.get_by_label("Motivo")).to_have_accessible_description(re.compile("Di por qué"))
    asked.get_by_label("Motivo").fill("Se muda n8n")
    asked.get_by_role("button", name="Pausar la cola").click()
    asked.wait_for(state="hidden")
    expect(queue).to_contain_text("En pausa")
    assert serious_faults(admin, "queues of everybody") == []

    client = visit(moody_cloud, "cerebro")
    theirs = client.sign_in("/jobs/queues").page
    held = theirs.locator("[data-queue='content_planner']")
    expect(held).to_contain_text("Se muda n8n")
    expect(held.get_by_role("button")).to_have_count(0)
    assert serious_faults(theirs, "queues") == []
    theirs.goto(f"{moody_cloud.console}/planner")
    launch(theirs)
    theirs.goto(f"{moody_cloud.console}/jobs")
    open_newest(theirs, started=False)
    expect(title(theirs)).to_contain_text("En cola")
    expect(theirs.get_by_text("La cola «Planificador» está en pausa: Se muda n8n")).to_be_visible()
    theirs.get_by_role("button", name="Cancelar").click()
    theirs.get_by_role("dialog").get_by_role("button", name="Cancelar el trabajo").click()
    expect(title(theirs)).to_contain_text("Cancelado")

    queue.get_by_role("button", name="Reanudar").click()
    expect(queue).not_to_contain_text("En pausa")
    admin.goto(f"{moody_cloud.console}/jobs?scope=all")
    expect(admin.locator("tbody tr").filter(has_text="partner@demo.bai.example")).not_to_have_count(0)
    admin.get_by_role("button", name=re.compile("^Míos")).click()
    admin.get_by_role("heading", name="Aún no hay trabajos").wait_for()


def test_an_admin_replays_with_another_payload(moody_cloud: Cloud, visit: Visit) -> None:
    client = visit(moody_cloud, "admin")
    page = client.sign_in("/jobs?scope=all&state=succeeded").page
    open_newest(page)
    before = page.url
    page.get_by_role("button", name="Más", exact=True).click()
    page.get_by_role("menuitem", name="Repetir con otros datos").click()
    dialog = page.get_by_role("dialog")
    payload = dialog.get_by_label("Datos de entrada")
    payload.fill('{"campaign_id": 7')
    dialog.get_by_role("button", name="Poner en cola el nuevo").click()
    expect(payload).to_have_accessible_description(re.compile("Esto no es JSON: mira la línea 1"))
    payload.fill('{"campaign_id": 7}')
    dialog.get_by_role("button", name="Poner en cola el nuevo").click()
    expect(payload).to_have_accessible_description(re.compile("campaign_id"))
    payload.fill('{"campaign_id": "01900000-0000-7000-8000-000000000000"}')
    dialog.get_by_role("button", name="Poner en cola el nuevo").click()
    dialog.wait_for(state="hidden")
    page.wait_for_url(lambda url: url != before)
    expect(page.get_by_text("Repetición de")).to_be_visible()
