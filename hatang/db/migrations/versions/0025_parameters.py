"""Parameters of playbook runs, and what became of each of their devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; runs of before had no parameters and told no outcome."""
    with op.batch_alter_table("playbooks_run") as run:
        run.add_column(sa.Column("parameters", JSONText(), nullable=False, server_default="{}"))
        run.add_column(sa.Column("outcomes", JSONText(), nullable=True))
