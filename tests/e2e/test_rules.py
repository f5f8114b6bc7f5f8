"""Rules, as a person finds them in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e import test_browser
from tests.e2e.test_browser import Site, _opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = test_browser.pytestmark


def test_a_rule_leads_to_its_runbook(browser: Browser, site: Site) -> None:
    with _opened(browser, site) as page:
        page.get_by_role("link", name="Luật cảnh báo").click()
        page.get_by_role("link", name="CircuitOutboundNearlyFull").click()
        expect(page.locator("article")).to_contain_text("băng thông cam kết")
