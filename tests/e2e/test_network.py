"""The drawing of the network in a real browser."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect

from inventory import service as inventory
from lab import large
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import Site, _opened, browser, site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = test_browser.pytestmark
__all__ = ["browser", "site"]

SITES, DEVICES = 700, 10_000
SMALL = 15
"""Sites of the small province that the large one has not."""
PATIENCE = 120_000.0
"""Milliseconds a page may take on a machine that is busy with other things."""


def drawn(page: Page) -> None:
    """Wait until the sites stand on the drawing."""
    expect(page.locator("#drawing")).to_have_attribute("data-sites", "16")


def test_a_site_is_found_without_its_marks_and_told_with_its_lines(
    browser: Browser, site: Site
) -> None:
    site.fail()
    with _opened(browser, site) as page:
        page.goto(f"{site.address}/network")
        drawn(page)
        page.fill("#find-site", "song huong")
        page.press("#find-site", "Enter")
        told = page.locator("#told")
        expect(told).to_contain_text("Điểm gom Khu vực Sông Hương: lỗi")
        expect(told).to_contain_text("VTL-002")


def test_what_is_broken_stands_there_in_words_too(browser: Browser, site: Site) -> None:
    site.fail()
    with _opened(browser, site) as page:
        page.goto(f"{site.address}/network")
        drawn(page)
        broken = page.locator("section", has_text="Kết nối đang lỗi").locator("li")
        expect(broken).to_have_count(5)
        broken.first.get_by_role("link", name="VTL-002").click()
        expect(page.locator("h1")).to_contain_text("VTL-002")


def grow(site: Site) -> None:
    """Make it a province of 700 sites and 10,000 devices, on paper."""
    rows = large.describe(1)
    slugs = [row["slug"] for row in rows["sites"]]
    for number in range(DEVICES - len(rows["devices"])):
        slug = slugs[number % SITES]
        name = f"{slug}-acc-{number // SITES + 1}"
        switch = {"name": name, "site": slug, "role": "switch", "platform": "cisco_ios"}
        rows["devices"].append(switch)
    # The small province has its own core-1, with cables in it.
    text = json.dumps(rows, ensure_ascii=False).replace('"core-', '"main-')
    with site.database.write() as session:
        plan = inventory.plan_import(session, province.SYSTEM, text, "large.yaml")
        inventory.apply_import(session, province.SYSTEM, plan, "test")


@pytest.mark.slow
def test_in_a_province_of_ten_thousand_devices_a_site_is_found_and_opened(
    browser: Browser, site: Site
) -> None:
    grow(site)
    with _opened(browser, site) as page:
        page.set_default_timeout(PATIENCE)
        page.goto(f"{site.address}/network")
        expect(page.locator("#drawing")).to_have_attribute(
            "data-sites", str(SITES + SMALL), timeout=PATIENCE
        )
        page.fill("#find-site", "xa-100")
        page.press("#find-site", "Enter")
        told = page.locator("#told")
        expect(told).to_contain_text("Trụ sở UBND", timeout=PATIENCE)
        page.press("#find-site", "Enter")
        page.wait_for_url("**/sites/xa-100")
        wired = page.locator(".wiring a.wired:not(.away)")
        expect(wired).to_have_count(15, timeout=PATIENCE)
