"""What devices said, as a person finds it in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e import test_browser
from tests.e2e.test_browser import Site, _opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = test_browser.pytestmark


def test_a_trap_and_a_log_line_are_told_in_words_with_what_was_said(
    browser: Browser, site: Site
) -> None:
    with _opened(browser, site) as page:
        page.get_by_role("link", name="Thiết bị báo").click()
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("Cổng mất kết nối")
        expect(rows.first).to_contain_text("%LINK-3-UPDOWN: Interface Gi0/1")
        expect(rows.first).to_contain_text("dòng nhật ký")
        expect(rows.last).to_contain_text("Trap SNMP")


def test_messages_are_found_by_kind_and_device(browser: Browser, site: Site) -> None:
    with _opened(browser, site, "/hints") as page:
        page.locator("select[name=kind]").select_option("restarted")
        page.get_by_role("button", name="Lọc").click()
        expect(page.locator("tbody tr")).to_have_count(0)
        expect(page.locator(".empty-state")).to_contain_text("Không có thông báo nào")
        page.locator("select[name=kind]").select_option("")
        page.fill("input[name=device]", "core-1")
        page.get_by_role("button", name="Lọc").click()
        expect(page.locator("tbody tr")).to_have_count(2)
        page.locator("tbody a").first.click()
        expect(page.locator("h1")).to_contain_text("core-1")
