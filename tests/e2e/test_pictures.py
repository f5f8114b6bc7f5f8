"""Pictures of the pages in both languages, as `docs/pictures` has them.

`HATANG_TEST_PICTURES=docs/pictures` takes them anew; without it they go to a temporary folder. They
take a processor for a minute, and what they show other tests prove: part of `make soak`.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from alerts import service
from alerts.models import Incident
from hatang import clock, secrets
from hatang.auth import Role
from tests.acceptance.test_pages import DRAWING, check_pictures
from tests.alerts import leased
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import NOWHERE, WALL, Site, _opened
from tests.e2e.test_incident import tell_story
from tests.e2e.test_inventory_pages import MERGE, come, differ
from tests.e2e.test_network import PATIENCE, SITES, SMALL, grow, settled
from tests.e2e.test_night import NOTICE, actor, outage, taken_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = [*test_browser.pytestmark, pytest.mark.soak]
__all__ = ["outage"]

LAPTOP = {"width": 1440, "height": 1000}
PLAN = """\
Mã điểm;Tên điểm;Đơn vị;Loại điểm;Số người
xa-91;Xã  Chín Mốt;so-khcn;commune;40
xa-05;Trụ sở xã Vĩnh Xuân mới;so-khcn;commune;30
"""
PAGES = {
    "circuit": "/circuits/VTL-002",
    "site": "/sites/hub-2",
    "service": "/services/portal",
    "device": "/devices/hub-2",
    "inbox": "/inbox",
    "credentials": "/credentials",
}
NIGHT = {
    "board": "/",
    "incident": "/incidents/1",
    "handover": "/handovers/1",
    "rules": "/rules",
    "past": "/network/past",
}
OCTOBER = {
    "times": "/reports?by=circuit&since=2026-10-01&until=2026-10-31",
    "carriers": f"/reports/carriers?month=2026-10&carrier={leased.CARRIER}",
}
LONG = {"incident", "handover", "carriers"}
"""Pages that are shown to their end."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get(DRAWING, tmp_path))


def keep(site: Site) -> None:
    """Keep a few credentials, and let differences wait."""
    differ(site.database)
    snmp = {
        "username": "nms", "auth_protocol": "SHA256", "auth_password": "not shown 1",
        "priv_protocol": "AES256", "priv_password": "not shown 2",
    }  # fmt: skip
    with site.database.write() as session:
        ssh = {"username": "hatang", "password": "not shown 3"}
        secrets.put(session, province.SYSTEM, "tinh-ssh", "ssh", ssh)
        secrets.put(session, province.SYSTEM, "tinh-snmp", "snmpv3", snmp)
        old = {**snmp, "auth_protocol": "MD5", "priv_protocol": "DES"}
        secrets.put(session, province.SYSTEM, "thiet-bi-cu", "snmpv3", old)


def wait(page: Page, name: str) -> None:
    """Wait until what a page draws by itself is drawn."""
    if page.locator(".graphs").count():
        expect(page.locator(".graphs[data-ready=true]")).to_have_count(1)
    if name == "network":
        settled(page, SITES + SMALL)
    if page.locator("#map").count():
        expect(page.locator("#map .pin").first).to_be_visible()
    if name == "past":
        expect(page.locator("#drawing")).to_have_attribute("data-settled", "true")


@contextmanager
def stretched(page: Page, is_long: bool) -> Iterator[None]:
    """Make the window as long as a long page meanwhile, so that its frame is too."""
    before = page.viewport_size
    assert before is not None
    if is_long:
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": before["width"], "height": height})
    yield
    page.set_viewport_size(before)


def send(page: Page, site: Site, path: str, name: str, text: str) -> str:
    """Upload a file on the page and return where it led."""
    page.goto(f"{site.address}{path}")
    payload = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    page.set_input_files("[name=file]", payload)  # type: ignore[arg-type]
    page.click("form[enctype] button")
    expect(page.locator("main h1")).to_be_visible()
    return page.url.removeprefix(site.address)


def picture(page: Page, site: Site, folder: Path, name: str, path: str) -> None:
    """Take the page in both languages, as far as a laptop shows it."""
    with site.database.write() as session:
        province.measure(session, broken=True)  # what is older than a minute is shown as such
    for language in ("vi", "en"):
        page.goto(f"{site.address}/language/{language}")
        page.goto(f"{site.address}{path}")
        wait(page, name)
        with stretched(page, name in LONG):
            page.screenshot(path=folder / f"{name}-{language}.png")


def test_pictures_of_the_inventorys_pages(browser: Browser, site: Site, folder: Path) -> None:
    keep(site)
    site.fail()
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        come(page, site, "dung", Role.ENGINEER)
        for name, path in PAGES.items():
            picture(page, site, folder, name, path)
        planned = send(page, site, "/inventory/import", "diem-mang.csv", PLAN)
        picture(page, site, folder, "import", planned)
        merger = send(page, site, "/reorganisations", "sap-xep.yaml", MERGE)
        picture(page, site, folder, "reorganisation", merger)
    check_pictures(folder)


def test_a_picture_of_seven_hundred_sites(browser: Browser, site: Site, folder: Path) -> None:
    grow(site)
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        page.set_default_timeout(PATIENCE)
        picture(page, site, folder, "network", "/network")
    check_pictures(folder)


def october(site: Site) -> None:
    """Let the province have had three leased lines in October, one with a contract."""
    with site.database.write() as session:
        leased.load(session)
        for row in session.scalars(select(Incident)).all():
            row.name = "L-1 (core e1 – r1 e0)" if row.fault.startswith("link") else "r1"


def hand_over(site: Site) -> None:
    """Let an work on the incident with the carrier's word, and hand it to binh."""
    taken_by(site, "an")
    with site.database.write() as session:
        promised = clock.now() + timedelta(hours=2)
        said = service.TicketInput("Viettel", "SC-0142", promised, "đứt cáp quang")
        service.record_ticket(session, actor(site, "an"), 1, said)
        note = "Viettel hẹn gọi lại lúc 02:00"
        service.hand_over(session, actor(site, "an"), receiver="binh", note=note)


def notice(page: Page, site: Site, folder: Path, language: str) -> None:
    """Take what was read of a notice."""
    page.goto(f"{site.address}/language/{language}")
    page.goto(f"{site.address}/maintenances")
    page.locator("#notice textarea").fill(NOTICE)
    page.locator("#notice button").click()
    expect(page.locator("#confirm")).to_be_visible()
    page.screenshot(path=folder / f"notice-{language}.png", full_page=True)


def test_pictures_of_the_night(browser: Browser, outage: Site, folder: Path) -> None:
    tell_story(outage)
    hand_over(outage)
    with _opened(browser, outage, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        for name, path in NIGHT.items():
            picture(page, outage, folder, name, path)
        for language in ("vi", "en"):
            notice(page, outage, folder, language)
    with _opened(browser, outage, NOWHERE, viewport=WALL, locale="vi-VN") as page:
        picture(page, outage, folder, "wall", "/wall")
    check_pictures(folder)


def test_pictures_of_reports(browser: Browser, site: Site, folder: Path) -> None:
    october(site)
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        for name, path in OCTOBER.items():
            picture(page, site, folder, name, path)
    check_pictures(folder)
