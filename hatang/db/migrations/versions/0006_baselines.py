"""Audits and their findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of baselines."""
    op.create_table(
        "baselines_audit_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(length=64), nullable=False),
        sa.Column("pack_sha256", sa.String(length=64), nullable=False),
        sa.Column("engine", sa.String(length=32), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_baselines_audit_run_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_baselines_audit_run_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["playbooks_config_version.id"],
            name=op.f("fk_baselines_audit_run_version_id_playbooks_config_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_audit_run")),
    )
    op.create_index(
        op.f("ix_baselines_audit_run_device_id_finished_at"),
        "baselines_audit_run",
        ["device_id", "finished_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_baselines_audit_run_scope_id"), "baselines_audit_run", ["scope_id"], unique=False
    )
    op.create_table(
        "baselines_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=16), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("evidence", JSONText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["baselines_audit_run.id"],
            name=op.f("fk_baselines_finding_run_id_baselines_audit_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_finding")),
    )
    op.create_index(
        op.f("ix_baselines_finding_rule_id"), "baselines_finding", ["rule_id"], unique=False
    )
    op.create_index(
        op.f("ix_baselines_finding_run_id"), "baselines_finding", ["run_id"], unique=False
    )
    op.create_index(
        op.f("ix_baselines_finding_verdict"), "baselines_finding", ["verdict"], unique=False
    )


def downgrade() -> None:
    """Drop the tables of baselines."""
    op.drop_index(op.f("ix_baselines_finding_verdict"), table_name="baselines_finding")
    op.drop_index(op.f("ix_baselines_finding_run_id"), table_name="baselines_finding")
    op.drop_index(op.f("ix_baselines_finding_rule_id"), table_name="baselines_finding")
    op.drop_table("baselines_finding")
    op.drop_index(op.f("ix_baselines_audit_run_scope_id"), table_name="baselines_audit_run")
    op.drop_index(
        op.f("ix_baselines_audit_run_device_id_finished_at"), table_name="baselines_audit_run"
    )
    op.drop_table("baselines_audit_run")
