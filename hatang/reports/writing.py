"""A document as the file somebody asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from hatang.reports.document import Document

FORMS: Final = (".pdf", ".docx", ".xlsx")
"""Each has a module, loaded when a file is written: it brings a library of its own."""


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
    module = import_module(f"hatang.reports.{form[1:]}_file")
    given = document.tables if form == ".xlsx" else (document,)
    data: bytes = getattr(module, f"to_{form[1:]}")(*given)
    return data
