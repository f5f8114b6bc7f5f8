"""Importing, deciding on differences, reorganising, and a service's page, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from hatang.auth import Role
from inventory.choices import ElementKind
from inventory.inbox.choices import DeviationKind
from inventory.inbox.recording import Proposal, note
from inventory.models import Device
from inventory.service import record_observation
from tests.api import province
from tests.e2e import test_browser
from tests.e2e.test_browser import NOWHERE, PHONE, Site, _fits, _opened, become

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

pytestmark = [*test_browser.pytestmark, pytest.mark.slow]

WRONG = """\
Mã điểm,Tên điểm,Đơn vị,Loại điểm
xa-91,Xã Chín Mốt,khong-co,commune
xa-92,Xã Chín Hai,so-khcn,lâu đài
"""
GOOD = """\
Mã điểm;Tên điểm;Đơn vị;Loại điểm;Số người
xa-91;Xã  Chín Mốt;so-khcn;commune;40
xa-05;Trụ sở xã Vĩnh Xuân mới;so-khcn;commune;30
"""
MERGE = """\
version: 1
title: Sắp xếp hai xã
effective_on: 2099-01-01
basis: Nghị quyết thử nghiệm
units: [{code: xa-moi, name: Xã Hương Lập, kind: commune, parent: kv-song-huong}]
reorganise: [{merge: [xa-05, xa-06], into: xa-moi}]
"""


def differ(database: Database) -> None:
    """Let a serial number differ, and a cable be new."""
    with database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-2")).one()
        device.serial = "FOC1111X0AA"
        session.flush()
        record_observation(
            session, ElementKind.DEVICE, device.id, {"serial": "FOC2345X0AB"}, "snmp"
        )
        note(
            session,
            [
                Proposal(
                    DeviationKind.NEW_CABLE,
                    "hub-2:eth9–rtr-05:eth9",
                    device.scope_id,
                    "link",
                    "hub-2:eth9 – rtr-05:eth9",
                    "lldp",
                    observed={"a": "hub-2:eth9", "b": "rtr-05:eth9"},
                    certainty="likely",
                )
            ],
        )


def upload(page: Page, folder: Path, name: str, text: str) -> None:
    """Choose a file in the form of the page and send it."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    page.set_input_files("[name=file]", file)
    page.click("form[enctype] button")


def come(page: Page, site: Site, name: str, *roles: Role) -> None:
    """Let a new person go on, with a second factor."""
    with site.database.write() as session:
        province.person(session, name, *roles)
    become(page, site, name)


def test_a_file_with_errors_then_a_good_one_is_imported_and_undone(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with _opened(browser, site, NOWHERE, viewport={"width": 1440, "height": 900}) as page:
        come(page, site, "dung", Role.ENGINEER)
        page.goto(f"{site.address}/inventory/import")
        page.screenshot(path=tmp_path / "import-vi.png", full_page=True)
        upload(page, tmp_path, "diem-mang.csv", WRONG)
        expect(page.locator("h1")).to_contain_text("Chưa nhập gì: 2 lỗi")
        expect(page.locator(".problems tbody tr")).to_have_count(2)
        page.screenshot(path=tmp_path / "refused-vi.png", full_page=True)
        upload(page, tmp_path, "diem-mang.csv", GOOD)
        expect(page.locator("h1")).to_contain_text("Xem trước nhập dữ liệu")
        expect(page.locator(".plan-created")).to_contain_text("xa-91")
        expect(page.locator(".plan-changed ins").first).to_be_visible()
        page.screenshot(path=tmp_path / "plan-vi.png", full_page=True)
        page.click("a[hreflang=en]")
        page.screenshot(path=tmp_path / "plan-en.png", full_page=True)
        page.get_by_role("button", name="Apply exactly this plan").click()
        expect(page.locator("h1")).to_contain_text("Imported: diem-mang.csv")
        page.screenshot(path=tmp_path / "done-en.png", full_page=True)
        page.get_by_role("link", name="Undo").click()
        page.get_by_role("button", name="Undo exactly this").click()
        expect(page.locator("h1")).to_contain_text("was taken back")


def test_a_difference_is_accepted_and_another_ignored(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    differ(site.database)
    with _opened(browser, site, "/inbox", viewport={"width": 1440, "height": 900}) as page:
        expect(page.locator("h1")).to_contain_text("2 sai lệch chờ xử lý")
        page.screenshot(path=tmp_path / "inbox-vi.png", full_page=True)
        page.locator("tr", has_text="FOC2345X0AB").locator("[name=ids]").check()
        page.get_by_role("button", name="Chấp nhận").click()
        expect(page.locator("[role=status].notice")).to_contain_text("1 sai lệch")
        page.locator("[name=ids]").check()
        page.get_by_role("button", name="Bỏ qua đến ngày").click()
        expect(page.locator("[role=alert]")).to_contain_text("Nêu lý do")
        page.fill("[name=reason]", "chờ đợt thay cáp")
        page.get_by_role("button", name="Bỏ qua đến ngày").click()
        expect(page.locator("h1")).to_contain_text("0 sai lệch chờ xử lý")
        page.goto(f"{site.address}/inbox?state=ignored")
        expect(page.locator("tbody")).to_contain_text("chờ đợt thay cáp")
        page.click("a[hreflang=en]")
        page.screenshot(path=tmp_path / "inbox-en.png", full_page=True)


def test_another_person_approves_a_reorganisation(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    with _opened(
        browser, site, "/reorganisations", viewport={"width": 1440, "height": 900}
    ) as page:
        upload(page, tmp_path, "sap-xep.yaml", MERGE)
        expect(page.locator("h1")).to_contain_text("Sắp xếp hai xã")
        page.fill("[name=reason]", "nghị quyết")
        page.get_by_role("button", name="Trình phê duyệt").click()
        expect(page.locator("#decision")).to_contain_text("Bạn là người đề nghị")
        page.screenshot(path=tmp_path / "reorganisation-vi.png", full_page=True)
        number = page.url.rpartition("/")[2]
        come(page, site, "oanh", Role.APPROVER)
        page.goto(f"{site.address}/reorganisations/{number}")
        page.click("#decision .btn-primary")
        expect(page.locator("#decision")).to_contain_text("Tự động áp dụng vào ngày 01/01/2099")
        page.click("a[hreflang=en]")
        page.screenshot(path=tmp_path / "reorganisation-en.png", full_page=True)


def test_a_service_shows_what_it_stands_on(browser: Browser, site: Site, tmp_path: Path) -> None:
    with _opened(browser, site, "/services", viewport={"width": 1440, "height": 900}) as page:
        page.get_by_role("link", name="Phân giải tên miền").click()
        layers = page.locator(".layers")
        expect(layers).to_contain_text("srv-portal")
        expect(page.locator("section", has_text="Hệ thống cần đến nó")).to_contain_text(
            "Cổng thông tin điện tử"
        )
        page.screenshot(path=tmp_path / "service-vi.png", full_page=True)
        page.click("a[hreflang=en]")
        page.goto(f"{site.address}/services/portal")
        page.screenshot(path=tmp_path / "service-en.png", full_page=True)


def test_the_pages_fit_a_phone(browser: Browser, site: Site, tmp_path: Path) -> None:
    differ(site.database)
    with _opened(browser, site, NOWHERE, viewport=PHONE) as page:
        for path in ("/inventory/import", "/inbox", "/reorganisations", "/services/portal"):
            page.goto(f"{site.address}{path}")
            assert _fits(page), path
            page.screenshot(path=tmp_path / f"phone{path.replace('/', '-')}.png", full_page=True)
        page.goto(f"{site.address}/inventory/import")
        upload(page, tmp_path, "diem-mang.csv", WRONG)
        assert _fits(page)
        page.screenshot(path=tmp_path / "phone-refused.png", full_page=True)
        upload(page, tmp_path, "diem-mang.csv", GOOD)
        assert _fits(page)
        page.screenshot(path=tmp_path / "phone-plan.png", full_page=True)
        page.goto(f"{site.address}/reorganisations")
        upload(page, tmp_path, "sap-xep.yaml", MERGE)
        assert _fits(page)
        page.screenshot(path=tmp_path / "phone-reorganisation.png", full_page=True)
