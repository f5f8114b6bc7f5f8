"""What a carrier owes as a file: the same bytes for the same month, and nothing that runs."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from alerts import service
from api.credits import credit
from hatang import clock
from hatang.i18n import use_language
from hatang.reports import written
from inventory.models import Circuit
from tests.alerts import leased
from tests.alerts.leased import CARRIER, CONTRACT, NOW, ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.db import Database

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def october(sqlite_database: Database) -> Database:
    with clock.frozen(NOW), sqlite_database.write() as session:
        leased.load(session)
    return sqlite_database


def file(database: Database, form: str, language: str = "en", days: int = 0) -> bytes:
    """Return the report as it is written so many days later."""
    with clock.frozen(NOW + timedelta(days=days)), use_language(language):
        with database.read() as session:
            month = (OCTOBER, ZONE)
            found = service.carrier_credit(session, leased.SYSTEM, CARRIER, month, (CONTRACT,))
        return written(credit(found, ZONE.key), form)


def rows(data: bytes, sheet: str) -> Sequence[tuple[object, ...]]:
    return list(load_workbook(io.BytesIO(data))[sheet].values)[1:]


@pytest.mark.parametrize("form", [".pdf", ".xlsx"])
def test_the_same_month_gives_the_same_bytes_on_another_day(october: Database, form: str) -> None:
    assert file(october, form) == file(october, form, days=3)


def test_a_workbook_holds_the_figures_reckoned_by_hand(october: Database) -> None:
    data = file(october, ".xlsx")
    first, second, third = rows(data, "Circuits")
    assert first[:6] == ("L-1", "HD-1", 99.5, 44_520, 420, 720)
    # 43,380 / 44,520 and 44,100 / 44,520, rounded down.
    assert first[6:] == (97.439, 99.056, 5, 10, 600_000, 1_200_000)
    unknown = "no formula known"
    assert (third[0], third[8:]) == ("L-2", (unknown, unknown, None, None))
    assert second[:6] == ("L-3", "HD-1", 99.5, 44_640, 0, 44_640)


def test_outages_and_gaps_stand_there_with_cause_ticket_and_reason(october: Database) -> None:
    data = file(october, ".xlsx")
    outages = rows(data, "Outages")
    assert outages[0][3:5] == (360, 360)
    assert outages[0][7] == "SR-123"
    assert "found elsewhere" in str(outages[1][6])
    assert outages[1][5] == "work announced by the carrier: 60"
    assert outages[2][5:7] == ("port shut by us: 60", "no incident")
    assert {row[4] for row in rows(data, "Gaps in measurement")} == {
        *("the monitor was not heard", "no cable is drawn over the circuit", "flapping")
    }


def test_a_contract_number_that_is_a_formula_runs_nowhere(october: Database) -> None:
    with october.write() as session:
        session.execute(update(Circuit).where(Circuit.cid == "L-3").values(contract_number="=1+1"))
    numbers = [row[1] for row in rows(file(october, ".xlsx"), "Circuits")]
    assert "'=1+1" in numbers


def test_a_page_in_vietnamese_writes_numbers_as_vietnamese_does(october: Database) -> None:
    document = pypdfium2.PdfDocument(file(october, ".pdf", "vi"))
    text = " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())
    assert "Giảm trừ cước của Viễn thông Thử tháng 10/2026" in text
    assert "44.520" in text
    assert "99,056" in text
    assert "chưa biết công thức" in text
