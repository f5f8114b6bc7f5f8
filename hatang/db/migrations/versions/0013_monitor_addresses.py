"""Where each monitor serves its pages, so that Prometheus finds all shards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let each monitor say where it is scraped and how many devices it watches."""
    with op.batch_alter_table("monitors_heartbeat") as heartbeat:
        heartbeat.add_column(
            sa.Column("address", sa.String(length=255), nullable=False, server_default="")
        )
        heartbeat.add_column(
            sa.Column("devices", sa.Integer(), nullable=False, server_default="0")
        )
