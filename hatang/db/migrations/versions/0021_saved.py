"""Whether a configuration was saved when it was collected, and versions by device, newest first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, unknown of what was collected before, and the index."""
    with op.batch_alter_table("playbooks_config_version") as version:
        version.add_column(sa.Column("is_saved", sa.Boolean(), nullable=True))
        version.create_index(
            op.f("ix_playbooks_config_version_device_id_id"), ["device_id", "id"], unique=False
        )
