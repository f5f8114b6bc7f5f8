"""What devices say unasked, kept for some weeks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of hints."""
    op.create_table(
        "monitors_hint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("detail", JSONText(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitors_hint")),
    )
    op.create_index(
        op.f("ix_monitors_hint_scope_id_last_at"),
        "monitors_hint",
        ["scope_id", "last_at"],
        unique=False,
    )
    op.create_index(op.f("ix_monitors_hint_last_at"), "monitors_hint", ["last_at"], unique=False)
