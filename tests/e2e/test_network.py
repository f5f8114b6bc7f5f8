"""The drawing of the network in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Browser, expect

from tests.e2e import test_browser
from tests.e2e.test_browser import Site, _opened, browser, site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = test_browser.pytestmark
__all__ = ["browser", "site"]


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
