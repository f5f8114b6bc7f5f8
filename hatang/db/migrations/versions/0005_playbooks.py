"""Change sets, playbook runs and the configuration vault."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of playbooks."""
    op.create_table(
        "playbooks_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(length=16), nullable=False),
        sa.Column("revert_seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("requester", sa.String(length=100), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=True),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("planned_at", UTCDateTime(), nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_playbooks_change_approval_id_approval")
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_playbooks_change_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_change")),
    )
    op.create_index(
        op.f("ix_playbooks_change_requester_id"), "playbooks_change", ["requester_id"], unique=False
    )
    op.create_index(
        op.f("ix_playbooks_change_scope_id"), "playbooks_change", ["scope_id"], unique=False
    )
    op.create_index(op.f("ix_playbooks_change_state"), "playbooks_change", ["state"], unique=False)
    op.create_table(
        "playbooks_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("playbook", sa.String(length=100), nullable=False),
        sa.Column("devices", JSONText(), nullable=False),
        sa.Column("is_check_mode", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requester", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("summary", JSONText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_playbooks_run_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_run")),
    )
    op.create_index(op.f("ix_playbooks_run_scope_id"), "playbooks_run", ["scope_id"], unique=False)
    op.create_index(op.f("ix_playbooks_run_state"), "playbooks_run", ["state"], unique=False)
    op.create_table(
        "playbooks_run_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=255), nullable=False),
        sa.Column("detail", JSONText(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["playbooks_run.id"],
            name=op.f("fk_playbooks_run_event_run_id_playbooks_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_run_event")),
        sa.UniqueConstraint(
            "run_id", "sequence", name=op.f("uq_playbooks_run_event_run_id_sequence")
        ),
    )
    op.create_table(
        "playbooks_config_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.String(length=64), nullable=False),
        sa.Column("redacted", sa.String(length=64), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("transport", sa.String(length=64), nullable=False),
        sa.Column("command", sa.String(length=255), nullable=False),
        sa.Column("collected_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_playbooks_config_version_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_playbooks_config_version_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_config_version")),
    )
    op.create_index(
        op.f("ix_playbooks_config_version_device_id_kind_collected_at"),
        "playbooks_config_version",
        ["device_id", "kind", "collected_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_playbooks_config_version_scope_id"),
        "playbooks_config_version",
        ["scope_id"],
        unique=False,
    )
    op.create_table(
        "playbooks_change_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rendered", sa.String(length=64), nullable=False),
        sa.Column("diff", sa.String(length=64), nullable=True),
        sa.Column("diff_sha256", sa.String(length=64), nullable=True),
        sa.Column("before_version_id", sa.Integer(), nullable=True),
        sa.Column("after_version_id", sa.Integer(), nullable=True),
        sa.Column("commit_id", sa.String(length=64), nullable=False),
        sa.Column("safety", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["after_version_id"],
            ["playbooks_config_version.id"],
            name=op.f("fk_playbooks_change_target_after_version_id_playbooks_config_version"),
        ),
        sa.ForeignKeyConstraint(
            ["before_version_id"],
            ["playbooks_config_version.id"],
            name=op.f("fk_playbooks_change_target_before_version_id_playbooks_config_version"),
        ),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["playbooks_change.id"],
            name=op.f("fk_playbooks_change_target_change_id_playbooks_change"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_playbooks_change_target_device_id_inventory_device"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_change_target")),
        sa.UniqueConstraint(
            "change_id", "device_id", name=op.f("uq_playbooks_change_target_change_id_device_id")
        ),
        sa.UniqueConstraint("commit_id", name=op.f("uq_playbooks_change_target_commit_id")),
    )
    op.create_index(
        op.f("ix_playbooks_change_target_device_id"),
        "playbooks_change_target",
        ["device_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables of playbooks."""
    op.drop_index(
        op.f("ix_playbooks_change_target_device_id"), table_name="playbooks_change_target"
    )
    op.drop_table("playbooks_change_target")
    op.drop_index(
        op.f("ix_playbooks_config_version_scope_id"), table_name="playbooks_config_version"
    )
    op.drop_index(
        op.f("ix_playbooks_config_version_device_id_kind_collected_at"),
        table_name="playbooks_config_version",
    )
    op.drop_table("playbooks_config_version")
    op.drop_table("playbooks_run_event")
    op.drop_index(op.f("ix_playbooks_run_state"), table_name="playbooks_run")
    op.drop_index(op.f("ix_playbooks_run_scope_id"), table_name="playbooks_run")
    op.drop_table("playbooks_run")
    op.drop_index(op.f("ix_playbooks_change_state"), table_name="playbooks_change")
    op.drop_index(op.f("ix_playbooks_change_scope_id"), table_name="playbooks_change")
    op.drop_index(op.f("ix_playbooks_change_requester_id"), table_name="playbooks_change")
    op.drop_table("playbooks_change")
