"""Changes in waves with health gates, a second approval, windows, and standard changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_NUMBERS = (
    ("canary", 0),
    ("batch", 0),
    ("per_site", 0),
    ("soak_seconds", 0),
    ("wave", 0),
    ("waves", 1),
    ("round", 1),
    ("level", 1),
)


def upgrade() -> None:
    """Add the tables, and columns to changes and their devices."""
    _standard()
    _change()
    _target()
    _check()
    _line()


def _change() -> None:
    with op.batch_alter_table("playbooks_change") as change:
        change.add_column(sa.Column("origin", JSONText(), nullable=False, server_default="{}"))
        for name in ("is_replace", "is_gated", "is_paused", "is_rolling_back"):
            change.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
        for name in ("opens_at", "closes_at", "soak_until"):
            change.add_column(sa.Column(name, UTCDateTime(), nullable=True))
        for name, value in _NUMBERS:
            change.add_column(
                sa.Column(name, sa.Integer(), nullable=False, server_default=str(value))
            )
        change.add_column(
            sa.Column("phase", sa.String(length=16), nullable=False, server_default="")
        )
        change.add_column(sa.Column("pause_reason", sa.Text(), nullable=False, server_default=""))
        change.add_column(sa.Column("impact", JSONText(), nullable=True))
        change.add_column(sa.Column("second_approval_id", sa.Integer(), nullable=True))
        change.add_column(sa.Column("standard_id", sa.Integer(), nullable=True))
        change.create_foreign_key(
            op.f("fk_playbooks_change_second_approval_id_approval"),
            "approval",
            ["second_approval_id"],
            ["id"],
        )
        change.create_foreign_key(
            op.f("fk_playbooks_change_standard_id_playbooks_standard_change"),
            "playbooks_standard_change",
            ["standard_id"],
            ["id"],
        )


def _target() -> None:
    with op.batch_alter_table("playbooks_change_target") as target:
        target.add_column(sa.Column("wave", sa.Integer(), nullable=False, server_default="1"))
        target.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
        target.add_column(sa.Column("requested_at", UTCDateTime(), nullable=True))
    # Of changes that are running every device was asked for at once.
    op.execute(
        "UPDATE playbooks_change_target SET attempt = 1, requested_at = "
        "(SELECT started_at FROM playbooks_change WHERE playbooks_change.id = change_id) "
        "WHERE change_id IN (SELECT id FROM playbooks_change WHERE started_at IS NOT NULL)"
    )
    op.execute("UPDATE playbooks_change SET wave = 1 WHERE started_at IS NOT NULL")
    op.execute("UPDATE playbooks_change SET phase = 'pushing' WHERE state = 'running'")


def _check() -> None:
    op.create_table(
        "playbooks_change_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=8), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["playbooks_change.id"],
            name=op.f("fk_playbooks_change_check_change_id_playbooks_change"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_change_check")),
    )
    op.create_index(
        op.f("ix_playbooks_change_check_change_id_wave_round_moment"),
        "playbooks_change_check",
        ["change_id", "wave", "round", "moment"],
    )


def _line() -> None:
    op.create_table(
        "playbooks_change_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["playbooks_change.id"],
            name=op.f("fk_playbooks_change_line_change_id_playbooks_change"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_change_line")),
    )
    op.create_index(
        op.f("ix_playbooks_change_line_change_id"), "playbooks_change_line", ["change_id"]
    )


def _standard() -> None:
    op.create_table(
        "playbooks_standard_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("parameters", JSONText(), nullable=False),
        sa.Column("platforms", JSONText(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("requester", sa.String(length=100), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"],
            ["approval.id"],
            name=op.f("fk_playbooks_standard_change_approval_id_approval"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_playbooks_standard_change_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbooks_standard_change")),
        sa.UniqueConstraint("name", name=op.f("uq_playbooks_standard_change_name")),
    )
    op.create_index(
        op.f("ix_playbooks_standard_change_scope_id"), "playbooks_standard_change", ["scope_id"]
    )
