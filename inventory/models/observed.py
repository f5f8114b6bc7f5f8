"""What was observed beside what is intended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime
from inventory.models.scoped import ScopeId


class Field(Base):
    """What was observed of one field beside what is intended; null means not known."""

    __tablename__ = "inventory_field"
    __table_args__ = (UniqueConstraint("kind", "element_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    kind: Mapped[str] = mapped_column(String(32))
    element_id: Mapped[int]
    field: Mapped[str] = mapped_column(String(64))
    intended: Mapped[Any | None] = mapped_column(JSONText)
    observed: Mapped[Any | None] = mapped_column(JSONText)
    source: Mapped[str] = mapped_column(String(64))
    observed_at: Mapped[datetime] = mapped_column(UTCDateTime)
