"""Meetings, points and readiness."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of conference."""
    op.create_table(
        "conference_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("bridge_id", sa.Integer(), nullable=False),
        sa.Column("call_kbps", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["bridge_id"],
            ["inventory_bridge.id"],
            name=op.f("fk_conference_meeting_bridge_id_inventory_bridge"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_conference_meeting_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_meeting")),
        sa.UniqueConstraint("uid", name=op.f("uq_conference_meeting_uid")),
    )
    op.create_index(
        op.f("ix_conference_meeting_bridge_id"), "conference_meeting", ["bridge_id"], unique=False
    )
    op.create_index(
        op.f("ix_conference_meeting_scope_id"), "conference_meeting", ["scope_id"], unique=False
    )
    op.create_index(
        op.f("ix_conference_meeting_starts_at"), "conference_meeting", ["starts_at"], unique=False
    )
    op.create_table(
        "conference_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["conference_meeting.id"],
            name=op.f("fk_conference_point_meeting_id_conference_meeting"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["inventory_room.id"],
            name=op.f("fk_conference_point_room_id_inventory_room"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_point")),
        sa.UniqueConstraint(
            "meeting_id", "room_id", name=op.f("uq_conference_point_meeting_id_room_id")
        ),
    )
    op.create_index(
        op.f("ix_conference_point_room_id"), "conference_point", ["room_id"], unique=False
    )
    op.create_table(
        "conference_readiness_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["conference_meeting.id"],
            name=op.f("fk_conference_readiness_run_meeting_id_conference_meeting"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_readiness_run")),
    )
    op.create_index(
        op.f("ix_conference_readiness_run_meeting_id_finished_at"),
        "conference_readiness_run",
        ["meeting_id", "finished_at"],
        unique=False,
    )
    op.create_table(
        "conference_readiness_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("check", sa.String(length=32), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=255), nullable=False),
        sa.Column("measured", JSONText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["inventory_room.id"],
            name=op.f("fk_conference_readiness_check_room_id_inventory_room"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["conference_readiness_run.id"],
            name=op.f("fk_conference_readiness_check_run_id_conference_readiness_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_readiness_check")),
    )
    op.create_index(
        op.f("ix_conference_readiness_check_room_id"),
        "conference_readiness_check",
        ["room_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_conference_readiness_check_run_id"),
        "conference_readiness_check",
        ["run_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables of conference."""
    op.drop_index(
        op.f("ix_conference_readiness_check_run_id"), table_name="conference_readiness_check"
    )
    op.drop_index(
        op.f("ix_conference_readiness_check_room_id"), table_name="conference_readiness_check"
    )
    op.drop_table("conference_readiness_check")
    op.drop_index(
        op.f("ix_conference_readiness_run_meeting_id_finished_at"),
        table_name="conference_readiness_run",
    )
    op.drop_table("conference_readiness_run")
    op.drop_index(op.f("ix_conference_point_room_id"), table_name="conference_point")
    op.drop_table("conference_point")
    op.drop_index(op.f("ix_conference_meeting_starts_at"), table_name="conference_meeting")
    op.drop_index(op.f("ix_conference_meeting_scope_id"), table_name="conference_meeting")
    op.drop_index(op.f("ix_conference_meeting_bridge_id"), table_name="conference_meeting")
    op.drop_table("conference_meeting")
