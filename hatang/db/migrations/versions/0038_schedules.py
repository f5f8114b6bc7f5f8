"""Schedules of playbook runs, and what became of each of their times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and let a run name its schedule."""
    _schedule()
    with op.batch_alter_table("playbooks_run") as run:
        run.add_column(sa.Column("schedule_id", sa.Integer(), nullable=True))
        run.create_foreign_key(
            op.f("fk_playbooks_run_schedule_id_playbooks_schedule"),
            "playbooks_schedule",
            ["schedule_id"],
            ["id"],
        )
        run.create_index(op.f("ix_playbooks_run_schedule_id"), ["schedule_id"])
    _occurrence()


def _schedule() -> None:
    op.create_table(
        "playbooks_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("playbook", sa.String(length=100), nullable=False),
        sa.Column("parameters", JSONText(), nullable=False),
        sa.Column("is_check_mode", sa.Boolean(), nullable=False),
        sa.Column("targets", JSONText(), nullable=False),
        sa.Column("recurrence", JSONText(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("standing_since", UTCDateTime(), nullable=True),
        sa.Column("requester_id", sa.Integer(), nullable=True),
        sa.Column("requester", sa.String(length=100), nullable=False),
        sa.Column("parts", JSONText(), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_playbooks_schedule_approval_id_approval")
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_playbooks_schedule_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_schedule")),
    )
    for column in ("scope_id", "state"):
        op.create_index(op.f(f"ix_playbooks_schedule_{column}"), "playbooks_schedule", [column])


def _occurrence() -> None:
    op.create_table(
        "playbooks_schedule_occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("occurs_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["playbooks_run.id"],
            name=op.f("fk_playbooks_schedule_occurrence_run_id_playbooks_run"),
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["playbooks_schedule.id"],
            name=op.f("fk_playbooks_schedule_occurrence_schedule_id_playbooks_schedule"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_schedule_occurrence")),
        sa.UniqueConstraint(
            "schedule_id",
            "occurs_at",
            name=op.f("uq_playbooks_schedule_occurrence_schedule_id_occurs_at"),
        ),
    )
    op.create_index(
        op.f("ix_playbooks_schedule_occurrence_run_id"),
        "playbooks_schedule_occurrence",
        ["run_id"],
    )
