"""Finding anything from the box at the top, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from inventory import service as inventory
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import Site, _opened

pytestmark = test_browser.pytestmark

HUE = """\
version: 1
sites: [{slug: hue, name: Trụ sở thành phố Huế, unit: so-khcn, kind: department}]
"""


def test_hue_without_marks_finds_the_one_with_them(browser: Browser, site: Site) -> None:
    with site.database.write() as session:
        plan = inventory.plan_import(session, province.SYSTEM, HUE, "hue.yaml")
        inventory.apply_import(session, province.SYSTEM, plan, "test")
    with _opened(browser, site) as page:
        page.keyboard.press("/")
        page.keyboard.type("hue")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Trụ sở thành phố Huế").click()
        expect(page.locator("h1")).to_contain_text("Trụ sở thành phố Huế")
