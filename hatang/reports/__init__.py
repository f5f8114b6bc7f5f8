"""Reports as files: CSV and XLSX that cannot run anything where they are opened, PDF to print."""

from __future__ import annotations

from hatang.reports.csv_file import to_csv
from hatang.reports.document import Document
from hatang.reports.pdf_file import to_pdf
from hatang.reports.table import Cell, Table
from hatang.reports.writing import check_form, written
from hatang.reports.xlsx_file import to_xlsx

__all__ = ["Cell", "Document", "Table", "check_form", "to_csv", "to_pdf", "to_xlsx", "written"]
