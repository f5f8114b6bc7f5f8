"""The work of the PDF bench; loaded by its process alone, since typst is large."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import typst

_TEMPLATE: Final = Path(__file__).with_name("report.typ")


def press(given: bytes) -> bytes:
    """Return as PDF the document whose data is given, as `pdf_file` writes it."""
    with tempfile.TemporaryDirectory() as folder:  # typst reads files of its root only
        template = Path(folder, _TEMPLATE.name)
        template.write_bytes(_TEMPLATE.read_bytes())
        return typst.compile(
            template,
            root=Path(folder),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": given.decode()},
        )
