"""Which AAA server a device asks about logins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: of no device known before is it known."""
    op.add_column("inventory_device", sa.Column("aaa_server", sa.String(100), nullable=True))
