"""The deviations and what was decided about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime
from inventory.models.scoped import ScopeId


class Deviation(Base):
    """One difference. `key` names it for good, so that seeing it again makes no second row.

    A field's difference points to its row of `inventory_field`, where both values are kept up to
    date; `observed` is then what the last decision was about.
    """

    __tablename__ = "inventory_deviation"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId]
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(255))
    element_kind: Mapped[str] = mapped_column(String(32))
    element_id: Mapped[int | None]
    element: Mapped[str] = mapped_column(String(255))
    field: Mapped[str] = mapped_column(String(64), default="")
    field_id: Mapped[int | None] = mapped_column(
        ForeignKey("inventory_field.id", ondelete="CASCADE"), unique=True
    )
    intended: Mapped[Any | None] = mapped_column(JSONText)
    observed: Mapped[Any | None] = mapped_column(JSONText)
    source: Mapped[str] = mapped_column(String(64))
    certainty: Mapped[str] = mapped_column(String(16), default="certain")
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)
    until: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(String(100), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    change: Mapped[str] = mapped_column(String(64), default="")
