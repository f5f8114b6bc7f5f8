"""Reports as files: CSV and XLSX that run nothing where they are opened, PDF, Word to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred
from hatang.reports.csv_file import to_csv
from hatang.reports.document import Document
from hatang.reports.table import Cell, Table
from hatang.reports.writing import check_form, written

if TYPE_CHECKING:
    from hatang.reports.docx_file import to_docx
    from hatang.reports.pdf_file import to_pdf
    from hatang.reports.xlsx_file import to_xlsx

__all__ = [
    "Cell",
    "Document",
    "Table",
    "check_form",
    "to_csv",
    "to_docx",
    "to_pdf",
    "to_xlsx",
    "written",
]
__getattr__ = deferred.names(__name__)
