"""What the blob store holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, UTCDateTime


class Blob(Base):
    """One content; `address` is keyed by a secret, so that it betrays nothing of the content."""

    __tablename__ = "blob"

    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    file: Mapped[str] = mapped_column(String(120), unique=True)
    data_key: Mapped[str]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
