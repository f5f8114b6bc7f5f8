"""Audits of hatang itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; hatang itself was never judged yet."""
    op.create_table(
        "baselines_self_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=False),
        sa.Column("engine", sa.String(length=32), nullable=False),
        sa.Column("packs", JSONText(), nullable=False),
        sa.Column("sha256", JSONText(), nullable=False),
        sa.Column("texts", JSONText(), nullable=False),
        sa.Column("findings", JSONText(), nullable=False),
        sa.Column("result_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_self_audit")),
    )
