"""When monitors were not heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of the monitors' silences."""
    op.create_table(
        "monitors_silence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("monitor", sa.String(length=64), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitors_silence")),
    )
    op.create_index(
        op.f("ix_monitors_silence_ends_at"), "monitors_silence", ["ends_at"], unique=False
    )
