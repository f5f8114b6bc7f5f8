"""Contents on disk, each under its own key; the key lies sealed in the database.

The address is an HMAC of the content, not its plain hash: whoever steals the database could
otherwise guess a short secret inside a known configuration offline. The same content has the
same address, also after the master key was rotated.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from hatang.blobs.models import Blob
from hatang.clock import now
from hatang.db.equipment import equipment
from hatang.errors import NotFoundError, TamperedError
from hatang.sealing import MasterKey, declare, decrypt, encrypt, place

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import AnySession, WriteSession

declare(Blob, "address", "data_key")
_FILE: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.[0-9a-f]{8}")
GRACE_SECONDS: Final = 3600.0
"""Younger files may belong to a transaction that has not committed yet."""


@dataclass(frozen=True, slots=True)
class BlobStore:
    """The directory blobs lie in, mode 0700."""

    directory: Path

    def write(self, name: str, data: bytes) -> None:
        """Write a file that is whole or absent, whatever crashes."""
        target = self.directory / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = target.with_name(f"{target.name}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.rename(target)
        _sync(target.parent)

    def read(self, name: str) -> bytes:
        """Return a file's bytes; raises TamperedError when it is gone."""
        if not _FILE.fullmatch(name):
            raise TamperedError(f"blob file {name!r} is no name hatang gives")
        try:
            return (self.directory / name).read_bytes()
        except FileNotFoundError as error:
            raise TamperedError(f"blob file {name} is gone") from error

    def files(self) -> set[str]:
        """Return the names of all files, unfinished ones too."""
        found = self.directory.glob("??/*")
        return {path.relative_to(self.directory).as_posix() for path in found}


def put(session: WriteSession, data: bytes) -> str:
    """Keep `data` and return its address, 64 hex digits; the same data has the same address.

    A transaction that fails leaves a file without a row, which `garbage` lists.
    """
    key, store = equipment(session, MasterKey), equipment(session, BlobStore)
    address = key.address(data)
    if session.get(Blob, address) is not None:
        return address
    data_key = secrets.token_bytes(32)
    name = f"{address[:2]}/{address}.{secrets.token_hex(4)}"
    store.write(name, encrypt(data_key, data, f"blob:{address}"))
    sealed = key.seal(data_key, place("blob", address, "data_key"))
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    blob = insert(Blob).values(
        address=address, file=name, data_key=sealed, size=len(data), created_at=now()
    )
    kept = session.scalars(blob.on_conflict_do_nothing().returning(Blob.address))
    if kept.one_or_none() is None:
        # Another process kept the same content first; each wrote a file of its own.
        (store.directory / name).unlink()
    return address


def get(session: AnySession, address: str) -> bytes:
    """Return the content kept at `address`.

    Raises:
        NotFoundError: nothing was kept there.
        TamperedError: the file is gone or is not what was kept.
    """
    blob = session.get(Blob, address)
    if blob is None:
        raise NotFoundError(f"there is no blob {address}")
    key, store = equipment(session, MasterKey), equipment(session, BlobStore)
    data_key = key.unseal(blob.data_key, place("blob", address, "data_key"))
    data = decrypt(data_key, store.read(blob.file), f"blob:{address}")
    if not secrets.compare_digest(key.address(data), address):
        raise TamperedError(f"blob {address} holds another content")
    return data


def sealed(session: AnySession, address: str) -> bytes:
    """Return what is kept at `address` as it lies on disk, sealed: it opens with our keys only.

    Raises:
        NotFoundError: nothing was kept there.
        TamperedError: the file is gone.
    """
    blob = session.get(Blob, address)
    if blob is None:
        raise NotFoundError(f"there is no blob {address}")
    return equipment(session, BlobStore).read(blob.file)


@dataclass(frozen=True, slots=True)
class Garbage:
    """Files no row names, and addresses whose file is gone."""

    files: tuple[str, ...]
    lost: tuple[str, ...]


def garbage(session: AnySession, older_than_seconds: float = GRACE_SECONDS) -> Garbage:
    """Return what does not belong together; deletes nothing."""
    store = equipment(session, BlobStore)
    before = time.time() - older_than_seconds  # compared with file times, which no clock freezes
    named = {row.file: row.address for row in session.scalars(select(Blob))}
    present = store.files()
    old = (name for name in present - set(named) if _modified(store, name) <= before)
    lost = (address for name, address in named.items() if name not in present)
    return Garbage(tuple(sorted(old)), tuple(sorted(lost)))


def _modified(store: BlobStore, name: str) -> float:
    try:
        return (store.directory / name).stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
