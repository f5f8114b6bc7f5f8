"""Uploaded files between looking at their plan and applying it: kept briefly, readable by address.

The address that the person holds is the key: on disk lies only what it opens, because an office's
workbook may hold anything, passwords in a forgotten column too.
"""

import hashlib
import json
import os
import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from api.callers import Caller, CallerDep
from hatang import clock
from hatang.errors import InvalidInputError, NotFoundError, Problem, TamperedError
from hatang.sealing import decrypt, encrypt

KEPT: Final = timedelta(minutes=30)
KEPT_FILES: Final = 40
"""All people's together; the oldest make room."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_LINE: Final = b"\n"


class Upload(NamedTuple):
    """A file as it came."""

    filename: str
    data: bytes


async def received(request: Request, caller: CallerDep) -> Upload:
    """Return the file of a form; the caller is known before the body is read.

    Raises:
        InvalidInputError: no file was chosen.
    """
    # Only who is recognised gets here: that dependency came first.
    del caller
    form = await request.form(max_files=1, max_fields=20)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise InvalidInputError([Problem("form", "file", "", "is missing", "Choose a file.")])
    name = re.split(r"[/\\]", file.filename)[-1][:120]
    return Upload(name, await file.read())


UploadDep = Annotated[Upload, Depends(received)]


def keep(caller: Caller, upload: Upload) -> str:
    """Keep a file for a while and return the address its owner finds it by."""
    directory = _directory(caller)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(directory)
    token = secrets.token_urlsafe(32)
    head = json.dumps({"filename": upload.filename}).encode()
    sealed = encrypt(_key(token), head + _LINE + upload.data, _place(caller))
    target = directory / _name(token)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor
        stream.write(sealed)
    return token


def find(caller: Caller, token: str) -> Upload:
    """Return a kept file of this person.

    Raises:
        NotFoundError: it is another's, or was not kept that long.
    """
    path = _directory(caller) / _name(token)
    gone = NotFoundError("this file is kept no longer", fix="Upload it again.")
    if not _TOKEN.fullmatch(token) or _is_old(path):
        raise gone
    try:
        head, _, data = decrypt(_key(token), path.read_bytes(), _place(caller)).partition(_LINE)
    except (FileNotFoundError, TamperedError) as error:
        raise gone from error
    return Upload(json.loads(head)["filename"], data)


def forget(caller: Caller, token: str) -> None:
    """Remove a kept file that has served."""
    (_directory(caller) / _name(token)).unlink(missing_ok=True)


def _directory(caller: Caller) -> Path:
    return caller.context.settings.data_dir / "uploads"


def _place(caller: Caller) -> str:
    return f"upload:{caller.actor.id}"


def _key(token: str) -> bytes:
    return hashlib.sha256(b"key:" + token.encode()).digest()


def _name(token: str) -> str:
    return hashlib.sha256(b"name:" + token.encode()).hexdigest()


def _is_old(path: Path) -> bool:
    try:
        age = clock.now().timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return True
    return age > KEPT.total_seconds()


def _clear(directory: Path) -> None:
    """Remove what is old, and the oldest of what is too many."""
    files = sorted(directory.iterdir(), key=_age, reverse=True)
    for path in files[: max(0, len(files) - KEPT_FILES + 1)]:
        path.unlink(missing_ok=True)
    for path in files:
        if _is_old(path):
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except FileNotFoundError:  # another process cleared it meanwhile
        return 0.0
