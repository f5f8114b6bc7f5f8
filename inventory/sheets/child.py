"""What the bench does with one workbook: read it there, where it may fail without harming anybody.

A name and the bytes come in; the book, or what is wrong with it, goes out as JSON.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from hatang.errors import InvalidInputError
from inventory import collector
from inventory.sheets.parsing import read_book


@collector.held()
def read(given: bytes) -> bytes:
    """Return the book in `given`, after the file's name and a NUL."""
    name, _, data = given.partition(b"\0")
    try:
        book = read_book(data, os.fsdecode(name))
    except InvalidInputError as error:
        answer: dict[str, Any] = {"problems": [asdict(one) for one in error.problems]}
    else:
        # The sheets apart: asdict would copy every cell.
        told = asdict(replace(book, sheets=[]))
        answer = {"book": {**told, "sheets": [_plain(one) for one in book.sheets]}}
    return json.dumps(answer, default=_dated).encode()


def _plain(sheet: Any) -> dict[str, Any]:  # noqa: ANN401 RUF100 - any of the book's sheets
    plain = {name: getattr(sheet, name) for name in sheet.__slots__}
    plain["rows"] = [[number, list(row), list(row.values())] for number, row in sheet.rows.items()]
    plain["faults"] = [[*place, text] for place, text in sheet.faults.items()]
    return plain


def _dated(value: object) -> object:
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return str(value)
