"""Whether a device's configuration was saved when it was collected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was collected before it is unknown."""
    with op.batch_alter_table("playbooks_config_version") as version:
        version.add_column(sa.Column("is_saved", sa.Boolean(), nullable=True))
