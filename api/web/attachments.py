"""Reports that a page sends as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from fastapi.responses import Response

from hatang.reports import written

if TYPE_CHECKING:
    from hatang.reports import Document

Form = Literal["pdf", "docx", "xlsx"]
TYPES: Final[dict[Form, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def attached(document: Document, form: Form, name: str) -> Response:
    """Return the document as a file to save; `name` is of letters, digits and hyphens."""
    headers = {"Content-Disposition": f'attachment; filename="hatang-{name}.{form}"'}
    return Response(written(document, f".{form}"), media_type=TYPES[form], headers=headers)
