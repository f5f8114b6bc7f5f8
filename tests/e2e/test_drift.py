"""Drift in a real browser: each of its pages in both languages, on a laptop and on a phone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from hatang.auth import users
from inventory import service as inventory
from playbooks import drift, vault
from playbooks.changes import Selection
from playbooks.drift import IntendedDraft
from tests.acceptance.test_pages import DRAWING, ENGLISH
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import NOWHERE, PHONE, Site, _fits, _opened, become
from tests.playbooks.records import collected, reached

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

pytestmark = [*test_browser.pytestmark, pytest.mark.slow]

LAPTOP = {"width": 1280, "height": 900}
HOURS = 1_000_000  # the vault's clock of these records stands
NTP = "ntp server {{ parameters.upstream }}\n"
BGP = """\
router bgp {{ parameters.number }}
 neighbor 10.0.0.1 remote-as 65001
 neighbor 10.0.0.1 description to-the-datacentre-of-the-province-over-the-first-leased-line-VTL-002
 neighbor 10.0.0.1 password {{ parameters.key }}
"""
RUNNING = "hostname {0}\nrouter bgp 65001\n neighbor 10.0.0.1 remote-as 65002\nexit\n"
LONG_NAME = "Máy chủ thời gian cho mọi điểm mạng cấp xã theo công văn 1234/UBND-CNTT"
PAGES = {
    "drift": "/drift",
    "drift-by-intended": "/drift?by=intended",
    "drift-nothing-matches": "/drift?state=in_line&unit=nowhere",
    "drift-device": "/drift/devices/hub-1",
    "drift-unknown": "/drift/devices/hub-2",
    "drift-failing": "/drift/devices/core-1",
    "drift-of-nothing": "/drift/devices/srv-portal",
    "intended": "/drift/intended",
    "proposal": "/changes/new?source=intended&title=x&intended=bgp&names=hub-1",
}
EMPTY = {"drift-empty": "/drift", "intended-empty": "/drift/intended"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get(DRAWING, tmp_path))


def person(database: Database, name: str) -> Actor:
    with database.read() as session:
        return users.actor_of(session, users.get_user(session, name))


def keep(database: Database, name: str, text: str) -> None:
    with database.write() as session:
        access = reached(inventory.get_device(session, province.SYSTEM, name))
        vault.store(session, province.SYSTEM, access, collected(text), source="backup")


def drift_away(database: Database) -> None:
    """Let a hub drift of which another drift is over, and others be unknown for two reasons."""
    an = person(database, "an")
    chosen = Selection(names=("hub-1", "hub-2", "core-1"))
    parameters = {"number": "65001", "key": "not-shown"}
    failing = "{% if device.name == 'core-1' %}{{ device.nickname }}{% endif %}"
    keep(database, "hub-1", RUNNING.format("hub-1"))
    keep(database, "core-1", RUNNING.format("core-1"))
    drift.set_intended(database, an, IntendedDraft("bgp", failing + BGP, parameters, chosen))
    servers = IntendedDraft(LONG_NAME, NTP, {"upstream": "10.0.0.9"}, Selection(roles=("hub",)))
    drift.set_intended(database, an, servers)
    drift.check(database, HOURS)
    keep(database, "hub-1", RUNNING.format("hub-1") + "ntp server 10.0.0.9\n")
    drift.check(database, HOURS)


def require_vietnamese(page: Page) -> None:
    """Fail when a message of ours stands in English on the page."""
    lines = [line.strip() for line in page.locator("main").inner_text().splitlines()]
    assert [found for line in lines if line and (found := ENGLISH.in_(line))] == []


def walk(page: Page, site: Site, folder: Path, pages: dict[str, str]) -> None:
    """Take each page in both languages and both widths, none wider than its screen."""
    for language in ("vi", "en"):
        page.goto(f"{site.address}/language/{language}")
        for size in (LAPTOP, PHONE):
            page.set_viewport_size({"width": size["width"], "height": size["height"]})
            for name, path in pages.items():
                answer = page.goto(f"{site.address}{path}")
                assert answer is not None
                assert answer.ok, path
                file = f"{name}-{language}-{size['width']}.png"
                page.screenshot(path=folder / file, full_page=True)
                assert _fits(page), file
                if language == "vi":
                    require_vietnamese(page)


def test_each_page_fits_and_speaks_the_readers_language(
    browser: Browser, site: Site, folder: Path
) -> None:
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        become(page, site, "an")
        walk(page, site, folder, EMPTY)
        drift_away(site.database)
        walk(page, site, folder, PAGES)


def test_from_the_list_a_person_comes_to_the_lines_and_to_a_change_filled_in(
    browser: Browser, site: Site
) -> None:
    drift_away(site.database)
    with _opened(browser, site, NOWHERE, viewport=LAPTOP, locale="vi-VN") as page:
        become(page, site, "an")
        page.goto(f"{site.address}/drift")
        page.locator("select[name=state]").select_option("drifted")
        page.locator("form.filters button").click()
        page.locator("tbody a", has_text="hub-1").first.click()
        expect(page.locator(".diff").first).to_contain_text("remote-as 65001")
        page.locator("a.btn-primary").first.click()
        expect(page.locator("[name=source]")).to_have_value("intended")
        expect(page.locator("[name=intended]")).to_have_value("bgp")
        expect(page.locator("[name=names]")).to_have_value("hub-1")
        page.click("button[value=preview]")
        expect(page.locator(".diff-group")).to_contain_text("remote-as 65001")
