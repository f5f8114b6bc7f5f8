"""Opens a workbook through a child process with limits: a reader's crash is one file's problem."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Final

from hatang.errors import InvalidInputError, Problem
from inventory.sheets.book import Area, Book, Sheet, Value, refuse

PATIENCE_SECONDS: Final = 180.0


def open_book(data: bytes, filename: str) -> Book:
    """Return the workbook or CSV in `data`.

    Raises:
        InvalidInputError: it cannot be read, or only with more memory or time than a file may take.
    """
    where = PurePath(filename).name
    command = [sys.executable, "-m", "inventory.sheets.child", where]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, our module, a file's name
            command, input=data, capture_output=True, check=False, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise refuse(where, "takes too long to read", "Split it.") from error
    if done.returncode != 0:
        fix = "Open it in a spreadsheet program and save it anew as XLSX, in parts if it is large."
        raise refuse(where, "is damaged, or needs too much memory to read", fix)
    answer = json.loads(done.stdout)
    if "problems" in answer:
        raise InvalidInputError([Problem(**one) for one in answer["problems"]])
    return _book(answer["book"])


def _book(found: dict[str, Any]) -> Book:
    return Book(**{**found, "sheets": [_sheet(one) for one in found["sheets"]]})


def _sheet(found: dict[str, Any]) -> Sheet:
    rows = {number: {column: _value(cell) for column, cell in row} for number, row in found["rows"]}
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
