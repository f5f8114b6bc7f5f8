"""What a day's measurements come to, kept for years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of days."""
    op.create_table(
        "monitors_rollup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("metric", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("average", sa.Double(), nullable=True),
        sa.Column("percentile95", sa.Double(), nullable=True),
        sa.Column("maximum", sa.Double(), nullable=True),
        sa.Column("hours", JSONText(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitors_rollup")),
        sa.UniqueConstraint(
            "kind", "key", "metric", "day", name=op.f("uq_monitors_rollup_kind_key_metric_day")
        ),
    )
    op.create_index(op.f("ix_monitors_rollup_day"), "monitors_rollup", ["day"], unique=False)
