"""The audit log as an auditor reads it: listed, and verified link by link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hatang.audit.chain import AuditSeal
from hatang.audit.models import AuditEntry
from hatang.audit.verification import Break, verify
from hatang.auth import Permission, require
from hatang.db.equipment import equipment

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession


def list_entries(
    session: AnySession, actor: Actor, limit: int, offset: int
) -> tuple[list[AuditEntry], int]:
    """Return a page of entries, newest first, and how many there are in all.

    Raises:
        DeniedError: the actor may not read the log.
    """
    require(actor, Permission.AUDIT_READ)
    total = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    rows = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit).offset(offset)
    return list(session.scalars(rows)), total


def verify_chain(session: AnySession, actor: Actor) -> list[Break]:
    """Return every break of the chain; an empty list means the log is whole.

    Raises:
        DeniedError: the actor may not read the log.
    """
    require(actor, Permission.AUDIT_READ)
    seal = equipment(session, AuditSeal)
    return verify(session, seal.key, seal.heads)
