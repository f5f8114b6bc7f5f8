"""Which names an audit entry's hash covers, and from what persons' names were taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: the hashes of entries written before cover the names they show."""
    with op.batch_alter_table("audit_entry") as entries:
        entries.add_column(sa.Column("naming", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("baselines_sheet") as sheets:
        sheets.add_column(sa.Column("frozen_sha256", sa.String(64), nullable=True))
    with op.batch_alter_table("inventory_import") as imports:
        imports.add_column(
            sa.Column("is_nameless", sa.Boolean(), nullable=False, server_default=sa.false())
        )
