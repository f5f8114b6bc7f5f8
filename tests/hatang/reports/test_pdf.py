"""PDF: every letter arrives, what stands in a text is never obeyed, and a fault costs itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from hatang.errors import InvalidInputError
from hatang.reports import Document, Table, pdf_file, to_pdf, written
from hatang.workshop import SpoiltError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.reports import Cell

pytestmark = pytest.mark.slow
LETTERS = (
    "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ đ "
    "AÀẢÃÁẠ ĂẰẲẴẮẶ ÂẦẨẪẤẬ EÈẺẼÉẸ ÊỀỂỄẾỆ IÌỈĨÍỊ OÒỎÕÓỌ ÔỒỔỖỐỘ ƠỜỞỠỚỢ UÙỦŨÚỤ ƯỪỬỮỨỰ YỲỶỸÝỴ Đ"
)
MARKUP = r'#panic("x") #read("/etc/passwd") $x^2$ *bold* _it_ @ref <l> [a] = h \ `c`'


def document(*rows: Sequence[Cell]) -> Document:
    table = Table("Thiết bị", ["Tên", "Giá trị"], rows)
    return Document("Kết quả kiểm tra", [table], [("Phạm vi", "toàn tỉnh")], "hatang")


def pages(pdf: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in opened]


def text(*rows: Sequence[Cell]) -> str:
    return " ".join(" ".join(pages(to_pdf(document(*rows)))).split())


def test_every_letter_of_vietnamese_is_there() -> None:
    found = text(*([word, None] for word in LETTERS.split()))
    assert [word for word in LETTERS.split() if word not in found] == []
    assert "Phạm vi: toàn tỉnh" in found


def test_what_stands_in_a_text_is_not_obeyed() -> None:
    found = text([MARKUP, "#import"])
    assert "#read" in found
    assert "*bold*" in found
    assert "root:" not in found


def test_controls_and_marks_that_reorder_are_replaced() -> None:
    found = text(["a\x1bb\u202ec\x00d", "x"])
    assert not set("\x1b\u202e\x00") & set(found)


def test_absent_is_a_dash_and_times_are_the_provinces() -> None:
    at = datetime(2026, 11, 28, 20, 30, tzinfo=UTC)
    found = text(["lúc", at], ["ngày", date(2026, 1, 2)], ["không", None], ["số", float("nan")])
    assert "29/11/2026 03:30" in found
    assert "02/01/2026" in found
    assert found.count("–") == 2


def test_a_long_table_repeats_its_head_on_numbered_pages() -> None:
    seen = pages(to_pdf(document(*((f"hub-{number}", str(number)) for number in range(120)))))
    assert len(seen) > 1
    assert all("Giá trị" in page for page in seen)
    assert f"2/{len(seen)}" in seen[1]


def test_an_empty_table_is_a_dash() -> None:
    assert "Thiết bị –" in text()


def test_a_document_that_cannot_be_set_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_file, "TASK", "time:sleep")  # it raises over bytes
    with pytest.raises(SpoiltError):
        to_pdf(document())


def test_a_form_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"\.docx or \.xlsx"):
        written(document(), ".odt")
