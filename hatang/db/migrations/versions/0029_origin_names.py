"""What people call the element an incident was opened for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the name; incidents that moved before say what they know of their cause only."""
    with op.batch_alter_table("alerts_incident") as incident:
        incident.add_column(sa.Column("origin_name", sa.String(255), nullable=True))
