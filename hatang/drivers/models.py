"""Enrolled SSH host keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, UTCDateTime


class HostKey(Base):
    """The key a host must show; a replaced one stays, so that its time of trust is known."""

    __tablename__ = "host_key"
    __table_args__ = (Index(None, "host", "port"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int]
    key_type: Mapped[str] = mapped_column(String(64))
    public_key: Mapped[str]
    enrolled_by: Mapped[str] = mapped_column(String(100))
    enrolled_at: Mapped[datetime] = mapped_column(UTCDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
