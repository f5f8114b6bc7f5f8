"""Checks the chain against its key and against the heads kept outside the database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hatang.audit.chain import GENESIS, AuditSeal, HeadFile
from hatang.audit.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from hatang.db import AnySession

_BATCH = 1000


class BreakKind(StrEnum):
    """How the log was touched."""

    ALTERED = "altered"
    MISSING = "missing"
    UNLINKED = "unlinked"
    CUT = "cut"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the log is not what hatang wrote; `sequence` is the first entry concerned."""

    sequence: int
    kind: BreakKind
    message: str


def verify(session: AnySession, key: bytes, heads: HeadFile) -> list[Break]:
    """Return every break, in order; an empty list means the log is whole.

    Use a fresh session, or heads newer than what it sees look like a cut. Entries are read in
    batches. What it cannot see: the heads file and the key in the same
    hands as the database, and entries of the last commit before a crash, if they are cut before
    the next commit writes its head.
    """
    seal = AuditSeal(key, heads)
    outside = {head.sequence: head.hash for head in heads.read()}
    return list(_breaks(session, seal, outside))


def _breaks(session: AnySession, seal: AuditSeal, outside: dict[int, str]) -> Iterator[Break]:
    expected, previous = 1, GENESIS
    for entry in _entries(session):
        sequence: int = entry.sequence
        if sequence > expected:
            yield _missing(expected, sequence - 1)
        elif entry.previous_hash != previous:
            yield Break(sequence, BreakKind.ALTERED, f"entry {sequence} does not follow the last")
        if entry.hash != seal.link(entry):
            yield Break(sequence, BreakKind.ALTERED, f"entry {sequence} was altered")
        if outside.get(sequence, entry.hash) != entry.hash:
            message = f"entry {sequence} is not the one whose hash was kept outside"
            yield Break(sequence, BreakKind.REWRITTEN, message)
        expected, previous = sequence + 1, entry.hash or ""
    last = max(outside, default=0)
    if last >= expected:
        message = f"entries {expected} to {last} were cut off the end"
        yield Break(expected, BreakKind.CUT, message)
    unlinked = select(AuditEntry.id).where(AuditEntry.sequence.is_(None))
    for identity in session.scalars(unlinked):
        yield Break(0, BreakKind.UNLINKED, f"row {identity} was not written by hatang")


def _missing(first: int, last: int) -> Break:
    return Break(first, BreakKind.MISSING, f"entries {first} to {last} are missing")


def _entries(session: AnySession) -> Iterator[Row[Any]]:
    after = 0
    columns = AuditEntry.__table__.c
    while True:
        statement = select(*columns).where(columns.sequence > after)
        batch = session.execute(statement.order_by(columns.sequence).limit(_BATCH)).all()
        if not batch:
            return
        yield from batch
        after = batch[-1].sequence
