"""The NOC's night in a real browser: taking, relieving, handing over, notices, keys, the wall.

axe-core judges the pages (WCAG 2.1 A and AA); a test shows that it sees a fault.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from alerts import service
from hatang import clock
from hatang.auth import Role, users
from inventory.models import Contact, ContactSite
from inventory.models import Site as SiteRow
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import NOWHERE, PHONE, WALL, Site, _fits, _opened, become

if TYPE_CHECKING:
    from hatang.auth import Actor

pytestmark = [*test_browser.pytestmark, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LAPTOP = {"width": 1440, "height": 900}
NOTICE = """Viettel trân trọng thông báo: để di dời tuyến cáp quang, từ 23h30 ngày 02/12/2099 đến
04h00 ngày 03/12/2099 kênh truyền VTL-002 sẽ gián đoạn, ngoài ra có thể ảnh hưởng thôn 2 xã Tân Lập.
Lý do: mở rộng đường tỉnh 10."""


@pytest.fixture
def outage(site: Site) -> Site:
    """hub-2 is down, with people to call; binh may take over, and works on it already."""
    site.fail()
    with site.database.write() as session:
        hub = session.scalars(select(SiteRow).where(SiteRow.slug == "hub-2")).one()
        hub.phone, hub.address = "0234 3822 126", "12 Nguyễn Huệ"
        hub.power_company, hub.power_hotline = "Điện lực Sông Hương", "19001909"
        hub.power_customer_code = "PC05HH0123456"
        keeper = Contact(
            code="truc", name="Lê Văn Trực", function="Cán bộ CNTT", mobile="0905 111 222",
            scope_id=hub.scope_id,
        )  # fmt: skip
        session.add(keeper)
        session.flush()
        session.add(ContactSite(contact_id=keeper.id, site_id=hub.id))
        province.person(session, "binh", Role.OPERATOR)
    return site


def actor(place: Site, name: str) -> Actor:
    with place.database.read() as session:
        return users.actor_of(session, users.get_user(session, name))


def taken_by(place: Site, name: str) -> None:
    with place.database.write() as session:
        until = clock.now() + timedelta(hours=4)
        service.acknowledge(session, actor(place, name), 1, note="đã gọi", ends_at=until)


def faults(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    script = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
    found: dict[str, Any] = page.evaluate(script, tags)
    return [
        f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]
    ]


def test_an_incident_says_whom_to_call_and_is_taken_with_a_ticket(
    browser: Browser, outage: Site, tmp_path: Path
) -> None:
    with _opened(browser, outage, "/incidents/1", viewport=LAPTOP) as page:
        calls = page.locator("#calls")
        for text in ("VTL-002", "18008000", "0234 3822 126", "19001909", "Lê Văn Trực"):
            expect(calls).to_contain_text(text)
        bottom = page.evaluate("document.querySelector('#calls').getBoundingClientRect().bottom")
        assert bottom < LAPTOP["height"], "whom to call is seen without scrolling"
        expect(page.locator(".pin.dot-bad")).to_have_count(4)
        page.locator("#acknowledge [name=note]").fill("đang gọi Viettel")
        page.locator("#acknowledge button").click()
        expect(page.locator(".page-head")).to_contain_text("an đang xử lý đến")
        later = (clock.now() + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
        page.locator("#ticket [name=ticket]").fill("SC-0142")
        page.locator("#ticket [name=promised_at]").fill(later)
        page.locator("#ticket button").click()
        expect(page.locator("#standing")).to_contain_text("SC-0142")
        expect(page.locator(".pin.dot-bad")).to_have_count(4)
        page.screenshot(path=tmp_path / "incident-vi.png", full_page=True)
        page.click("a[hreflang=en]")
        expect(page.locator(".pin.dot-bad")).to_have_count(4)
        page.screenshot(path=tmp_path / "incident-en.png", full_page=True)


def test_an_incident_is_taken_over_from_another_person(browser: Browser, outage: Site) -> None:
    taken_by(outage, "binh")
    with _opened(browser, outage, "/incidents/1", viewport=LAPTOP) as page:
        page.get_by_role("button", name="Nhận thay binh").click()
        expect(page.locator(".page-head")).to_contain_text("an đang xử lý đến")
        expect(page.locator(".beside")).to_contain_text("nhận thay · an ← binh")


def test_a_shift_is_handed_over_and_its_record_prints_without_the_frame(
    browser: Browser, outage: Site, tmp_path: Path
) -> None:
    taken_by(outage, "an")
    with _opened(browser, outage, "/handovers", viewport=LAPTOP) as page:
        expect(page.locator("main")).to_contain_text("đã gọi")
        page.screenshot(path=tmp_path / "draft-vi.png", full_page=True)
        page.locator("#handover [name=receiver]").select_option("binh")
        page.locator("#handover [name=note]").fill("Viettel hẹn gọi lại lúc 02:00")
        page.locator("#handover button").click()
        expect(page.locator("h1")).to_have_text("Biên bản bàn giao ca trực")
        expect(page.locator(".paper")).to_contain_text("Viettel hẹn gọi lại lúc 02:00")
        page.screenshot(path=tmp_path / "handover-vi.png", full_page=True)
        page.click("a[hreflang=en]")
        expect(page.locator("h1")).to_have_text("Record of shift hand-over")
        page.screenshot(path=tmp_path / "handover-en.png", full_page=True)
        page.emulate_media(media="print")
        expect(page.locator(".rail")).to_be_hidden()
        expect(page.locator(".signatures")).to_be_visible()
        page.emulate_media(media="screen")
        become(page, outage, "binh")
        page.goto(f"{outage.address}/incidents/1")
        expect(page.locator(".page-head")).to_contain_text("binh works on it until")


def test_a_notice_becomes_work_only_when_a_person_confirms_it(
    browser: Browser, outage: Site, tmp_path: Path
) -> None:
    with _opened(browser, outage, "/maintenances", viewport=LAPTOP) as page:
        expect(page.locator("main")).to_contain_text("Chưa có đợt bảo trì nào")
        page.locator("#notice textarea").fill(NOTICE)
        page.locator("#notice button").click()
        expect(page.locator("h1")).to_contain_text("2 điểm")
        expect(page.locator("[name=points]:checked")).to_have_count(1)
        expect(page.locator("[name=starts_at]")).to_have_value("2099-12-02T23:30")
        expect(page.locator("[name=ends_at]")).to_have_value("2099-12-03T04:00")
        expect(page.locator("tbody tr").first).to_contain_text("Trụ sở xã Vĩnh Xuân")
        page.screenshot(path=tmp_path / "notice-vi.png", full_page=True)
        assert works(outage) == []
        page.get_by_role("button", name="Thông báo bảo trì cho các điểm đã chọn").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("tbody")).to_contain_text("mở rộng đường tỉnh 10.")
        page.screenshot(path=tmp_path / "maintenances-vi.png", full_page=True)
        assert works(outage) == [NOTICE]
        page.get_by_role("button", name="Hủy bỏ").click()
        expect(page.locator("main")).to_contain_text("Chưa có đợt bảo trì nào")
        page.click("a[hreflang=en]")
        page.locator("#notice textarea").fill(NOTICE)
        page.locator("#notice button").click()
        expect(page.locator("h1")).to_contain_text("The notice names 2 points")
        page.screenshot(path=tmp_path / "notice-en.png", full_page=True)


def works(place: Site) -> list[str]:
    with place.database.read() as session:
        found = service.list_maintenances(session, actor(place, "an")).maintenances
        return [row.notice.replace("\r\n", "\n") for row in found]


def test_work_that_comes_again_is_announced_and_ended_whole(browser: Browser, outage: Site) -> None:
    with _opened(browser, outage, "/maintenances", viewport=LAPTOP) as page:
        form = page.locator("#series")
        form.locator("[name=elements]").fill("rtr-01")
        form.locator("[name=reason]").fill("vá lỗi định kỳ")
        form.locator("[name=weekdays]").nth(5).check()
        first = clock.now().date() + timedelta(days=1)
        form.locator("[name=first]").fill(first.isoformat())
        form.locator("[name=until]").fill((first + timedelta(days=27)).isoformat())
        form.locator("button").click()
        expect(page.locator("tbody tr")).to_have_count(4)
        page.get_by_role("button", name="Kết thúc cả chuỗi").first.click()
        expect(page.locator("main")).to_contain_text("Chưa có đợt bảo trì nào")


def test_the_board_and_the_list_are_worked_by_keyboard(browser: Browser, outage: Site) -> None:
    with _opened(browser, outage, viewport=LAPTOP) as page:
        page.locator("#content").focus()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/incidents/1")
        page.keyboard.press("a")
        expect(page.locator("#acknowledge textarea")).to_be_focused()
        page.goto(f"{outage.address}/incidents")
        page.locator("#content").focus()
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator("#content").focus()
        page.keyboard.press("k")
        page.keyboard.press("o")
        page.wait_for_url("**/incidents/1")


def test_the_wall_is_big_has_no_controls_and_says_when_it_is_not_live(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with _opened(browser, site, viewport=WALL) as page:
        with site.database.write() as session:
            province.measure(session, broken=False)
        page.goto(f"{site.address}/wall")
        expect(page.locator("h1")).to_contain_text("Không có sự cố nào")
        expect(page.locator("#live")).to_have_text("trực tiếp")
        site.fail()
        expect(page.locator("h1")).to_contain_text("1 sự cố đang mở", timeout=15_000)
        expect(page.locator(".pin.dot-bad")).to_have_count(5)
        assert page.locator("button, form, input, select, nav").count() == 0
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollHeight <= {root}.clientHeight")
        script = "parseFloat(getComputedStyle(document.querySelector('.wall-what')).fontSize)"
        assert page.evaluate(script) >= 32
        assert not faults(page)
        page.screenshot(path=tmp_path / "wall-vi.png")
        page.goto(f"{site.address}/language/en")
        page.goto(f"{site.address}/wall")
        expect(page.locator("h1")).to_contain_text("1 open incident")
        expect(page.locator(".pin.dot-bad")).to_have_count(5)
        page.screenshot(path=tmp_path / "wall-en.png")


def paths() -> tuple[str, ...]:
    return (
        "/",
        "/incidents",
        "/incidents/1",
        "/handovers",
        "/handovers/1",
        "/maintenances",
        "/wall",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_the_night_fit_a_phone_and_axe_finds_nothing(
    browser: Browser, outage: Site, scheme: str, tmp_path: Path
) -> None:
    taken_by(outage, "an")
    with outage.database.write() as session:
        said = service.TicketInput("Viettel", "SC-0142", clock.now() + timedelta(hours=2), "x")
        service.record_ticket(session, actor(outage, "an"), 1, said)
        now = clock.now()
        work = service.MaintenanceRequest(
            ("rtr-01",), now, now + timedelta(hours=1), "x", "", NOTICE
        )
        service.create_maintenance(session, actor(outage, "an"), work)
        service.hand_over(session, actor(outage, "an"), receiver="binh")
    wrong: dict[str, list[str]] = {}
    with _opened(browser, outage, NOWHERE, viewport=PHONE, color_scheme=scheme) as page:
        for path in paths():
            page.goto(f"{outage.address}{path}")
            page.wait_for_load_state("load")
            assert _fits(page), path
            wrong[path] = faults(page)
            page.screenshot(path=tmp_path / f"{path.replace('/', '-')}.png", full_page=True)
        page.goto(f"{outage.address}/maintenances")
        page.locator("#notice textarea").fill(NOTICE)
        page.locator("#notice button").click()
        expect(page.locator("#confirm")).to_be_visible()
        assert _fits(page)
        wrong["notice"] = faults(page)
    assert {path: found for path, found in wrong.items() if found} == {}


def test_axe_and_the_phone_see_a_fault_that_is_put_there(browser: Browser, outage: Site) -> None:
    with _opened(browser, outage, "/incidents/1", viewport=PHONE) as page:
        page.evaluate(
            "document.querySelector('#ticket label').replaceWith(document.createElement('input'))"
        )
        assert any(one.startswith("label") for one in faults(page))
        page.evaluate("document.querySelector('h1').textContent = 'x'.repeat(400)")
        assert not _fits(page)
