"""What was imported, when, by whom, and how it is undone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime


class Import(Base):
    """One applied import, pruning or undoing; `inverse` is what would take it back, compressed.

    `is_nameless` once pseudonyms stand there for persons and their telephone numbers.
    """

    __tablename__ = "inventory_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(String(16))
    applied_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    applied_by: Mapped[str] = mapped_column(String(100))
    filename: Mapped[str] = mapped_column(String(255))
    source: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    plan_sha256: Mapped[str] = mapped_column(String(64))
    counts: Mapped[dict[str, int]] = mapped_column(JSONText, default=dict)
    inverse: Mapped[bytes] = mapped_column(LargeBinary)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("inventory_import.id"), unique=True)
    is_nameless: Mapped[bool] = mapped_column(default=False, server_default=false())
