"""What hatang says of its files, its audit log, its clock and its backup."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, make_url, select

from hatang import audit, clock
from hatang.audit import HeadFile
from hatang.datadir import Places, load_audit_key
from hatang.doctor.machine import TIME_ERROR, clock_state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.db import AnySession
    from hatang.settings import Settings

_HOUR: Final = 3600


def files(settings: Settings) -> Iterator[tuple[str, object]]:
    """Yield who may read keys and records, and where the keys lie; raises OSError."""
    places, folder = Places.of(settings), settings.data_dir
    yield "data_dir.mode", _mode(folder)
    for name, path in (
        ("master_key", places.master_key),
        ("audit_key", places.audit_key),
        ("audit_heads", places.audit_heads),
        ("evidence_key", places.evidence_key),
    ):
        if path.exists():
            yield f"{name}.mode", _mode(path)
    yield "master_key.apart", not _lies_in(places.master_key, folder)
    yield "audit_heads.apart", not _lies_in(places.audit_heads, folder)
    records = make_url(settings.database_url)
    if records.get_backend_name() == "sqlite" and records.database:
        yield "records.mode", _mode_of(records.database)


def _mode(path: Path) -> str:
    return _mode_of(str(path))


def _mode_of(path: str) -> str:
    return f"{stat.S_IMODE(os.stat(path).st_mode):04o}"  # noqa: PTH116 - a path of a URL


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def audit_log(session: AnySession, places: Places) -> Iterator[tuple[str, object]]:
    """Yield whether the audit log is whole; raises SettingsError without its key."""
    heads = HeadFile(places.audit_heads)
    kept = sum(1 for _head in heads.read())
    breaks = audit.verify(session, load_audit_key(places.audit_key), heads)
    yield "audit_log.breaks", len(breaks)
    yield "audit_log.heads_outside", kept
    yield "audit_log.entries", session.scalar(select(func.count(audit.AuditEntry.id))) or 0


def synchronisation() -> Iterator[tuple[str, object]]:
    """Yield whether the clock is synchronised; raises OSError where the kernel does not tell."""
    state = clock_state()
    if state < 0:
        raise OSError("the kernel does not tell")
    yield "clock.synchronised", state != TIME_ERROR


def backup(path: Path | None) -> Iterator[tuple[str, object]]:
    """Yield how old the newest backup is; raises OSError where no setting names it."""
    if path is None:
        raise OSError("no setting names the newest backup")
    age = clock.now().timestamp() - path.stat().st_mtime
    yield "backup.age_hours", max(0, int(age // _HOUR))
