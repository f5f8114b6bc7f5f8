"""Writes audit entries in the caller's transaction; the chain is closed when that commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from hatang.audit.models import AuditEntry
from hatang.audit.persons import SEALED
from hatang.clock import now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.db import Database, WriteSession

Outcome = Literal["ok", "denied", "error"]
PENDING = "hatang_audit_pending"
WRITTEN = "hatang_audit_written"


class Person(Protocol):
    """Whoever an entry names."""

    @property
    def id(self) -> int | None:
        """The user's id; None for a process."""

    @property
    def name(self) -> str:
        """The name as people know it."""


def record(
    session: WriteSession,
    actor: Person,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
    *,
    outcome: Outcome = "ok",
) -> None:
    """Add an entry such as `change.approve` on `change/17`, in the caller's transaction.

    It stands or falls with the caller's work. `detail` is JSON and never holds a secret.
    """
    entry = AuditEntry(
        at=now(),
        actor_id=actor.id,
        actor=actor.name[:100],
        action=action[:100],
        target=target[:300],
        outcome=outcome,
        detail=dict(detail or {}),
        naming=SEALED,
    )
    if session.in_nested_transaction():  # falls with the savepoint, as a row does
        session.add(entry)
        session.info.setdefault(PENDING, [])
        session.info[WRITTEN] = True
    else:  # added when the chain is closed, so that a statement writes it and none mends it
        session.info.setdefault(PENDING, []).append(entry)


def record_denied(
    database: Database,
    actor: Person,
    action: str,
    target: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a denied attempt in a transaction of its own, after the refused one was rolled back."""
    with database.write() as session:
        record(session, actor, action, target, detail, outcome="denied")
