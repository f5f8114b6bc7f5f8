"""How devices are intended to be, how they stand to it since when, and drifts that are over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "playbooks_intended",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("template_sha256", sa.String(64), nullable=False),
        sa.Column("selection", JSONText(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(100), nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_playbooks_intended_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_intended")),
        sa.UniqueConstraint("name", name=op.f("uq_playbooks_intended_name")),
    )
    op.create_index(op.f("ix_playbooks_intended_scope_id"), "playbooks_intended", ["scope_id"])
    op.create_table(
        "playbooks_drift",
        sa.Column("id", sa.Integer(), nullable=False),
        *_pair("playbooks_drift"),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("drifted_since", UTCDateTime(), nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("checked_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["playbooks_config_version.id"],
            name=op.f("fk_playbooks_drift_version_id_playbooks_config_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_drift")),
        sa.UniqueConstraint(
            "intended_id", "device_id", name=op.f("uq_playbooks_drift_intended_id_device_id")
        ),
    )
    for column in ("device_id", "state", "drifted_since"):
        op.create_index(op.f(f"ix_playbooks_drift_{column}"), "playbooks_drift", [column])
    op.create_table(
        "playbooks_past_drift",
        sa.Column("id", sa.Integer(), nullable=False),
        *_pair("playbooks_past_drift"),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.Column("ending", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_past_drift")),
    )
    for columns in (["device_id", "ended_at"], ["ended_at"], ["intended_id"]):
        name = f"ix_playbooks_past_drift_{'_'.join(columns)}"
        op.create_index(op.f(name), "playbooks_past_drift", columns)


def _pair(table: str) -> list[sa.schema.SchemaItem]:
    """Return the columns that say which device is compared with what is intended."""
    return [
        sa.Column("intended_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intended_id"],
            ["playbooks_intended.id"],
            name=op.f(f"fk_{table}_intended_id_playbooks_intended"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f(f"fk_{table}_device_id_inventory_device"),
            ondelete="CASCADE",
        ),
    ]
