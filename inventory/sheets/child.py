"""Reads one workbook in a process of its own, which may fail without harming anybody.

The bytes come on standard input; the book, or what is wrong with it, goes out as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from hatang.errors import InvalidInputError
from inventory.sheets.parsing import read_book

MEMORY_BYTES: Final = 1536 * 1024 * 1024
CPU_SECONDS: Final = 120


def main() -> None:
    """Limit this process, then read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)
    data = sys.stdin.buffer.read()
    try:
        book = read_book(data, sys.argv[1])
    except InvalidInputError as error:
        answer: dict[str, Any] = {"problems": [asdict(one) for one in error.problems]}
    else:
        answer = {"book": {**asdict(book), "sheets": [_plain(one) for one in book.sheets]}}
    json.dump(answer, sys.stdout, default=_dated)


def _plain(sheet: Any) -> dict[str, Any]:  # noqa: ANN401 RUF100 - any of the book's sheets
    plain = {name: getattr(sheet, name) for name in sheet.__slots__}
    plain["rows"] = [[number, list(row.items())] for number, row in sheet.rows.items()]
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


if __name__ == "__main__":
    main()
