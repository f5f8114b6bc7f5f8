"""Requests for approval and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, UTCDateTime


class Approval(Base):
    """One request about exactly one content: `subject_hash` is what was, or was not, approved."""

    __tablename__ = "approval"
    __table_args__ = (Index(None, "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(50))
    subject_id: Mapped[str] = mapped_column(String(100))
    subject_hash: Mapped[str] = mapped_column(String(64))
    permission: Mapped[str] = mapped_column(String(50))
    scope_id: Mapped[int | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    requester_id: Mapped[int | None] = mapped_column(index=True)
    requester: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str]
    is_break_glass: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    decided_by_id: Mapped[int | None]
    decided_by: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    comment: Mapped[str] = mapped_column(default="")
    reviewed_by_id: Mapped[int | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(100))
    reviewed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    review: Mapped[str] = mapped_column(default="")
