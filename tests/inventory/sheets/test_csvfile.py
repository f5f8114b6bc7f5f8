"""CSV in every encoding and with every delimiter an office's program writes."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import InvalidInputError
from inventory.sheets.csvfile import read_csv
from inventory.sheets.vietnamese import Encoding, encode, encoding_of, repair
from tests.inventory.sheets.building import first, problems_of, read

ROWS = {1: {0: "Mã", 1: "Tên"}, 2: {0: "xa-01", 1: "Xã Huế Đông, số 2"}}
TEXT = 'Mã;Tên\r\nxa-01;"Xã Huế Đông, số 2"\r\n'


def viscii_like(text: str) -> bytes:
    """Return `text` as windows-1258 writes it: a letter, then its tone."""
    pairs = {"ã": "a\u0303", "ế": "ê\u0301", "ố": "ô\u0301"}
    return "".join(pairs.get(letter, letter) for letter in text).encode("windows-1258")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"),
        (viscii_like(TEXT), "windows-1258"),
    ],
)
def test_every_encoding_gives_the_same(data: bytes, encoding: str) -> None:
    book = read(data, "a.csv")
    assert book.sheets[0].rows == ROWS
    assert book.notes == [f"read as {encoding} with the delimiter ;"]


@pytest.mark.parametrize("encoding", [Encoding.TCVN3, Encoding.VNI])
def test_a_font_code_page_is_left_to_be_repaired_in_sight(encoding: Encoding) -> None:
    coded = encode("Tên;Địa chỉ\nXã Tân Lập;thôn Đông Thượng, đường số hai\n".lower(), encoding)
    book = read(coded.encode("latin-1"), "a.csv")
    assert book.notes == [f"read as the font code page {encoding} with the delimiter ;"]
    assert book.sheets[0].rows[2][0] == encode("xã tân lập", encoding)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_every_delimiter_is_told(sign: str) -> None:
    text = f'a{sign}b{sign}c\n"x, y; z"{sign}2{sign}3\n4{sign}5{sign}6\n'
    assert first(text.encode(), "a.csv").rows[2] == {0: "x, y; z", 1: "2", 2: "3"}


def test_a_line_that_names_the_delimiter_is_no_row() -> None:
    assert first(b"sep=|\na|b\n", "a.csv").rows == {2: {0: "a", 1: "b"}}


def test_rows_keep_the_line_they_begin_on() -> None:
    assert list(first(b'a,"x\ny"\n\nb,c\n', "a.csv").rows) == [1, 4]


def test_an_encoding_that_cannot_be_told_is_not_guessed() -> None:
    with pytest.raises(InvalidInputError, match="encoding that cannot be told"):
        read(b"a,b\n\x81\x8d\x9d,\xff\xfe\xfd\n", "a.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert all(problem.fix for problem in problems_of(data, "a.csv"))


MIXED_HEADER = "Mã kênh;Điểm đầu;Tên đơn vị sử dụng;Nhà mạng\n"
MIXED_UNICODE = "VNPT-002;Trung tâm dữ liệu tỉnh;Phường Thuận Hóa;VNPT\n"


@pytest.mark.parametrize(
    ("encoding", "font"),
    [
        (Encoding.TCVN3, "latin-1"),
        (Encoding.VNI, "windows-1252"),
    ],
)
def test_rows_of_a_font_among_rows_of_utf8_are_each_read_as_written(
    encoding: Encoding, font: str
) -> None:
    typed = encode("VNPT-001;trung tâm dữ liệu tỉnh;Xã Tân Lập;VNPT\n", encoding)
    data = (MIXED_HEADER + MIXED_UNICODE).encode() + typed.encode(font) * 2
    book = read_csv(data, "mixed.csv")
    rows = book.sheets[0].rows
    assert rows[2][2] == "Phường Thuận Hóa"
    column = [str(rows[number][2]) for number in (2, 3, 4)]
    meant = [repair(text, encoding_of(column)) for text in column]
    assert meant == ["Phường Thuận Hóa", "Xã Tân Lập", "Xã Tân Lập"]
    assert "UTF-8, but for 2 lines" in str(book)


def test_rows_of_bytes_that_are_no_vietnamese_among_utf8_are_refused() -> None:
    data = (MIXED_HEADER + MIXED_UNICODE).encode() + b"VNPT-001;\xff\xfe\xfd;\x81\x8d;VNPT\n"
    with pytest.raises(InvalidInputError, match="cannot be told"):
        read_csv(data, "mixed.csv")
