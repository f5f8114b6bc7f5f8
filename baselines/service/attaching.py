"""Files given as evidence: bounded, of a known form, hashed, sealed in the blob store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from baselines.models import Attachment
from hatang import blobs, clock
from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_FILES: Final = 10
MAX_NAME: Final = 120
# How files of each form begin; one that does not is something else under a false name.
FORMS: Final[dict[str, tuple[str, tuple[bytes, ...]]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (b"PK\x03\x04",),
    ),
    ".xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (b"PK\x03\x04",),
    ),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
}
_FIX: Final = f"Give a file of {', '.join(FORMS)}, of {MAX_BYTES // 1024 // 1024} MiB at most."


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was given."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file of evidence as lists show it."""

    id: int
    filename: str
    media: str
    size: int
    sha256: str
    author: str
    created_at: datetime


def check(files: list[File]) -> list[Problem]:
    """Return everything wrong with files given as evidence."""
    problems = []
    if len(files) > MAX_FILES:
        fix = f"Give {MAX_FILES} at most."
        problems.append(Problem("evidence", "files", str(len(files)), "are too many files", fix))
    for file in files:
        name = file.name[:MAX_NAME]
        if not file.data:
            problems.append(Problem(name, "file", name, "is empty", _FIX))
        elif len(file.data) > MAX_BYTES:
            problems.append(Problem(name, "size", str(len(file.data)), "is too large", _FIX))
        elif (form := FORMS.get(suffix(file.name))) is None:
            problems.append(Problem(name, "file", name, "is of no form that is taken", _FIX))
        elif not file.data.startswith(form[1]):
            problems.append(Problem(name, "file", name, "is not what its name says", _FIX))
    return problems


def suffix(name: str) -> str:
    """Return the ending of a file's name, in small letters with its dot."""
    _, dot, ending = name.rpartition(".")
    return f"{dot}{ending.lower()}"


def keep(
    session: WriteSession,
    actor: Actor,
    file: File,
    *,
    answer_id: int | None = None,
    sheet_id: int | None = None,
) -> Attachment:
    """Seal a checked file and return its row; raises InvalidInputError for one that is not."""
    if problems := check([file]):
        raise InvalidInputError(problems)
    row = Attachment(
        answer_id=answer_id,
        sheet_id=sheet_id,
        filename=_plain(file.name),
        media=FORMS[suffix(file.name)][0],
        size=len(file.data),
        sha256=hashlib.sha256(file.data).hexdigest(),
        blob=blobs.put(session, file.data),
        author=actor.name,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def content(session: AnySession, row: Attachment) -> bytes:
    """Return a file as it was given; raises TamperedError when it no longer is that."""
    return blobs.get(session, row.blob)


def shown(row: Attachment) -> AttachmentRow:
    """Return a file's row as lists show it."""
    return AttachmentRow(
        row.id, row.filename, row.media, row.size, row.sha256, row.author, row.created_at
    )


def _plain(name: str) -> str:
    kept = "".join(sign if sign.isprintable() and sign not in '/\\"' else "_" for sign in name)
    return kept[-MAX_NAME:]
