"""What was observed beside what is intended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base, JSONText, UTCDateTime
from hatang.scope.models import Scope
from inventory.models.scoped import ScopeId

# What was seen goes with the unit that owned it: nobody has to keep the unit for its sake.
_SeenScope = Annotated[int, mapped_column(ForeignKey(Scope.id, ondelete="CASCADE"), index=True)]


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


class Station(Base):
    """Where a MAC address was plugged in: the port of a device, and when it was last seen there.

    `device_key` is the device's, or `?` and the name of one that the inventory does not have.
    `count` is how many addresses were learnt on the port, `behind` who else was heard on it: then
    the station stands behind that one. A device's own scope counts while it is in the inventory.
    """

    __tablename__ = "inventory_station"
    __table_args__ = (UniqueConstraint("mac", "device_key", "port"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[_SeenScope]
    mac: Mapped[str] = mapped_column(String(17))
    device_key: Mapped[str] = mapped_column(String(255))
    port: Mapped[str] = mapped_column(String(255))
    vlan: Mapped[int | None]
    count: Mapped[int]
    behind: Mapped[str] = mapped_column(String(255), default="")
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class StationAddress(Base):
    """An IP address of a MAC address, as the ARP table (or a port) of a device told it."""

    __tablename__ = "inventory_station_address"
    __table_args__ = (UniqueConstraint("address", "mac", "device_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[_SeenScope]
    address: Mapped[str] = mapped_column(String(45))
    mac: Mapped[str] = mapped_column(String(17), index=True)
    device_key: Mapped[str] = mapped_column(String(255))
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
