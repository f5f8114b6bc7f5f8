"""The tree of scopes and its closure."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hatang.db import Base


class Scope(Base):
    """A node of the permission tree; what it stands for is known to whoever created it."""

    __tablename__ = "scope"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("scope.id"), index=True)


class ScopeClosure(Base):
    """Every pair of ancestor and descendant, each node being its own ancestor at depth 0."""

    __tablename__ = "scope_closure"

    ancestor_id: Mapped[int] = mapped_column(
        ForeignKey("scope.id", ondelete="CASCADE"), primary_key=True
    )
    descendant_id: Mapped[int] = mapped_column(
        ForeignKey("scope.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    depth: Mapped[int]
