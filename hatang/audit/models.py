"""The audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hatang.audit.persons import NAMED, SEALED
from hatang.db import Base, JSONText, UTCDateTime


class AuditEntry(Base):
    """One thing somebody did or was denied.

    `sequence`, `previous_hash` and `hash` are filled when the transaction commits; a committed
    row without them was not written by hatang, and verification says so. `naming` tells which
    names the hash covers (`hatang.audit.persons`).
    """

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int | None] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(100), index=True)
    target: Mapped[str] = mapped_column(String(300), index=True)
    outcome: Mapped[str] = mapped_column(String(10))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONText)
    naming: Mapped[int] = mapped_column(default=SEALED, server_default=str(NAMED))
    previous_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    hash: Mapped[str | None] = mapped_column(String(64), unique=True)
