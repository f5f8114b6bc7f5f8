"""What an inferred common cause of faults was inferred from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("alerts_incident") as incident:
        incident.add_column(sa.Column("parts", JSONText(), nullable=False, server_default="[]"))
