"""People at their desks, in a browser: import with errors, inbox, reorganisation, search.

Only the api of a hatang runs, on an inventory of its own; what two simulated switches say of
themselves comes into the inbox by `hatang discovery read`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.acceptance.installation import PASSWORD_OF_PEOPLE, Installation
from tests.acceptance.red import hold, turns_red
from tests.acceptance.serving import serving
from tests.acceptance.switch import PASSWORD, USER, Switch, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [pytest.mark.acceptance, pytest.mark.browser,
              pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is absent")]  # fmt: skip

CHOSEN = "một mật khẩu khác 0815 dài"
STEP_SECONDS = 30  # RFC 6238, as authenticators count
HUE = "Trụ sở thành phố Huế"
OTHER = Switch("sw-khac", "FOC2345X0AB", "127.0.0.2")
SAME = Switch("sw-dung", "FOC1111X0AA", "127.0.0.3")
WRITTEN_DOWN = {OTHER.name: "FOC0000X0AA", SAME.name: SAME.serial}
PROVINCE = """\
version: 1
units:
  - {{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}}
  - {{code: xa-05, name: "Xã Vĩnh Xuân", kind: commune, parent: tinh}}
  - {{code: xa-06, name: "Xã Đông Hải", kind: commune, parent: tinh}}
sites:
  - {{slug: hue, name: "{hue}", unit: tinh, kind: datacentre}}
  - {{slug: xa-05, name: "Trụ sở xã Vĩnh Xuân", unit: xa-05, kind: commune}}
devices:
"""
SWITCH = """\
  - name: {one.name}
    site: hue
    role: switch
    platform: cisco_ios
    primary_ip4: {one.address}
    ports: {{ssh: {one.port}}}
    serial: {serial}
    credentials: {{ssh: ops}}
    host_keys: ["{one.host_key}"]
"""
HEADERS = "Mã điểm,Tên điểm,Đơn vị,Loại điểm\n"
WRONG = "xa-91,Xã Chín Mốt,khong-co,commune\n"  # a unit that does not exist
WRONG_TOO = "xa-92,Xã Chín Hai,tinh,lâu đài\n"  # a kind of site that does not exist
GOOD = "xa-91,Xã Chín Mốt,tinh,commune\n"
MERGE = """\
version: 1
title: Sắp xếp hai xã
effective_on: 2099-01-01
basis: Nghị quyết thử nghiệm
units: [{code: xa-moi, name: Xã Hương Lập, kind: commune, parent: tinh}]
reorganise: [{merge: [xa-05, xa-06], into: xa-moi}]
"""


@dataclass(frozen=True)
class Office:
    """A hatang whose api runs, and a browser in which somebody sits."""

    made: Installation
    browser: Browser
    lan: Page
    hoa: Page

    def url(self, path: str) -> str:
        return self.made.url("api", path)

    def upload(self, path: str, name: str, text: str) -> None:
        """Choose a file in the form of a page and send it, as the engineer."""
        file = self.made.folder / name
        file.write_text(text, encoding="utf-8")
        self.lan.goto(self.url(path))
        self.lan.set_input_files("[name=file]", file)
        self.lan.click("form[enctype] button")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A province with two switches that are read, and two people who have signed in."""
    made = Installation(tmp_path_factory.mktemp("office"))
    made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
    made.settle()
    with listening(OTHER, SAME):
        stock(made)
        with serving(made), sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            people = [arrive(browser, made, name) for name in ("lan", "hoa")]
            yield Office(made, browser, *people)
            browser.close()


def stock(made: Installation) -> None:
    """Import the province, and have both switches read."""
    secrets = made.folder / "ops.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(
        f'[credentials.ops]\nkind = "ssh"\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
    )
    made.hatang("credential", "import", str(secrets)).good()
    file = made.folder / "province.yaml"
    rows = "".join(SWITCH.format(one=one, serial=WRITTEN_DOWN[one.name]) for one in (OTHER, SAME))
    file.write_text(PROVINCE.format(hue=HUE) + rows, encoding="utf-8")
    made.hatang("inventory", "import", str(file)).good()
    for switch in (OTHER, SAME):
        made.hatang("discovery", "read", switch.name).good()


def arrive(browser: Browser, made: Installation, name: str) -> Page:
    """Sign in for the first time: a password of one's own, a phone, and again with its code."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(page, made, name, PASSWORD_OF_PEOPLE)
    page.fill("[name=old]", PASSWORD_OF_PEOPLE)
    page.fill("[name=new]", CHOSEN)
    page.click("main button[type=submit]")
    sign_in(page, made, name, CHOSEN)
    page.goto(made.url("api", "/second-factor"))
    page.click("main button[type=submit]")
    phone = pyotp.TOTP(page.inner_text("code.secret").replace(" ", ""))
    page.fill("[name=code]", phone.now())
    page.click("main button[type=submit]")
    # Each code counts once, and a clock one step ahead is forgiven.
    sign_in(page, made, name, CHOSEN, phone.at(int(time.time()) + STEP_SECONDS))
    page.wait_for_selector(".board")
    return page


def sign_in(page: Page, made: Installation, name: str, password: str, code: str = "") -> None:
    page.goto(made.url("api", "/login"))
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    page.fill("[name=code]", code)
    page.click("main button[type=submit]")


def check_every_error_is_told(page: Page, rows: tuple[int, ...]) -> None:
    """Nothing is offered to apply; each wrong row is told with what to do."""
    told = page.locator(".problems tbody tr").all_inner_texts()
    hold(len(told) == len(rows), f"{len(rows)} errors were made, told are: {told}")
    for row, text in zip(rows, told, strict=True):
        hold(f"dòng {row}" in text, f"row {row} is not named: {text!r}")
    hold(page.locator("#decision").count() == 0, "a faulty file can be applied")


def check_site_is_there(office: Office, slug: str, name: str) -> None:
    """The inventory holds the site under that name."""
    answer = office.made.ask(f"/api/v1/inventory/sites/{slug}")
    hold(answer.status == 200, f"there is no site {slug}")
    hold(answer.json()["name"] == name, f"it is called {answer.json()['name']}")


def check_difference_waits(page: Page, switch: Switch) -> None:
    """The inbox lists once that the device told another serial number than was written down."""
    rows = serials(page, switch)
    hold(rows.count() == 1, f"{rows.count()} serial numbers of {switch.name} wait")


def serials(page: Page, switch: Switch) -> Locator:
    """Return the rows of the inbox that hold the serial number a device told."""
    return page.locator("tbody tr", has_text=switch.name).filter(has_text=switch.serial)


def check_is_approved(page: Page) -> None:
    """The reorganisation waits for its day and for nobody's decision any more."""
    text = page.inner_text("#decision")
    hold("Tự động áp dụng vào ngày 01/01/2099" in text, f"it is not approved: {text!r}")


def check_search_finds(office: Office, words: str, name: str) -> None:
    """The box at the top finds what is called so, and leads to it."""
    page = office.lan
    page.goto(office.url("/"))
    page.keyboard.press("/")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    found = page.get_by_role("link", name=name)
    hold(found.count() == 1, f"{words!r} finds no {name!r}")
    found.click()
    hold(name in page.inner_text("h1"), "the link leads elsewhere")


def test_a_file_with_errors_is_refused_whole_then_imported_and_taken_back(office: Office) -> None:
    office.upload("/inventory/import", "diem-mang.csv", HEADERS + WRONG + WRONG_TOO)
    check_every_error_is_told(office.lan, (2, 3))
    office.upload("/inventory/import", "diem-mang.csv", HEADERS + GOOD)
    assert office.made.ask("/api/v1/inventory/sites/xa-91").status == 404
    office.lan.click("#decision .btn-primary")
    check_site_is_there(office, "xa-91", "Xã Chín Mốt")
    office.lan.get_by_role("link", name="Hoàn tác").click()
    office.lan.click("#decision .btn-danger")
    office.lan.wait_for_url("**/inventory/imports/*")
    assert office.made.ask("/api/v1/inventory/sites/xa-91").status == 404


def test_sabotage_one_error_of_two_is_not_told(office: Office) -> None:
    office.upload("/inventory/import", "diem-mang.csv", HEADERS + GOOD + WRONG_TOO)
    with turns_red():
        check_every_error_is_told(office.lan, (2, 3))


def test_sabotage_a_plan_is_shown_and_never_applied(office: Office) -> None:
    office.upload("/inventory/import", "diem-mang.csv", HEADERS + GOOD)
    with turns_red():
        check_site_is_there(office, "xa-91", "Xã Chín Mốt")


def test_sabotage_a_switch_that_is_as_intended_waits_in_the_inbox(office: Office) -> None:
    office.lan.goto(office.url("/inbox"))
    with turns_red():
        check_difference_waits(office.lan, SAME)


def test_what_a_switch_says_of_itself_waits_in_the_inbox_and_is_accepted(office: Office) -> None:
    page = office.lan
    page.goto(office.url("/inbox"))
    check_difference_waits(page, OTHER)
    serials(page, OTHER).locator("[name=ids]").check()
    page.get_by_role("button", name="Chấp nhận").click()
    page.wait_for_selector("[role=status].notice")
    device = office.made.ask(f"/api/v1/devices/{OTHER.name}").json()
    assert device["serial"] == OTHER.serial


def test_another_person_approves_a_reorganisation(office: Office) -> None:
    office.upload("/reorganisations", "sap-xep.yaml", MERGE)
    office.lan.fill("[name=reason]", "nghị quyết")
    office.lan.get_by_role("button", name="Trình phê duyệt").click()
    office.lan.wait_for_selector("#decision .notice")
    number = office.lan.url.rpartition("/")[2]
    office.hoa.goto(office.url(f"/reorganisations/{number}"))
    office.hoa.click("#decision .btn-primary")
    office.hoa.wait_for_load_state()
    check_is_approved(office.hoa)


def test_sabotage_who_asks_for_a_reorganisation_decides_alone(office: Office) -> None:
    text = MERGE.replace("xa-moi", "xa-khac").replace("Hương Lập", "Hương Khác")
    office.upload("/reorganisations", "khac.yaml", text.replace("2099-01-01", "2099-02-01"))
    office.lan.fill("[name=reason]", "nghị quyết")
    office.lan.get_by_role("button", name="Trình phê duyệt").click()
    office.lan.wait_for_selector("#decision .notice")
    assert office.lan.locator("#decision .btn-primary").count() == 0
    with turns_red():
        check_is_approved(office.lan)


def test_hue_finds_hue_with_its_marks(office: Office) -> None:
    check_search_finds(office, "hue", HUE)


def test_sabotage_what_is_not_in_the_inventory_is_found(office: Office) -> None:
    with turns_red():
        check_search_finds(office, "vinh", "Trụ sở thành phố Vinh")
