"""What the device's clock said when its configuration was collected, and who reviewed a finding."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, which know nothing of what was collected before, and the table."""
    with op.batch_alter_table("playbooks_config_version") as versions:
        versions.add_column(sa.Column("clock_said", sa.String(255), nullable=False, server_default=""))
        versions.add_column(sa.Column("device_clock", UTCDateTime(), nullable=True))
        versions.add_column(sa.Column("server_clock", UTCDateTime(), nullable=True))
    op.create_table(
        "baselines_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.String(100), nullable=False),
        sa.Column("reviewed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_baselines_review_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_baselines_review_device_id_inventory_device"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_review")),
    )
    op.create_index(op.f("ix_baselines_review_scope_id"), "baselines_review", ["scope_id"])
    op.create_index(
        op.f("ix_baselines_review_device_id_rule_id"), "baselines_review", ["device_id", "rule_id"]
    )
