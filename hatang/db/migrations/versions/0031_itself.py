"""Audits of hatang itself, and what OpenSCAP said of servers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; hatang itself was never judged yet."""
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
    op.create_table(
        "baselines_server_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("benchmark", sa.String(length=200), nullable=False),
        sa.Column("profile", sa.String(length=200), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("scanner", sa.String(length=200), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.Column("findings", JSONText(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_baselines_server_scan_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_baselines_server_scan_device_id_inventory_device"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_server_scan")),
    )
    for column in ("scope_id", "device_id"):
        op.create_index(
            op.f(f"ix_baselines_server_scan_{column}"), "baselines_server_scan", [column]
        )
