"""Notices as carriers and power companies word them: each a different way of saying when and where.

The texts are made up, in the manner of the real ones; what must be understood of them stands
beside each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from alerts import service
from alerts.models import Maintenance
from alerts.notices.times import windows
from alerts.notices.words import LONGEST, Notice
from alerts.service import MaintenanceRequest
from hatang import clock
from hatang.auth import Actor, Role
from hatang.errors import DeniedError, InvalidInputError
from inventory import service as inventory
from inventory.models import Site, Unit
from tests.api import province

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.service import NoticeReading
    from hatang.db import Database

ZONE = "Asia/Ho_Chi_Minh"
NOW = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)
"""21:00 of a Saturday in Vietnam."""


@dataclass(frozen=True)
class Case:
    """A notice and what a person reads in it; times local, as `dd/mm hh:mm-dd/mm hh:mm`."""

    name: str
    text: str
    windows: tuple[str, ...]
    sure: frozenset[str]
    doubtful: frozenset[str] = frozenset()
    party: str = ""


CASES = (
    Case(
        "vnpt-letter",
        """Kính gửi: Quý khách hàng
Nhằm nâng cao chất lượng dịch vụ, VNPT sẽ tiến hành bảo dưỡng tuyến cáp quang liên tỉnh.
Thời gian: từ 23h00 ngày 02/12/2026 đến 04h00 ngày 03/12/2026.
Các kênh truyền bị gián đoạn: VNPT-001, VNPT-003.
Lý do: thay măng sông cáp tại km 12.
Mọi thắc mắc xin liên hệ 18001260. Trân trọng cảm ơn!""",
        ("02/12 23:00-03/12 04:00",),
        frozenset({"circuit:VNPT-001", "circuit:VNPT-003"}),
        party="VNPT",
    ),
    Case(
        "viettel-short",
        "Viettel t/b: bảo trì nâng cấp thiết bị 0h-5h ngày 5/12, kênh VTL 002 mất liên lạc tối đa "
        "30 phút. Xin cảm ơn.",
        ("05/12 00:00-05/12 05:00",),
        frozenset({"circuit:VTL-002"}),
        party="Viettel",
    ),
    Case(
        "evn-words",
        """CÔNG TY ĐIỆN LỰC TỈNH - ĐIỆN LỰC SÔNG HƯƠNG
THÔNG BÁO NGỪNG CUNG CẤP ĐIỆN
Thời gian ngừng cấp điện: từ 07 giờ 30 phút đến 16 giờ 30 phút ngày 06 tháng 12 năm 2026.
Khu vực mất điện: các xã Vĩnh Xuân, Đông Hải và Kim Long; một phần xã Thượng Nhật.
Lý do: thay dây dẫn trung áp.""",
        ("06/12 07:30-06/12 16:30",),
        frozenset({"site:xa-05", "site:xa-06", "site:xa-08"}),
        frozenset({"site:xa-07"}),
        party="Điện lực Sông Hương",
    ),
    Case(
        "evn-customer-code",
        """Tổng công ty Điện lực xin thông báo đến khách hàng TRỤ SỞ UBND XÃ, mã khách hàng
PC05HH0123456: lịch tạm ngừng cung cấp điện từ 06:00:00 ngày 07/12/2026 đến 17:00:00 ngày
07/12/2026 để thi công đấu nối.""",
        ("07/12 06:00-07/12 17:00",),
        frozenset({"site:xa-02"}),
    ),
    Case(
        "two-days",
        """Điện lực Trường Sơn thông báo: trong 2 ngày 08 và 09/12/2026, từ 7h30 đến 11h30 sẽ cắt
điện phục vụ thi công tại xã Bình Điền. Nội dung công việc: nâng công suất trạm biến áp.""",
        ("08/12 07:30-08/12 11:30", "09/12 07:30-09/12 11:30"),
        frozenset({"site:xa-10"}),
        party="Điện lực Trường Sơn",
    ),
    Case(
        "night-to-dawn",
        """VNPT trân trọng thông báo: đêm 02 rạng sáng 03/12/2026 (từ 23h30 đến 4h) sẽ cắt chuyển
cáp quang khu vực Trường Sơn, ảnh hưởng kênh VNPT.003.""",
        ("02/12 23:30-03/12 04:00",),
        frozenset({"circuit:VNPT-003"}),
        party="VNPT",
    ),
    Case(
        "nightly-span",
        """Viettel thông báo nâng cấp mạng lõi. Từ ngày 10/12 đến ngày 12/12/2026, mỗi ngày từ
22h00 đến 02h00 hôm sau, dịch vụ trên kênh VTL-002 có thể gián đoạn.""",
        (
            "10/12 22:00-11/12 02:00",
            "11/12 22:00-12/12 02:00",
            "12/12 22:00-13/12 02:00",
        ),
        frozenset({"circuit:VTL-002"}),
        party="Viettel",
    ),
    Case(
        "no-marks",
        "Dien luc Phuong Nam tb: tam ngung cap dien xa Tan Lap tu 8h sang den 5h chieu ngay "
        "9-12-2026 de sua chua duong day. Mong quy khach thong cam.",
        ("09/12 08:00-09/12 17:00",),
        frozenset({"site:xa-01"}),
        party="",
    ),
    Case(
        "length",
        "VNPT dự kiến bảo trì đột xuất kênh VNPT001 trong vòng 03 giờ kể từ 22h00 ngày 11/12/2026.",
        ("11/12 22:00-12/12 01:00",),
        frozenset({"circuit:VNPT-001"}),
        party="VNPT",
    ),
    Case(
        "table",
        """LỊCH CÚP ĐIỆN
Khu vực: Phường Hương Vĩnh cũ
Bắt đầu: 07:30 06/12/2026
Dự kiến kết thúc: 16:30 06/12/2026
Lý do: kiểm tra, bảo dưỡng định kỳ""",
        ("06/12 07:30-06/12 16:30",),
        frozenset({"site:xa-05"}),
    ),
    Case(
        "place-means-the-carriers-circuit",
        """Trung tâm kỹ thuật Viettel xin thông báo: 01h00 - 03h00 ngày mai sẽ di dời tuyến cáp
treo tại điểm gom Khu vực Sông Hương do giải tỏa mặt bằng.""",
        ("29/11 01:00-29/11 03:00",),
        frozenset({"circuit:VTL-002"}),
        party="Viettel",
    ),
    Case(
        "hamlet",
        """Điện lực Phương Nam thông báo mất điện thôn 3, thôn 4 xã An Bình, từ 13h30 tới 15h
ngày 10/12/2026.""",
        ("10/12 13:30-10/12 15:00",),
        frozenset(),
        frozenset({"site:xa-02"}),
    ),
)


@pytest.fixture
def told(sqlite_database: Database) -> Iterator[Database]:
    """The province, with old names and what its power companies call its sites."""
    database = sqlite_database
    with database.write() as session:
        province.load(session)
        hub = session.scalars(select(Site).where(Site.slug == "hub-2")).one()
        hub.power_company = "Điện lực Sông Hương"
        other = session.scalars(select(Site).where(Site.slug == "hub-3")).one()
        other.power_company = "Điện lực Trường Sơn"
        code = session.scalars(select(Site).where(Site.slug == "xa-02")).one()
        code.power_customer_code = "PC05HH0123456"
        old = session.scalars(select(Unit).where(Unit.code == "xa-05")).one()
        old.aliases = ["hv-17", "Phường Hương Vĩnh"]
    with clock.frozen(NOW):
        yield database


def person(role: Role = Role.OPERATOR) -> Actor:
    return Actor(7, "Bình", frozenset({role}), None)


def reading(database: Database, text: str) -> NoticeReading:
    with database.read() as session:
        topology = inventory.load_topology(session)
        return service.read_notice(session, person(), text, topology, ZONE)


def shown(starts_at: datetime, ends_at: datetime) -> str:
    local = [at.astimezone(clock_zone()).strftime("%d/%m %H:%M") for at in (starts_at, ends_at)]
    return "-".join(local)


def clock_zone() -> ZoneInfo:
    return ZoneInfo(ZONE)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_notice_is_understood(told: Database, case: Case) -> None:
    found = reading(told, case.text)
    assert tuple(shown(one.starts_at, one.ends_at) for one in found.windows) == case.windows
    assert all(one.is_sure for one in found.windows)
    points = {f"{one.kind}:{one.key}": one.is_sure for one in found.points}
    assert {key for key, is_sure in points.items() if is_sure} == case.sure
    assert {key for key, is_sure in points.items() if not is_sure} == case.doubtful
    assert found.party == case.party


def test_every_notice_is_worded_differently_and_there_are_eight_at_least() -> None:
    assert len({case.text for case in CASES}) == len(CASES) >= 8


def test_reading_writes_nothing_and_what_is_confirmed_keeps_the_notice(told: Database) -> None:
    text = CASES[0].text
    found = reading(told, text)
    with told.read() as session:
        assert session.scalar(select(func.count()).select_from(Maintenance)) == 0
    (window,) = found.windows
    elements = tuple(name for point in found.points for name in point.elements)
    wanted = MaintenanceRequest(
        elements, window.starts_at, window.ends_at, found.reason, "notice", text
    )
    with told.write() as session:
        row = service.create_maintenance(session, person(), wanted)
        assert (row.notice, row.source) == (text, "notice")
        assert row.reason == "thay măng sông cáp tại km 12."


def test_a_circuit_also_means_the_site_that_it_alone_leads_to(told: Database) -> None:
    (point,) = reading(told, CASES[1].text).points
    assert point.elements == ("circuit:VTL-002", "site:hub-2")
    assert "Trụ sở xã Vĩnh Xuân" in point.affected
    assert point.people == 146


def test_a_period_over_midnight_with_one_day_may_mean_either_night(told: Database) -> None:
    (window,) = windows(Notice.of("từ 22h00 đến 05h00 ngày 03/12/2026"), NOW.date(), ZONE)
    assert not window.is_sure
    assert shown(window.starts_at, window.ends_at) == "03/12 22:00-04/12 05:00"


def test_a_day_without_hours_is_the_whole_day_and_not_sure() -> None:
    (window,) = windows(Notice.of("mất điện ngày 03/12/2026"), NOW.date(), ZONE)
    assert (window.is_sure, window.ends_at - window.starts_at) == (False, one_day())


def one_day() -> timedelta:
    return timedelta(days=1)


@pytest.mark.parametrize(("today", "year"), [(date(2026, 12, 30), 2027), (date(2027, 1, 5), 2027)])
def test_a_day_without_a_year_is_the_next_one(today: date, year: int) -> None:
    (window,) = windows(Notice.of("từ 8h đến 9h ngày 04/01"), today, ZONE)
    assert window.starts_at.year == year


@pytest.mark.parametrize(
    "text",
    [
        "Đề nghị thanh toán cước tháng 11 trước ngày 15.",
        "Số 12/TB-VT. Hotline 0234.3822.126, 1800 1260.",
        "32/13/2026 từ 25h đến 99h",
    ],
)
def test_numbers_that_are_no_time_make_no_window(text: str) -> None:
    assert windows(Notice.of(text), NOW.date(), ZONE) == ()


def test_what_nobody_watches_has_nothing_to_announce(told: Database) -> None:
    with told.write() as session:
        site = session.scalars(select(Site).where(Site.slug == "xa-01")).one()
        session.add(
            Site(
                slug="cho", name="Chợ Mới", unit_id=site.unit_id, kind="commune",
                scope_id=site.scope_id,
            )
        )  # fmt: skip
    (point,) = reading(told, "Mất điện tại Chợ Mới từ 8h đến 9h ngày 04/12/2026").points
    assert (point.key, point.elements) == ("cho", ())


def test_a_person_of_one_commune_reads_only_of_his_own(told: Database) -> None:
    with told.read() as session:
        scope_id = session.scalar(select(Unit.scope_id).where(Unit.code == "xa-05"))
        assert scope_id is not None
        mine = Actor(7, "Bình", frozenset({Role.OPERATOR}), frozenset({scope_id}))
        topology = inventory.load_topology(session)
        found = service.read_notice(session, mine, CASES[2].text, topology, ZONE)
    assert [point.key for point in found.points] == ["xa-05"]


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1)])
def test_no_text_and_too_much_of_it_are_refused(told: Database, text: str) -> None:
    with pytest.raises(InvalidInputError):
        reading(told, text)


def test_who_may_only_look_reads_no_notice(told: Database) -> None:
    with told.read() as session:
        topology = inventory.load_topology(session)
    with told.read() as session, pytest.raises(DeniedError):
        service.read_notice(session, person(Role.VIEWER), CASES[0].text, topology, ZONE)


def test_a_long_hostile_text_is_read_in_time_that_grows_with_it(told: Database) -> None:
    text = ("từ 1h đến " * 2_000)[:LONGEST]
    before = perf_counter()
    reading(told, text)
    assert perf_counter() - before < 5


@given(
    begin=st.integers(0, 300 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    length=st.integers(1, 23 * 60),
    form=st.sampled_from(
        (
            "từ {a:%H}h{a:%M} ngày {a:%d/%m/%Y} đến {b:%H}h{b:%M} ngày {b:%d/%m/%Y}",
            "{a:%H:%M} {a:%d/%m/%Y} – {b:%H:%M} {b:%d/%m/%Y}",
            "Từ {a:%H} giờ {a:%M} phút ngày {a:%d} tháng {a:%m} năm {a:%Y} tới {b:%H} giờ {b:%M} "
            "phút ngày {b:%d} tháng {b:%m} năm {b:%Y}",
            "Bắt đầu: {a:%H:%M:00} ngày {a:%d-%m-%Y}; kết thúc: {b:%H:%M:00} ngày {b:%d-%m-%Y}",
        )
    ),
)
def test_any_period_is_read_as_it_was_written(begin: datetime, length: int, form: str) -> None:
    start = begin.astimezone(clock_zone())
    end = start + timedelta(minutes=length)
    (window,) = windows(Notice.of(form.format(a=start, b=end)), NOW.date(), ZONE)
    assert (window.starts_at, window.ends_at) == (start, end)


@given(st.text(st.sampled_from("từđến 0123456789h:/-,ngày\n"), max_size=300))
def test_any_text_is_read_without_a_fault_into_windows_that_end_after_they_begin(text: str) -> None:
    for window in windows(Notice.of(text), NOW.date(), ZONE):
        assert window.starts_at < window.ends_at
