"""Tables of reorganisations and of what was before them.

The current state stands where it always stood; here is only what it was `until` a day, so that
most elements, which never changed, take no row. The state on a day is the row with the earliest
`until` after that day, else the current one.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, UTCDateTime
from inventory.models import Unit


class UnitPast(Base):
    """What a unit was called, and where it hung, before the day `until`."""

    __tablename__ = "inventory_unit_past"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey(Unit.id), index=True)
    until: Mapped[date]
    code: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey(Unit.id))
    search_text: Mapped[str] = mapped_column(Text, default="")


class UnitSuccession(Base):
    """Who follows whom from a day on; many to many."""

    __tablename__ = "inventory_unit_succession"

    predecessor_id: Mapped[int] = mapped_column(ForeignKey(Unit.id), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey(Unit.id), primary_key=True, index=True)
    effective_on: Mapped[date] = mapped_column(primary_key=True)


class Belonged(Base):
    """To which unit something belonged, through its `field`, before the day `until`."""

    __tablename__ = "inventory_belonged"
    __table_args__ = (Index(None, "kind", "element_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    element_id: Mapped[int]
    field: Mapped[str] = mapped_column(String(64))
    unit_id: Mapped[int] = mapped_column(ForeignKey(Unit.id), index=True)
    until: Mapped[date]


class Reorganisation(Base):
    """A filed reorganisation: the file, and the hash of what was put up for approval."""

    __tablename__ = "inventory_reorganisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    effective_on: Mapped[date] = mapped_column(index=True)
    document: Mapped[str] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    approval_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), index=True)
    requested_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    applied_by: Mapped[str | None] = mapped_column(String(100))
