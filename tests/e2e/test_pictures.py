"""Pictures of the inventory's pages in both languages, as `docs/pictures` has them.

`HATANG_TEST_PICTURES=docs/pictures` takes them anew; without it they go to a temporary folder.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from hatang import secrets
from hatang.auth import Role
from tests.acceptance.test_pages import DRAWING, check_pictures
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import Site, _opened, browser, site
from tests.e2e.test_inventory_pages import MERGE, come, differ
from tests.e2e.test_network import PATIENCE, SITES, SMALL, grow, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [*test_browser.pytestmark, pytest.mark.slow]
__all__ = ["browser", "site"]

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
        if page.locator(".graphs").count():
            expect(page.locator(".graphs[data-ready=true]")).to_have_count(1)
        if name.startswith("network"):
            settled(page, SITES + SMALL)
        page.screenshot(path=folder / f"{name}-{language}.png")


def test_pictures_of_the_inventorys_pages(browser: Browser, site: Site, folder: Path) -> None:
    keep(site)
    site.fail()
    with _opened(browser, site, viewport=LAPTOP, locale="vi-VN") as page:
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
    with _opened(browser, site, viewport=LAPTOP, locale="vi-VN") as page:
        page.set_default_timeout(PATIENCE)
        picture(page, site, folder, "network", "/network")
    check_pictures(folder)
