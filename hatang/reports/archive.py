"""The archive a workbook or a Word file is: the same content gives the same bytes."""

from __future__ import annotations

import io
import re
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_PROPERTIES: Final = "docProps/core.xml"
_TIMES: Final = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the first moment an archive can hold


def timeless(data: bytes) -> bytes:
    """Return the file without the times its writer puts into the archive and into core.xml."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as given, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name in given.namelist():
            part = given.read(name)
            if name == _PROPERTIES:
                part = _TIMES.sub(rb"", part)
            archive.writestr(ZipInfo(name, _EPOCH), part, ZIP_DEFLATED)
    return out.getvalue()
