"""What was written down before a device's timer was armed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let each target of a change tell when its timer was armed, and over what."""
    op.add_column("playbooks_change_target", sa.Column("armed_at", UTCDateTime(), nullable=True))
    op.add_column(
        "playbooks_change_target",
        sa.Column("armed_identity", sa.String(length=64), nullable=True),
    )
