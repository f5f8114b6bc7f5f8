"""What approval of a playbook run is asked for, and audits that came to nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let runs carry their approval, and audits have no coverage when nothing was judged."""
    with op.batch_alter_table("playbooks_run") as run:
        run.alter_column(
            "state",
            existing_type=sa.String(length=16),
            type_=sa.String(length=24),
            existing_nullable=False,
        )
        run.add_column(sa.Column("plan_sha256", sa.String(length=64), nullable=True))
        run.add_column(sa.Column("approval_id", sa.Integer(), nullable=True))
        run.create_foreign_key(
            op.f("fk_playbooks_run_approval_id_approval"), "approval", ["approval_id"], ["id"]
        )
    with op.batch_alter_table("baselines_audit_run") as audit:
        audit.alter_column("coverage", existing_type=sa.Float(), nullable=True)
