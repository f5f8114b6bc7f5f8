"""Transitions, current states and signs of life of the monitors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the monitors."""
    op.create_table(
        "monitors_transition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("monitor", sa.String(64), nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(255), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("from_state", sa.String(16), nullable=False),
        sa.Column("to_state", sa.String(16), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("evidence", JSONText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitors_transition")),
        sa.UniqueConstraint(
            "monitor",
            "epoch",
            "sequence",
            name=op.f("uq_monitors_transition_monitor_epoch_sequence"),
        ),
    )
    op.create_index("ix_monitors_transition_element_at", "monitors_transition", ["element", "at"])
    op.create_index("ix_monitors_transition_scope_id_at", "monitors_transition", ["scope_id", "at"])
    op.create_table(
        "monitors_element",
        sa.Column("element", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("monitor", sa.String(64), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("element", name=op.f("pk_monitors_element")),
    )
    op.create_index("ix_monitors_element_kind_owner", "monitors_element", ["kind", "owner"])
    op.create_index("ix_monitors_element_scope_id", "monitors_element", ["scope_id"])
    op.create_table(
        "monitors_heartbeat",
        sa.Column("monitor", sa.String(64), nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("monitor", name=op.f("pk_monitors_heartbeat")),
    )


def downgrade() -> None:
    """Drop the tables of the monitors."""
    op.drop_table("monitors_heartbeat")
    op.drop_table("monitors_element")
    op.drop_table("monitors_transition")
