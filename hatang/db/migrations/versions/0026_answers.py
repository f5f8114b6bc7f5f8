"""Answers to questions with their evidence, annual data sheets, and when a device counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _foreign(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target.partition('.')[0]}")
    return sa.ForeignKeyConstraint([column], [target], name=name, ondelete=ondelete)


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=unique)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "baselines_standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        _foreign("baselines_standing", "device_id", "inventory_device.id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_standing")),
    )
    _index("baselines_standing", "device_id")
    op.create_table(
        "baselines_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=False),
        _foreign("baselines_answer", "scope_id", "scope.id"),
        _foreign("baselines_answer", "approval_id", "approval.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_answer")),
    )
    _index("baselines_answer", "scope_id")
    _index("baselines_answer", "approval_id")
    _index("baselines_answer", "question_id", "subject")
    op.create_table(
        "baselines_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("frozen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_sheet")),
        sa.UniqueConstraint("year", name=op.f("uq_baselines_sheet_year")),
    )
    op.create_table(
        "baselines_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=True),
        sa.Column("sheet_id", sa.Integer(), nullable=True),
        sa.Column("filename", sa.String(length=120), nullable=False),
        sa.Column("media", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        _foreign("baselines_attachment", "answer_id", "baselines_answer.id"),
        _foreign("baselines_attachment", "sheet_id", "baselines_sheet.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines_attachment")),
    )
    _index("baselines_attachment", "answer_id")
    _index("baselines_attachment", "sheet_id")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("attachment", "sheet", "answer", "standing"):
        op.drop_table(f"baselines_{table}")
