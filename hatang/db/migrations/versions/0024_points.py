"""Paths and waivers of meetings, what bridges push, participants and how they are heard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BRIDGE = "inventory_bridge.id"
_MEETING = "conference_meeting.id"
_ROOM = "inventory_room.id"


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("inventory_room", sa.Column("reflector", sa.String(length=255), nullable=True))
    op.add_column("inventory_bridge", sa.Column("capacity_kbps", sa.Integer(), nullable=True))
    op.add_column("monitors_rollup", sa.Column("hours_percentile95", JSONText(), nullable=True))
    op.add_column(
        "conference_meeting",
        sa.Column("content_kbps", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column(
        "conference_readiness_run",
        sa.Column("trigger", sa.String(length=16), nullable=False, server_default="manual"),
    )
    _waivers()
    _ingest()
    _live()


def _waivers() -> None:
    op.create_table(
        "conference_waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            [_MEETING],
            name=op.f("fk_conference_waiver_meeting_id_conference_meeting"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], [_ROOM], name=op.f("fk_conference_waiver_room_id_inventory_room")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_waiver")),
        sa.UniqueConstraint(
            "meeting_id",
            "room_id",
            "check",
            name=op.f("uq_conference_waiver_meeting_id_room_id_check"),
        ),
    )
    op.create_index(op.f("ix_conference_waiver_room_id"), "conference_waiver", ["room_id"])


def _ingest() -> None:
    op.create_table(
        "conference_ingest_key",
        sa.Column("bridge_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bridge_id"],
            [_BRIDGE],
            name=op.f("fk_conference_ingest_key_bridge_id_inventory_bridge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bridge_id", name=op.f("pk_conference_ingest_key")),
    )
    op.create_table(
        "conference_received",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bridge_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bridge_id"],
            [_BRIDGE],
            name=op.f("fk_conference_received_bridge_id_inventory_bridge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_received")),
        sa.UniqueConstraint(
            "bridge_id", "digest", name=op.f("uq_conference_received_bridge_id_digest")
        ),
    )
    op.create_index(op.f("ix_conference_received_at"), "conference_received", ["at"])


def _live() -> None:
    op.create_table(
        "conference_participant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bridge_id", sa.Integer(), nullable=False),
        sa.Column("conference", sa.String(length=255), nullable=False),
        sa.Column("remote_id", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.String(length=255), nullable=False),
        sa.Column("remote_uri", sa.String(length=255), nullable=True),
        sa.Column("remote_ip", sa.String(length=45), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("match_method", sa.String(length=16), nullable=False),
        sa.Column("joined_at", UTCDateTime(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("leave_reason", sa.String(length=100), nullable=False),
        sa.Column("counters", JSONText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bridge_id"],
            [_BRIDGE],
            name=op.f("fk_conference_participant_bridge_id_inventory_bridge"),
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            [_MEETING],
            name=op.f("fk_conference_participant_meeting_id_conference_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], [_ROOM], name=op.f("fk_conference_participant_room_id_inventory_room")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_participant")),
        sa.UniqueConstraint(
            "bridge_id",
            "remote_id",
            "joined_at",
            name=op.f("uq_conference_participant_bridge_id_remote_id_joined_at"),
        ),
    )
    for column in ("meeting_id", "room_id", "joined_at"):
        name = op.f(f"ix_conference_participant_{column}")
        op.create_index(name, "conference_participant", [column])
    op.create_table(
        "conference_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("direction", sa.String(length=2), nullable=False),
        sa.Column("media", sa.String(length=8), nullable=False),
        sa.Column("packets", sa.Integer(), nullable=True),
        sa.Column("packets_lost", sa.Integer(), nullable=True),
        sa.Column("loss_ratio", sa.Double(), nullable=True),
        sa.Column("jitter_seconds", sa.Double(), nullable=True),
        sa.Column("rtt_seconds", sa.Double(), nullable=True),
        sa.Column("bitrate_bps", sa.Double(), nullable=True),
        sa.Column("quality", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["conference_participant.id"],
            name=op.f("fk_conference_window_participant_id_conference_participant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_window")),
        sa.UniqueConstraint(
            "participant_id",
            "at",
            "direction",
            "media",
            name=op.f("uq_conference_window_participant_id_at_direction_media"),
        ),
    )
