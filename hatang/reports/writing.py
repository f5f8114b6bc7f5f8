"""A document as the file somebody asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang.errors import InvalidInputError, Problem
from hatang.reports.docx_file import to_docx
from hatang.reports.pdf_file import to_pdf
from hatang.reports.xlsx_file import to_xlsx

if TYPE_CHECKING:
    from hatang.reports.document import Document

FORMS: Final = (".pdf", ".docx", ".xlsx")


def check_form(form: str) -> None:
    """Raise InvalidInputError unless a document can be written as `form`."""
    if form not in FORMS:
        fix = f"Name a file that ends in {', '.join(FORMS[:-1])} or {FORMS[-1]}."
        raise InvalidInputError([Problem("command", "out", form, "is no form of a report", fix)])


def written(document: Document, form: str) -> bytes:
    """Return the document as `form`: to print, to edit and sign, or its tables to count with.

    Raises:
        InvalidInputError: `form` is none of `FORMS`.
        SpoiltError: the PDF could not be set within its limits.
    """
    check_form(form)
    if form == ".xlsx":
        return to_xlsx(*document.tables)
    return to_pdf(document) if form == ".pdf" else to_docx(document)
