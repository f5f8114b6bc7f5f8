"""The NOC's night in a real browser: take, hand over, announce work, replay.

What came of it is asked for at other doors. There is no lab: services are web servers on
loopback, and fail when these are closed.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.debian import debian_alertmanager
from tests.acceptance.doors import ROOT, http
from tests.acceptance.installation import PASSWORD_OF_PEOPLE, Installation
from tests.acceptance.receiver import Receiver, receiving
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [pytest.mark.acceptance, pytest.mark.browser,
              pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is absent")]  # fmt: skip

CHOSEN = "một mật khẩu khác 0815 dài"
PAGE_SECONDS = 90.0
LAPTOP, PHONE = (1440, 900), (390, 844)
TAKEN, LEFT, ANNOUNCED = "mot-cua", "hop-truc-tuyen", "thu-dien-tu"
NAMES = (TAKEN, LEFT, ANNOUNCED)
INVENTORY = """\
version: 1
province: {code: "99", name: "Tỉnh Thử"}
units: [{code: tinh, name: "Ủy ban", kind: province}]
services:
"""
SERVICE = '  - {{code: {0}, name: {0}, unit: tinh, kind: other, url: "http://127.0.0.1:{1}"}}\n'
PATHS = ("/", "/incidents", "/incidents/1", "/handovers", "/maintenances", "/network/past", "/wall")

Scheme = Literal["light", "dark"]


@dataclass
class Night:
    """A hatang whose three services failed at once, of one of which that was announced."""

    made: Installation
    pages: Receiver
    browser: Browser
    good_at: datetime
    bad_at: datetime
    states: dict[str, Any]

    def incidents(self) -> dict[str, int]:
        """Return the numbers of the open incidents by what they are of."""
        found = self.made.ask("/api/v1/incidents").json()["items"]
        return {one["name"]: int(one["id"]) for one in found}

    def number(self, service: str) -> int:
        return self.incidents()[service]

    def owner(self, service: str) -> tuple[str, str]:
        """Return state and owner of the service's incident, as the API tells them."""
        told = self.made.ask(f"/api/v1/incidents/{self.number(service)}").json()
        taken = told["acknowledgements"]
        return told["incident"]["state"], taken[-1]["actor"] if taken else ""

    def silences(self, device: str) -> list[str]:
        """Return who silenced the device's incident at Alertmanager itself."""
        answer = http(self.made.url("alertmanager", "/api/v2/silences")).json()
        number = str(self.number(device))
        return [
            one["createdBy"]
            for one in answer
            if one["status"]["state"] == "active" and one["matchers"][0]["value"] == number
        ]

    @contextmanager
    def page(self, size: tuple[int, int] = LAPTOP, scheme: Scheme = "light") -> Iterator[Page]:
        """Yield a page of lan's, signed in."""
        view: Any = {"width": size[0], "height": size[1]}
        context = self.browser.new_context(
            viewport=view, color_scheme=scheme, storage_state=self.states["lan"]
        )  # fmt: skip
        yield context.new_page()
        context.close()

    def url(self, path: str) -> str:
        return self.made.url("api", path)


class Quiet(BaseHTTPRequestHandler):
    """Answers everything with an empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Doors:
    """A web server for each service, until they are closed."""

    def __init__(self) -> None:
        self._servers = {name: ThreadingHTTPServer(("127.0.0.1", 0), Quiet) for name in NAMES}
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def written(self, folder: Path) -> str:
        """Write the inventory of the services."""
        ports = {name: server.server_address[1] for name, server in self._servers.items()}
        path = folder / "inventory.yaml"
        rows = (SERVICE.format(name, port) for name, port in ports.items())
        path.write_text(INVENTORY + "".join(rows), "utf-8")
        return str(path)

    def close(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
        self._servers = {}


def sign_in(browser: Browser, made: Installation) -> Any:
    """Return the cookies of lan, who gave herself a password of her own."""
    context = browser.new_context()
    page = context.new_page()
    for password in (PASSWORD_OF_PEOPLE, CHOSEN):
        page.goto(made.url("api", "/login"))
        page.fill("[name=name]", "lan")
        page.fill("[name=password]", password)
        page.click("main button[type=submit]")
        if password == PASSWORD_OF_PEOPLE:
            page.fill("[name=old]", PASSWORD_OF_PEOPLE)
            page.fill("[name=new]", CHOSEN)
            page.click("main button[type=submit]")
    page.wait_for_selector(".board")
    found = context.storage_state()
    context.close()
    return found


def up(made: Installation) -> dict[str, int]:
    """Return how many services are in each state, as the board's numbers have it."""
    return dict(made.ask("/api/v1/network/status").json()["services"])


def announce(page: Page, night: Night, element: str) -> None:
    page.goto(night.url("/maintenances"))
    form = page.locator("#once")
    form.locator("[name=elements]").fill(element)
    form.locator("[name=reason]").fill("thay bộ nguồn")
    form.locator("button").click()
    page.locator("tbody tr").first.wait_for()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("night")
    made = Installation(folder / "hatang", period_seconds=1)
    program = debian_alertmanager(made.folder)
    with receiving(folder / "pages.jsonl") as pages:
        webhook = f'[{{name = "noc", url = "{pages.url}"}}]'
        made.configure(
            f'prometheus.run = false\nalertmanager.binary = "{program}"\n'
            f"alertmanager.webhooks = {webhook}"
        )
        doors = Doors()
        try:
            made.settle()
            made.start()
            password = str(made.folder / "password")
            words = ("user", "create", "binh", "--role", "operator", "--password-file", password)
            made.hatang(*words).good()
            made.hatang("inventory", "import", doors.written(folder)).good()
            assert eventually(lambda: up(made).get("good") == len(NAMES), PAGE_SECONDS), up(made)
            now = datetime.now(UTC)
            found = Night(made, pages, browser, now, now, {"lan": sign_in(browser, made)})
            with found.page() as page:
                announce(page, found, f"service:{ANNOUNCED}")
            found.good_at = datetime.now(UTC)
            doors.close()
            assert eventually(lambda: up(made).get("bad") == len(NAMES), PAGE_SECONDS), up(made)
            told = eventually(
                lambda: bool(pages.naming(TAKEN) and pages.naming(LEFT)), PAGE_SECONDS
            )
            assert told, pages.notifications()
            found.bad_at = datetime.now(UTC)
            yield found
        finally:
            doors.close()
            made.stop()


def fill(page: Page, night: Night, device: str) -> None:
    page.goto(night.url(f"/incidents/{night.number(device)}"))
    page.locator("#acknowledge [name=note]").fill("đang gọi Viettel")


def check_is_owned(night: Night, device: str, person: str) -> None:
    """The incident is that person's for everybody, and Alertmanager keeps quiet in her name."""
    quiet = eventually(lambda: night.silences(device) == [person], 5)
    hold(night.owner(device) == ("acknowledged", person), f"{night.owner(device)}, not {person}")
    hold(quiet, f"Alertmanager holds silences of {night.silences(device)}, not of {person}")


def test_an_incident_is_acknowledged_in_the_browser(night: Night) -> None:
    with night.page() as page:
        fill(page, night, TAKEN)
        page.locator("#acknowledge button").click()
        page.get_by_text("lan đang xử lý đến").first.wait_for()
        check_is_owned(night, TAKEN, "lan")


def test_sabotage_the_note_is_written_and_the_button_not_pressed(night: Night) -> None:
    with night.page() as page:
        fill(page, night, LEFT)
        with turns_red():
            check_is_owned(night, LEFT, "lan")


def draft(page: Page, night: Night) -> None:
    """Take the incident, and write the shift's hand-over as far as the button."""
    if night.owner(TAKEN) != ("acknowledged", "lan"):
        verb = "ack" if not night.owner(TAKEN)[1] else "takeover"
        words = ("incident", verb, str(night.number(TAKEN)), "--note", "ca đêm")
        night.made.hatang(*words, person="lan").good()
    page.goto(night.url("/handovers"))
    page.locator("#handover [name=receiver]").select_option("binh")
    page.locator("#handover [name=note]").fill("Viettel hẹn gọi lại lúc 02:00")


def test_sabotage_the_hand_over_is_written_and_not_given(night: Night) -> None:
    with night.page() as page:
        draft(page, night)
        with turns_red():
            check_is_owned(night, TAKEN, "binh")


def test_a_shift_is_handed_over_in_the_browser(night: Night) -> None:
    with night.page() as page:
        draft(page, night)
        page.locator("#handover button").click()
        paper = page.locator(".paper")
        paper.wait_for()
        hold("02:00" in paper.inner_text() and TAKEN in paper.inner_text(), paper.inner_text())
        check_is_owned(night, TAKEN, "binh")


def check_only_told(night: Night, told: str, announced: str) -> None:
    """Both are measured bad; one is told of, the one that was announced is not."""
    hold(up(night.made)["bad"] == len(NAMES), f"measured: {up(night.made)}")
    hold(len(night.pages.naming(told, "firing")) > 0, f"nobody was told of {told}")
    hold(not night.pages.naming(announced), f"{announced} was told of in its announced work")


def test_work_announced_in_the_browser_pages_nobody_and_hides_nothing(night: Night) -> None:
    check_only_told(night, told=LEFT, announced=ANNOUNCED)


def test_sabotage_the_work_was_announced_on_another_device(night: Night) -> None:
    with turns_red():
        check_only_told(night, told=ANNOUNCED, announced=LEFT)


def slide(page: Page, at: datetime) -> None:
    """Move the slider to a moment; a fresh hatang keeps less than one of its steps."""
    page.evaluate(
        """seconds => {
            const slider = document.getElementById("slider");
            slider.step = "1";
            slider.min = String(Math.min(Number(slider.min), seconds));
            slider.max = String(Math.max(Number(slider.max), seconds));
            slider.value = String(seconds);
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        int(at.timestamp()),
    )


def check_replays(page: Page, at: datetime, incidents: set[str]) -> None:
    """At that moment these incidents were open, by what stands under the slider."""
    slide(page, at)
    told = page.locator("#past .card").first

    def shown() -> set[str]:
        text = told.inner_text()
        return {name for name in NAMES if name in text}

    reached = eventually(lambda: shown() == incidents, 5)
    hold(reached, f"at {at}: {shown()}, not {incidents}")


def replay(page: Page, night: Night) -> None:
    """Open the replay: it needs a whole minute of what is kept."""

    def is_open() -> bool:
        page.goto(night.url("/network/past"))
        return page.locator("#slider").count() > 0

    assert eventually(is_open, 70)


def test_the_slider_replays_what_was_good_and_then_bad(night: Night) -> None:
    with night.page() as page:
        replay(page, night)
        check_replays(page, night.good_at, set())
        check_replays(page, night.bad_at, {TAKEN, LEFT})


def test_sabotage_the_slider_always_shows_now(night: Night) -> None:
    with night.page() as page:
        replay(page, night)
        page.route(
            "**/network/past/part*",
            lambda route: route.continue_(url=night.url("/network/past/part")),
        )
        with turns_red():
            check_replays(page, night.good_at, set())


def faults(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.1 A and AA."""
    page.evaluate(AXE.read_text("utf-8"))
    tags = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
    script = f"axe.run(document, {{runOnly: {{type: 'tag', values: {tags}}}}})"
    found: dict[str, Any] = page.evaluate(script)
    return [
        f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]
    ]


def check_fits_and_is_accessible(page: Page, path: str) -> None:
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    hold(wide <= 0, f"{path} is {wide} pixels too wide")
    found = faults(page)
    hold(not found, f"{path}: {found[:3]}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_night_fits_a_phone_and_axe_finds_nothing(
    night: Night, scheme: Scheme
) -> None:
    with night.page(PHONE, scheme) as page:
        for path in PATHS:
            page.goto(night.url(path))
            page.wait_for_load_state("load")
            check_fits_and_is_accessible(page, path)


BREAKING: dict[str, str] = {
    "a field without its label": "document.querySelector('#acknowledge label, #notes label')"
    ".replaceWith(document.createElement('input'))",
    "a heading wider than a phone": "document.querySelector('h1').textContent = 'x'.repeat(400)",
}


@pytest.mark.parametrize("script", BREAKING.values(), ids=BREAKING.keys())
def test_sabotage_a_page(night: Night, script: str) -> None:
    with night.page(PHONE) as page:
        page.goto(night.url(f"/incidents/{night.number(LEFT)}"))
        page.evaluate(script)
        with turns_red():
            check_fits_and_is_accessible(page, "/incidents")
