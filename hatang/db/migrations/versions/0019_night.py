"""Shifts handed over, carriers' tickets, work that comes again, and who brings a site its power."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db import JSONText, UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and columns to sites and announced work."""
    with op.batch_alter_table("inventory_site") as site:
        for name, length in (
            ("power_company", 100),
            ("power_hotline", 32),
            ("power_customer_code", 32),
        ):
            site.add_column(
                sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            )
    _series()
    _ticket()
    _handover()


def _series() -> None:
    op.create_table(
        "alerts_maintenance_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("rule", JSONText(), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_maintenance_series")),
    )
    op.create_index(
        op.f("ix_alerts_maintenance_series_scope_id"), "alerts_maintenance_series", ["scope_id"]
    )
    with op.batch_alter_table("alerts_maintenance") as maintenance:
        maintenance.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        maintenance.add_column(sa.Column("notice", sa.Text(), nullable=False, server_default=""))
        maintenance.create_foreign_key(
            op.f("fk_alerts_maintenance_series_id_alerts_maintenance_series"),
            "alerts_maintenance_series",
            ["series_id"],
            ["id"],
        )
        maintenance.create_index(op.f("ix_alerts_maintenance_series_id"), ["series_id"])


def _ticket() -> None:
    op.create_table(
        "alerts_ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=100), nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("promised_at", UTCDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["alerts_incident.id"],
            name=op.f("fk_alerts_ticket_incident_id_alerts_incident"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_ticket")),
    )
    op.create_index(op.f("ix_alerts_ticket_incident_id"), "alerts_ticket", ["incident_id"])


def _handover() -> None:
    op.create_table(
        "alerts_handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("summary", JSONText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_handover")),
    )
    op.create_index(op.f("ix_alerts_handover_at"), "alerts_handover", ["at"])
