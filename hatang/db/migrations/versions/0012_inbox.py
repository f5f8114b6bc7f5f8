"""The inbox of deviations, and the runs and memory of discovery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _discovery()
    _inbox()


def _discovery() -> None:
    op.create_table(
        "inventory_discovery_try",
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("credential", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address", "credential", name=op.f("pk_inventory_discovery_try")),
    )
    op.create_table(
        "inventory_discovery_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("marks", JSONText(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=True),
        sa.Column("first_seen_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_discovery_device_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_discovery_device")),
    )
    op.create_index(
        op.f("ix_inventory_discovery_device_device_id"),
        "inventory_discovery_device",
        ["device_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inventory_discovery_device_scope_id"),
        "inventory_discovery_device",
        ["scope_id"],
        unique=False,
    )
    op.create_table(
        "inventory_discovery_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("requester", sa.String(length=100), nullable=False),
        sa.Column("asked_for", JSONText(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("devices", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("proposed", sa.Integer(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("failures", JSONText(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_discovery_run_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_discovery_run")),
    )
    op.create_index(
        op.f("ix_inventory_discovery_run_scope_id"),
        "inventory_discovery_run",
        ["scope_id"],
        unique=False,
    )


def _inbox() -> None:
    op.create_table(
        "inventory_deviation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("element_kind", sa.String(length=32), nullable=False),
        sa.Column("element_id", sa.Integer(), nullable=True),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("field_id", sa.Integer(), nullable=True),
        sa.Column("intended", JSONText(), nullable=True),
        sa.Column("observed", JSONText(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("certainty", sa.String(length=16), nullable=False),
        sa.Column("first_seen_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=100), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("change", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["inventory_field.id"],
            name=op.f("fk_inventory_deviation_field_id_inventory_field"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_deviation_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_deviation")),
        sa.UniqueConstraint("field_id", name=op.f("uq_inventory_deviation_field_id")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_inventory_deviation_kind_key")),
    )
    op.create_index(
        op.f("ix_inventory_deviation_scope_id"), "inventory_deviation", ["scope_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_deviation_state"), "inventory_deviation", ["state"], unique=False
    )
