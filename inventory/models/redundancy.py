"""What stands in for what."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base
from inventory.models.scoped import Described, ScopeId


class RedundancyGroup(Base):
    """Devices or circuits of which `required` must work for the group to work."""

    __tablename__ = "inventory_redundancy_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    scope_id: Mapped[ScopeId | None]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(32))
    protocol: Mapped[str | None] = mapped_column(String(32))
    required: Mapped[int] = mapped_column(default=1)
    address: Mapped[str | None] = mapped_column(String(45))
    description: Mapped[Described]


class RedundancyGroupDevice(Base):
    """A device of a group."""

    __tablename__ = "inventory_redundancy_group_device"

    redundancy_group_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_redundancy_group.id"), primary_key=True
    )
    device_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_device.id"), primary_key=True, index=True
    )


class RedundancyGroupCircuit(Base):
    """A circuit of a group."""

    __tablename__ = "inventory_redundancy_group_circuit"

    redundancy_group_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_redundancy_group.id"), primary_key=True
    )
    circuit_id: Mapped[int] = mapped_column(
        ForeignKey("inventory_circuit.id"), primary_key=True, index=True
    )
