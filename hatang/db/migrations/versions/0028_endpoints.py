"""How endpoints are asked, and which participants somebody said are which room."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("inventory_endpoint", sa.Column("driver", sa.String(length=32), nullable=True))
    op.add_column("inventory_endpoint", sa.Column("url", sa.Text(), nullable=True))
    op.create_table(
        "conference_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alias", sa.String(length=255), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["inventory_room.id"],
            name=op.f("fk_conference_alias_room_id_inventory_room"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_alias")),
        sa.UniqueConstraint("alias", name=op.f("uq_conference_alias_alias")),
    )
    op.create_index(op.f("ix_conference_alias_room_id"), "conference_alias", ["room_id"])
