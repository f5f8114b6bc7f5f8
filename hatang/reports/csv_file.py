"""CSV as spreadsheets of Vietnamese offices open it: UTF-8 with a mark, RFC 4180 lines."""

from __future__ import annotations

import csv
import io
import math
from datetime import datetime
from typing import TYPE_CHECKING

from hatang.formulas import harmless

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hatang.reports.table import Cell, Table


def to_csv(table: Table) -> bytes:
    """Return the table as CSV; absent values are empty, times ISO 8601 with their offset."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    if table.note:
        writer.writerow([harmless(table.note)])
    writer.writerow([harmless(name) for name in table.columns])
    zone = table.zone
    for row in table.rows:
        writer.writerow([_shown(cell, zone) for cell in row])
    return out.getvalue().encode("utf-8-sig")  # without the mark Excel takes it for a code page


def _shown(cell: Cell, zone: ZoneInfo) -> str | int | float:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return cell
    if isinstance(cell, datetime):
        return cell.astimezone(zone).isoformat(timespec="seconds")
    return harmless(cell) if isinstance(cell, str) else cell.isoformat()
