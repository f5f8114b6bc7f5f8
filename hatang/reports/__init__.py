"""Reports as files that people open elsewhere: CSV and XLSX that cannot run anything there."""

from __future__ import annotations

from hatang.reports.csv_file import to_csv
from hatang.reports.table import Cell, Table
from hatang.reports.xlsx_file import to_xlsx

__all__ = ["Cell", "Table", "to_csv", "to_xlsx"]
