"""Word: every text arrives as text, paper is A4, and there is room to sign."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from docx import api
from docx.shared import Mm

from hatang.reports import Document, Table, to_docx, written

WHEN = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
DOCUMENT = Document(
    "Biên bản",
    [
        Table(
            "Điểm cầu",
            ["Tên", "Lúc"],
            [["Xã A\n2 máy\x00\uffff\ud800", WHEN], ["{=1+1} <w:t>", None]],
        )
    ],
    [("Phạm vi", "toàn tỉnh")],
    "hatang",
    is_landscape=True,
    signers=("Thư ký", "Chủ tọa"),
)


def test_cells_are_texts_in_the_provinces_time() -> None:
    table = api.Document(io.BytesIO(to_docx(DOCUMENT))).tables[0]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows == [
        ["Tên", "Lúc"],
        ["Xã A\n2 máy\ufffd\ufffd\ufffd", "29/11/2026 03:00"],
        ["{=1+1} <w:t>", "–"],
    ]


def test_the_page_is_a4_and_the_signers_have_their_place() -> None:
    word = api.Document(io.BytesIO(to_docx(DOCUMENT)))
    page = word.sections[0]
    assert page.page_width is not None
    assert abs(page.page_width - Mm(297)) < Mm(1)
    assert [cell.text.strip() for cell in word.tables[-1].rows[0].cells] == ["Thư ký", "Chủ tọa"]


def test_the_same_document_gives_the_same_bytes() -> None:
    assert to_docx(DOCUMENT) == written(DOCUMENT, ".docx")
