"""Content decides what a file is, and says so when its name says otherwise."""

from __future__ import annotations

import pytest

from hatang.errors import InvalidInputError
from inventory.sheets.content import Format, format_of
from tests.inventory.sheets.building import ods, read, spliced, xlsx

DATA = xlsx([["Mã", "Tên"]])
WRONG = {
    "PDF": b"%PDF-1.4 ...",
    "web page": b"<html><table><tr><td>1</td></tr></table></html>",
    "XML": b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>",
    "empty": b" \n",
    "no text": b"\x00\x01\x02\x00\xff" * 9,
    "Excel 4": bytes.fromhex("0904060000001000") + b"x",
    "damaged": b"PK\x03\x04 and no more",
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("version: 1\nunits: []\n", Format.YAML),
        ("# a province\n\nversion: 1 # ours\n", Format.YAML),
        ("units:\n  - {code: a}\n", Format.YAML),
        ("Mã;Tên\nxa-01;Xã Tân Lập\n", Format.CSV),
        ("version: 1, and more\n", Format.CSV),
    ],
)
def test_text_is_yaml_or_csv(text: str, found: Format) -> None:
    assert format_of(text.encode(), "file") is found


def test_a_name_decides_between_texts_only() -> None:
    assert format_of(b"nonsense", "a.yaml") is Format.YAML
    assert format_of(b"version: 1\n", "a.csv") is Format.YAML
    assert format_of(DATA, "a.csv") is Format.XLSX


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_workbook_is_named(name: str) -> None:
    with pytest.raises(InvalidInputError, match=name):
        format_of(WRONG[name], "book.xlsx")


def test_other_documents_are_named() -> None:
    archive = spliced(DATA, "word/document.xml", b"<w/>")
    assert format_of(archive, "a.docx") is Format.XLSX
    broken = ods("").replace(b"opendocument.spreadsheet", b"opendocument.textxxxxxxx")
    with pytest.raises(InvalidInputError, match="without a workbook"):
        format_of(broken, "a.ods")


def test_a_wrong_extension_is_told_and_read() -> None:
    book = read(DATA, "book.xls")
    assert book.notes == ["is XLSX, though its name says XLS"]
    assert book.sheets[0].rows == {1: {0: "Mã", 1: "Tên"}}
