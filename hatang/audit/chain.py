"""Links audit entries to a chain and keeps its head outside the database.

Each entry's hash is an HMAC over its content and the hash before it; the key lies outside the
database. The chain is closed just before the outermost commit, so that its lock is the last
one taken and held shortest: taken at the first entry it would dead-lock with row locks.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import Counter
from sqlalchemy import event, select, text

from hatang.audit import persons
from hatang.audit.log import PENDING, WRITTEN
from hatang.audit.models import AuditEntry
from hatang.db import WriteSession
from hatang.db.equipment import equipment
from hatang.log import get_logger
from hatang.metrics import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Row
    from sqlalchemy.orm import Session, SessionTransaction

GENESIS: Final = "0" * 64
_ADVISORY_LOCK: Final = 0x68617461  # "hata": any constant all our processes share
_HEAD: Final = "hatang_audit_head"
_log = get_logger(__name__)

HEAD_FAILURES = Counter(
    "hatang_audit_head_failures_total",
    "Heads of the audit chain that could not be written outside the database.",
    registry=REGISTRY,
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last link at some moment."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class HeadFile:
    """The append-only file of heads; a database whose tail was cut falls short of it."""

    path: Path

    def append(self, head: Head) -> None:
        """Add a head and wait until it is on stable storage."""
        with self.path.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # The leading line end keeps a line torn by a crash from swallowing this one.
            stream.write(f"\n{head.sequence} {head.hash}\n".encode())
            stream.flush()
            os.fsync(stream.fileno())

    def read(self) -> Iterator[Head]:
        """Yield all heads; a line torn by a crash is left out, as it was never promised."""
        if not self.path.exists():
            return
        for line in self.path.read_text("ascii", errors="replace").splitlines():
            sequence, _, digest = line.partition(" ")
            if sequence.isdigit() and len(digest) == len(GENESIS):
                yield Head(int(sequence), digest)


@dataclass(frozen=True, slots=True, repr=False)
class AuditSeal:
    """What closes the chain: the HMAC key and the file of heads, both outside the database."""

    key: bytes
    heads: HeadFile

    def link(self, entry: AuditEntry | Row[Any]) -> str:
        """Return the hash of `entry`, which knows its sequence and the hash before it."""
        shown = persons.conceal(entry, self.key) if entry.naming == persons.SEALED else entry
        content = [
            entry.sequence,
            entry.at.isoformat(),
            entry.actor_id,
            shown.actor,
            entry.action,
            shown.target,
            entry.outcome,
            shown.detail,
            entry.previous_hash,
        ]
        if entry.naming != persons.NAMED:
            content.append(persons.FORM)
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hmac.new(self.key, canonical.encode(), hashlib.sha256).hexdigest()


@event.listens_for(WriteSession, "before_commit")
def _close(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.info.pop(_HEAD, None)
    waiting: list[AuditEntry] | None = session.info.pop(PENDING, None)
    if waiting is None:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    entries = list(waiting)
    if session.info.pop(WRITTEN, False):
        unlinked = select(AuditEntry).where(AuditEntry.sequence.is_(None)).order_by(AuditEntry.id)
        entries = sorted([*session.scalars(unlinked), *waiting], key=attrgetter("at"))
    if not entries:
        return
    session.info[_HEAD] = _link(session, equipment(session, AuditSeal), entries)


@event.listens_for(WriteSession, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    """What a transaction recorded falls with it."""
    if ended.parent is None:
        session.info.pop(PENDING, None)
        session.info.pop(WRITTEN, None)


def _link(
    session: Session, seal: AuditSeal, entries: Sequence[AuditEntry]
) -> tuple[HeadFile, Head]:
    last = select(AuditEntry.sequence, AuditEntry.hash).where(AuditEntry.sequence.is_not(None))
    row = session.execute(last.order_by(AuditEntry.sequence.desc()).limit(1)).first()
    head = Head(row.sequence, row.hash) if row else Head(0, GENESIS)
    for entry in entries:
        entry.sequence, entry.previous_hash = head.sequence + 1, head.hash
        entry.hash = seal.link(entry)
        head = Head(entry.sequence, entry.hash)
    session.add_all(entries)
    session.flush()
    return seal.heads, head


@event.listens_for(WriteSession, "after_commit")
def _append_head(session: Session) -> None:
    pending: Any = session.info.pop(_HEAD, None)
    if pending is None:
        return
    heads, head = pending
    try:
        heads.append(head)
    except OSError:
        # The work is committed and cannot be undone; the next head covers this one.
        HEAD_FAILURES.inc()
        _log.exception("the audit head %s could not be written", head.sequence)
