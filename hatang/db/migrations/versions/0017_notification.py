"""Escalations, what each Alertmanager was told of them, how delivery goes; notes on silences."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and a level to the ledger: 0 is the incident itself."""
    op.add_column(
        "alerts_silence", sa.Column("annotations", JSONText(), nullable=False, server_default="{}")
    )
    op.create_table(
        "alerts_escalation",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["alerts_incident.id"],
            name=op.f("fk_alerts_escalation_incident_id_alerts_incident"),
        ),
        sa.PrimaryKeyConstraint("incident_id", "level", name=op.f("pk_alerts_escalation")),
    )
    op.create_table(
        "alerts_delivery",
        sa.Column("alertmanager", sa.String(length=255), nullable=False),
        sa.Column("integration", sa.String(length=64), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("failed_at", UTCDateTime(), nullable=True),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("alertmanager", "integration", name=op.f("pk_alerts_delivery")),
    )
    _ledger()


def _ledger() -> None:
    """Give the ledger its level: the key changes, so the table is written anew under its name."""
    kept = op.get_bind().execute(sa.text("SELECT * FROM alerts_forward")).mappings().all()
    op.drop_table("alerts_forward")
    table = op.create_table(
        "alerts_forward",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("alertmanager", sa.String(length=255), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silence_id", sa.String(length=36), nullable=False),
        sa.Column("silence_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["alerts_incident.id"],
            name=op.f("fk_alerts_forward_incident_id_alerts_incident"),
        ),
        sa.PrimaryKeyConstraint(
            "incident_id", "level", "alertmanager", name=op.f("pk_alerts_forward")
        ),
    )
    if kept:
        raw = sa.table("alerts_forward", *(sa.column(each.name) for each in table.columns))
        op.get_bind().execute(sa.insert(raw), [{**row, "level": 0} for row in kept])
