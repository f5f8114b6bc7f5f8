"""The pages in a real browser: both languages, a phone, a wall, live, and no policy violated."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from api.app import create_app
from api.callers import COOKIE
from api.context import ApiContext
from hatang.auth import User, sessions
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.jobs.memory import MemoryEngine
from monitors.client import MonitorClient
from tests.api import province
from tests.api.serving import served
from tests.api.test_every_page import NO_PAGES, page_routes, shown_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database
    from hatang.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATHS = ("/", "/incidents", "/incidents/1", "/devices", "/devices/core-1", "/services")
MORE = (
    *(
        "/changes",
        "/changes/new",
        "/changes/standards",
        "/changes/freezes",
        "/drift",
        "/drift/intended",
        "/drift/devices/core-1",
        "/findings",
        "/findings/waivers",
        "/findings/posture",
        "/findings/questions",
        "/findings/sheets",
        "/hints",
        "/rules",
        "/runs",
        "/schedules",
        "/schedules/new",
        "/schedules/new?playbook=server-time",
    ),
    *("/meetings", f"/meetings/{province.MEETING}", "/whatif", "/bridges", "/aliases"),
    *("/second-factor", "/network", "/network/past", "/reports", "/reports/carriers"),
    *("/sites/xa-05", "/circuits", "/circuits/VTL-002", "/inventory", "/inventory/sites"),
    *("/inventory/services/portal", "/search?search=vinh", "/inbox", "/inventory/import"),
    *("/reorganisations", "/credentials", "/password", "/devices/core-1/host-keys"),
    *("/runbooks/DeviceUnreachable", "/handovers", "/maintenances", "/wall"),
)
PARTS = {"/board/live", "/wall/live", "/network/past/part"}
"""What a page loads into itself."""
UNSEEN = {"/login"}
"""What nobody who is signed in sees."""
NOWHERE = ""
"""Opens no page yet."""
PHONE = {"width": 390, "height": 844}
WALL = {"width": 1920, "height": 1080}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
]


class Site:
    """The served province, with hands to change it."""

    def __init__(self, address: str, database: Database) -> None:
        self.address = address
        self.database = database

    def fail(self) -> None:
        """Break hub-2."""
        with self.database.write() as session:
            province.measure(session, broken=True)
            province.outage(session)


def serving(settings: Settings, database: Database) -> Iterator[Site]:
    context = ApiContext(
        settings,
        database,
        MemoryEngine(database, settings, run_at_once=False),
        StoredHostKeys(database),
        MonitorClient(settings.monitors_socket),
    )
    with served(create_app(context)) as address:
        yield Site(address, database)


@contextmanager
def _opened(browser: Browser, site: Site, at: str = "/", **options: object) -> Iterator[Page]:
    """Yield the page at an address, of somebody signed in; complaints of the browser fail the test.

    `NOWHERE` opens no page yet.
    """
    complaints: list[str] = []
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            complaints.append(f"asked {asked.url}")
            if not asked.url.startswith((site.address, "data:"))
            else None
        ),
    )
    become(page, site, "an", has_second_factor=False)
    if at != NOWHERE:
        page.goto(f"{site.address}{at}")
    yield page
    context.close()
    assert not complaints


def sign_in(page: Page, site: Site) -> None:
    """Come in as a person does: by name and password."""
    page.context.clear_cookies()
    page.goto(f"{site.address}/")
    page.fill("[name=name]", "an")
    page.fill("[name=password]", province.PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector(".board")
    page.wait_for_load_state("load")


def become(page: Page, site: Site, name: str, *, has_second_factor: bool = True) -> None:
    """Go on as another person, without having signed in."""
    with site.database.write() as session:
        user = session.scalars(select(User).where(User.name == name)).one()
        token = sessions.open_session(session, user, has_second_factor=has_second_factor)
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": site.address}])


def _fits(page: Page) -> bool:
    script = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    return bool(page.evaluate(script))


def test_an_outage_appears_by_itself_in_both_languages(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with _opened(browser, site, NOWHERE, viewport={"width": 1440, "height": 900}) as page:
        sign_in(page, site)
        expect(page.locator("h1")).to_contain_text("Không có sự cố nào")
        expect(page.locator("#live")).to_have_text("trực tiếp")
        page.screenshot(path=tmp_path / "good-vi.png")
        site.fail()
        expect(page.locator("h1")).to_contain_text("1 sự cố đang mở", timeout=10_000)
        expect(page.locator(".pin.dot-bad")).to_have_count(5)
        page.screenshot(path=tmp_path / "board-vi.png")
        page.click("a[hreflang=en]")
        expect(page.locator("h1")).to_contain_text("1 open incident")
        expect(page.locator(".pin.dot-bad")).to_have_count(5)
        page.screenshot(path=tmp_path / "board-en.png")


def test_two_tabs_share_one_stream(browser: Browser, site: Site) -> None:
    with _opened(browser, site) as page:
        expect(page.locator("#live")).to_have_text("trực tiếp")
        second = page.context.new_page()
        asked: list[str] = []
        second.on("request", lambda request: asked.append(request.url))
        second.goto(f"{site.address}/")
        expect(second.locator("#live")).to_have_text("trực tiếp")
        site.fail()
        expect(second.locator("h1")).to_contain_text("1 sự cố đang mở", timeout=10_000)
        assert not [url for url in asked if url.endswith("/events")]


def test_a_phone_shows_every_page_without_sideways_scrolling(browser: Browser, site: Site) -> None:
    site.fail()
    with _opened(browser, site, NOWHERE, viewport=PHONE) as page:
        become(page, site, "an")
        wide = []
        for path in (*PATHS, *MORE):
            answer = page.goto(f"{site.address}{path}")
            assert answer is not None
            assert answer.ok, path
            if not _fits(page):
                wide.append(path)
        assert wide == []
        page.goto(f"{site.address}/")
        page.click(".rail-toggle")
        expect(page.locator(".rail")).to_be_in_viewport()


def test_the_walk_on_a_phone_leaves_no_page_out() -> None:
    fixed = {route.path for route in page_routes() if "{" not in route.path}
    assert fixed - shown_by((*PATHS, *MORE)) == fixed & (set(NO_PAGES) | PARTS | UNSEEN)


def test_a_wall_shows_the_board_without_scrolling(browser: Browser, site: Site) -> None:
    site.fail()
    with _opened(browser, site, viewport=WALL) as page:
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollHeight <= {root}.clientHeight")
        assert _fits(page)


def test_the_board_is_worked_by_keyboard(browser: Browser, site: Site) -> None:
    site.fail()
    with _opened(browser, site) as page:
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#help")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator("#search")).to_be_focused()
        page.locator("#content").focus()
        page.keyboard.press("j")
        page.keyboard.press("a")
        expect(page.locator(".owner")).to_contain_text("an")
        page.locator("#content").focus()
        page.keyboard.press("k")
        page.keyboard.press("o")
        page.wait_for_url("**/incidents/1")


def test_dark_and_light_stay_chosen(browser: Browser, site: Site) -> None:
    with _opened(browser, site, color_scheme="dark") as page:
        root = page.locator("html")
        expect(root).to_have_attribute("data-bs-theme", "dark")
        page.click("#theme")
        page.goto(f"{site.address}/devices")
        expect(root).to_have_attribute("data-bs-theme", "light")


def test_a_circuits_traffic_is_drawn_and_told_in_words(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with _opened(
        browser, site, "/circuits/VTL-002", viewport={"width": 1440, "height": 1100}
    ) as page:
        expect(page.locator(".graphs[data-ready=true]")).to_have_count(1)
        traffic = page.locator('[data-graph="traffic"]')
        expect(traffic.locator("canvas")).to_be_visible()
        expect(traffic.locator(".graph-legend")).to_contain_text("phân vị 95")
        expect(traffic.locator(".graph-legend")).to_contain_text("băng thông cam kết: 100 Mbit/s")
        page.click("[data-range='7d']")
        expect(page.locator("[data-range='7d']")).to_have_attribute("aria-pressed", "true")
        assert _fits(page)
        page.screenshot(path=tmp_path / "circuit-vi.png", full_page=True)
        page.goto(f"{site.address}/devices/core-1")
        expect(page.locator(".graphs[data-ready=true]")).to_have_count(1)
        page.screenshot(path=tmp_path / "device-vi.png", full_page=True)
