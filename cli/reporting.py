"""Reports as files: the form by the file's name, the words of one language."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from cli.output import show
from hatang.i18n import LANGUAGES, use_language
from hatang.reports import check_form, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.reports import Document


@contextmanager
def in_language(code: str, out: Path) -> Iterator[None]:
    """Answer in `code` inside the block, once `out` is known to name a form of a report."""
    if code not in LANGUAGES:
        raise typer.BadParameter(f"--language takes {' or '.join(LANGUAGES)}, not {code}")
    check_form(out.suffix.lower())
    with use_language(code):
        yield


def write(document: Document, out: Path) -> None:
    """Write the file and say how much is in it."""
    out.write_bytes(written(document, out.suffix.lower()))
    show({"written": str(out), **{one.title: len(list(one.rows)) for one in document.tables}})
