"""The life of a finding: cases, waivers, overrides, and what an audit was made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target.partition('.')[0]}")
    return sa.ForeignKeyConstraint([column], [target], name=name)


def upgrade() -> None:
    """Create the tables, and say of older audits that nothing was put beside their texts."""
    for name in ("facts", "overrides"):
        column: sa.Column[dict[str, object]] = sa.Column(name, JSONText(), nullable=False, server_default="{}")
        op.add_column("baselines_audit_run", column)
    op.add_column(
        "baselines_audit_run",
        sa.Column("result_sha256", sa.String(length=64), nullable=False, server_default=""),
    )
    op.create_table(
        "baselines_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("assignee", sa.String(length=100), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        _foreign("baselines_case", "scope_id", "scope.id"),
        _foreign("baselines_case", "device_id", "inventory_device.id"),
        _foreign("baselines_case", "change_id", "playbooks_change.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_case")),
    )
    _index("baselines_case", "scope_id")
    _index("baselines_case", "closed_at")
    _index("baselines_case", "device_id", "rule_id")
    op.create_table(
        "baselines_waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("score_before", sa.Double(), nullable=True),
        sa.Column("score_after", sa.Double(), nullable=True),
        sa.Column("approval_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        _foreign("baselines_waiver", "scope_id", "scope.id"),
        _foreign("baselines_waiver", "device_id", "inventory_device.id"),
        _foreign("baselines_waiver", "approval_id", "approval.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_waiver")),
    )
    _index("baselines_waiver", "scope_id")
    _index("baselines_waiver", "approval_id")
    _index("baselines_waiver", "device_id", "rule_id")
    op.create_table(
        "baselines_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=16), nullable=False),
        sa.Column("parameter", sa.String(length=32), nullable=False),
        sa.Column("value", JSONText(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_override")),
    )
    _index("baselines_override", "rule_id")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def downgrade() -> None:
    """Drop the tables and columns."""
    for table in ("baselines_override", "baselines_waiver", "baselines_case"):
        op.drop_table(table)
    for name in ("facts", "overrides", "result_sha256"):
        op.drop_column("baselines_audit_run", name)
