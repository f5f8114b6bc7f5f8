"""Reports from the pages: what is printed says what the page says, and to nobody else."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import docx
import pypdfium2
import pytest
from openpyxl import load_workbook

from api import audit_report
from api.audit_report import Choice
from api.guard import LANGUAGE_COOKIE
from baselines import service as baselines
from hatang import clock
from tests.api import province
from tests.api.browsing import signed_in
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow
CONFIGURATION = "hostname sw1\nsnmp-server community s3cr3t RO\nlogging host 10.0.0.9\nend\n"


@pytest.fixture
def audited(sqlite_database: Database, people: People) -> Database:
    """A database with a meeting, and a switch whose configuration was judged."""
    del people  # they have to be there before the pages are
    with sqlite_database.write() as session:
        province.meeting(session)
        switch = device(session, "sw1", "cisco_ios")
    keep(sqlite_database, switch, CONFIGURATION)
    baselines.audit_device(sqlite_database, SYSTEM, "sw1")
    return sqlite_database


def text_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(p.get_textpage().get_text_bounded() for p in pages).split())


def test_findings_are_printed_in_the_language_of_the_page(
    app: FastAPI, audited: Database, people: People
) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    answer = page.get("/findings/report.pdf?verdict=fail")
    assert answer.headers["content-type"] == "application/pdf"
    assert 'filename="hatang-findings.pdf"' in answer.headers["content-disposition"]
    text = text_of(answer.content)
    assert "An toàn cấu hình thiết bị" in text
    assert "SNM-02" in text
    assert "Chỉ những mục có kết quả: không đạt" in text
    assert "s3cr3t" not in text
    assert "Đồng hồ thiết bị" in text
    assert "Người xem xét" in text


def test_findings_are_saved_to_count_with(app: FastAPI, audited: Database, people: People) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    page.cookies.set(LANGUAGE_COOKIE, "en")
    answer = page.get("/findings/report.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    rows = list(book["Findings"].values)
    assert rows[0][:4] == ("Verdict", "Severity", "Rule", "Device")
    with audited.read() as session:
        assert len(rows) - 1 == len(baselines.get_findings(session, SYSTEM, "sw1"))


def test_a_meeting_is_printed(app: FastAPI, audited: Database, people: People) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    text = text_of(page.get(f"/meetings/{province.MEETING}/report.pdf").content)
    assert "điểm cầu sẵn sàng" in text
    assert "MCU" in text


def test_who_may_not_see_a_meeting_gets_no_report(
    app: FastAPI, audited: Database, people: People
) -> None:
    page, _ = signed_in(app, audited, people.outsider)
    assert page.get(f"/meetings/{province.MEETING}/report.pdf").status_code in (403, 404)


def test_a_form_that_is_none_is_not_there(app: FastAPI, audited: Database, people: People) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    assert page.get("/findings/report.odt").status_code == 422


@pytest.mark.parametrize("by", ["unit", "system", "level", "device", "rule"])
def test_the_audit_report_is_written_by_each_group(
    app: FastAPI, audited: Database, people: People, by: str
) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    answer = page.get(f"/findings/audit-report.docx?by={by}&sample=1&seed=7")
    word = docx.Document(io.BytesIO(answer.content))
    heads = [one.text for one in word.paragraphs if one.style and one.style.name == "Heading 2"]
    assert {"Hiện trạng tuân thủ", "Xu hướng", "Mẫu kiểm tra"} <= set(heads)
    assert [cell.text.strip() for cell in word.tables[-1].rows[0].cells][-1] == "Người phê duyệt"


def test_the_audit_report_says_nothing_of_a_day_before_any_audit(
    app: FastAPI, audited: Database, people: People
) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    now = page.get("/findings/audit-report.json").json()
    then = page.get("/findings/audit-report.json?on=2020-01-01").json()
    assert now["findings"]
    assert (then["findings"], then["score"]["ratio"]) == ([], None)
    assert page.get("/findings/audit-report.oscal.json").json()["assessment-results"]["results"]


def test_a_report_of_one_group_counts_that_group_only(
    app: FastAPI, audited: Database, people: People
) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    found = page.get("/findings/audit-report.json?by=device&key=none&sample=9").json()
    assert (found["score"]["devices"], found["score"]["not_collected"]) == (0, [])
    assert {one["devices"] for one in found["trend"]} == {0}
    assert {one["opened"] for one in found["repairs"]} == {0}
    assert found["sample"]["size"] == 0


@pytest.mark.parametrize("path", ["audit-report.json", "posture"])
def test_a_day_before_anything_was_audited_is_refused(
    app: FastAPI, audited: Database, people: People, path: str
) -> None:
    page, _ = signed_in(app, audited, people.engineer)
    assert page.get(f"/findings/{path}?on=0001-01-02").status_code == 422


def test_the_trend_names_the_day_it_is_in_the_province(audited: Database) -> None:
    with clock.frozen(datetime(2026, 11, 28, 20, 0, tzinfo=UTC)), audited.read() as session:
        found = audit_report.document(session, SYSTEM, Choice(), "Asia/Ho_Chi_Minh")
    assert list(found.tables[1].rows)[-1][0] == date(2026, 11, 29)
