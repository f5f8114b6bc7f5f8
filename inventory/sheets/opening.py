"""Opens a workbook on a bench of its own: a reader's crash is one file's problem."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Final

from hatang.errors import InvalidInputError, Problem
from hatang.workshop import Bench, Fault, Limits, SpoiltError
from inventory import collector
from inventory.sheets.book import Area, Book, Sheet, Value, refuse

_LIMITS: Final = Limits(
    seconds=180.0,
    cpu_seconds=120,
    memory_bytes=1536 * 1024 * 1024,
    answer_bytes=1024 * 1024 * 1024,
)


@collector.held()
def open_book(data: bytes, filename: str) -> Book:
    """Return the workbook or CSV in `data`.

    Raises:
        InvalidInputError: it cannot be read, or only with more memory or time than a file may take.
    """
    where = PurePath(filename).name
    try:
        with Bench("inventory.sheets.child:read", _LIMITS) as bench:
            answer = json.loads(bench.work(os.fsencode(where) + b"\0" + data))
    except SpoiltError as error:
        if error.fault is Fault.OUT_OF_TIME:
            raise refuse(where, "takes too long to read", "Split it.") from error
        fix = "Open it in a spreadsheet program and save it anew as XLSX, in parts if it is large."
        raise refuse(where, "is damaged, or needs too much memory to read", fix) from error
    if "problems" in answer:
        raise InvalidInputError([Problem(**one) for one in answer["problems"]])
    return _book(answer["book"])


def _book(found: dict[str, Any]) -> Book:
    return Book(**{**found, "sheets": [_sheet(one) for one in found["sheets"]]})


def _sheet(found: dict[str, Any]) -> Sheet:
    rows = {
        number: dict(zip(columns, map(_value, cells), strict=True))
        for number, columns, cells in found["rows"]
    }
    return Sheet(
        **{
            **found,
            "rows": rows,
            "hidden_rows": set(found["hidden_rows"]),
            "hidden_columns": set(found["hidden_columns"]),
            "merges": [Area(*one) for one in found["merges"]],
            "faults": {(row, column): text for row, column, text in found["faults"]},
        }
    )


def _value(cell: Any) -> Value:  # noqa: ANN401 RUF100 - JSON's types
    if isinstance(cell, dict):
        if "time" in cell:
            return datetime.fromisoformat(cell["time"])
        return date.fromisoformat(cell["date"])
    value: Value = cell
    return value
