"""How each bridge answered last, and its last good answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; no bridge was heard yet."""
    op.create_table(
        "conference_heard",
        sa.Column("bridge_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("good_at", UTCDateTime(), nullable=True),
        sa.Column("good", JSONText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bridge_id"],
            ["inventory_bridge.id"],
            name=op.f("fk_conference_heard_bridge_id_inventory_bridge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bridge_id", name=op.f("pk_conference_heard")),
    )
