"""Creates and finds what lies outside the database: keys, the audit heads, the blobs."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from hatang.audit import AuditSeal, HeadFile
from hatang.blobs import BlobStore
from hatang.db.equipment import equip
from hatang.errors import SettingsError
from hatang.sealing import create_master_key, load_master_key

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database
    from hatang.settings import Settings

_AUDIT_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files are that belong to one database."""

    master_key: Path
    audit_key: Path
    audit_heads: Path
    blobs: Path
    evidence_key: Path

    @classmethod
    def under(cls, data_dir: Path) -> Self:
        """Return the places used when no setting names others."""
        keys = data_dir / "keys"
        return cls(
            keys / "master.key",
            keys / "audit.key",
            keys / "audit.heads",
            data_dir / "blobs",
            keys / "evidence.key",
        )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the places the settings name."""
        usual, named = cls.under(settings.data_dir), settings.secrets
        return cls(
            named.master_key_file or usual.master_key,
            named.audit_key_file or usual.audit_key,
            named.audit_heads_file or usual.audit_heads,
            usual.blobs,
            usual.evidence_key,
        )


def prepare(places: Places) -> None:
    """Create what is missing, never replacing anything; for the first start only.

    A later start must not call this: a lost key would silently become a new one.
    """
    for directory in (places.master_key.parent, places.audit_key.parent, places.blobs):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    places.audit_heads.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not places.master_key.exists():
        create_master_key(places.master_key)
    if not places.audit_key.exists():
        descriptor = os.open(places.audit_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(secrets.token_bytes(_AUDIT_KEY_BYTES))
            os.fsync(stream.fileno())
    places.audit_heads.touch(mode=0o600)


def equip_all(database: Database, places: Places) -> None:
    """Give the sessions of `database` its keys, audit seal and blobs.

    Raises:
        SettingsError: a key is missing, readable by others, or no key.
    """
    equip(database, load_master_key(places.master_key))
    equip(database, AuditSeal(load_audit_key(places.audit_key), HeadFile(places.audit_heads)))
    equip(database, BlobStore(places.blobs))


def load_audit_key(path: Path) -> bytes:
    """Return the HMAC key of the audit chain; raises SettingsError as for the master key."""
    try:
        mode, key = stat.S_IMODE(path.stat().st_mode), path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the audit key {path} cannot be read: {error.strerror}",
            fix="Create one with `hatang init`, or restore it from where it is kept.",
        ) from error
    if mode & 0o077:
        raise SettingsError(
            f"the audit key {path} may be read by others (mode {mode:04o})",
            fix=f"Run: chmod 600 {path}",
        )
    if len(key) != _AUDIT_KEY_BYTES:
        raise SettingsError(f"{path} is not an audit key of hatang", fix="Restore it.")
    return key
