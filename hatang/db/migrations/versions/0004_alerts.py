"""What was heard, incidents, acknowledgements, maintenance and the forward ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of alerts."""
    op.create_table(
        "alerts_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=16), nullable=False),
        sa.Column("labels", JSONText(), nullable=False),
        sa.Column("annotations", JSONText(), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=True),
        sa.Column("generator_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_alert")),
        sa.UniqueConstraint(
            "sender", "fingerprint", name=op.f("uq_alerts_alert_sender_fingerprint")
        ),
    )
    op.create_index(op.f("ix_alerts_alert_element"), "alerts_alert", ["element"], unique=False)
    op.create_index(
        op.f("ix_alerts_alert_fingerprint"), "alerts_alert", ["fingerprint"], unique=False
    )
    op.create_table(
        "alerts_check",
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("health", sa.String(length=16), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("element", name=op.f("pk_alerts_check")),
    )
    op.create_table(
        "alerts_incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(length=300), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("alertname", sa.String(length=100), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("labels", JSONText(), nullable=True),
        sa.Column("bad_since", UTCDateTime(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("first_forwarded_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_incident")),
    )
    op.create_index(op.f("ix_alerts_incident_fault"), "alerts_incident", ["fault"], unique=False)
    op.create_index(
        op.f("ix_alerts_incident_scope_id_opened_at"),
        "alerts_incident",
        ["scope_id", "opened_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_alerts_incident_state_opened_at"),
        "alerts_incident",
        ["state", "opened_at"],
        unique=False,
    )
    op.create_table(
        "alerts_lease",
        sa.Column("duty", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("duty", name=op.f("pk_alerts_lease")),
    )
    op.create_table(
        "alerts_maintenance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("elements", JSONText(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_maintenance")),
    )
    op.create_index(
        op.f("ix_alerts_maintenance_scope_id"), "alerts_maintenance", ["scope_id"], unique=False
    )
    op.create_index(
        op.f("ix_alerts_maintenance_starts_at_ends_at"),
        "alerts_maintenance",
        ["starts_at", "ends_at"],
        unique=False,
    )
    op.create_table(
        "alerts_pending",
        sa.Column("fault", sa.String(length=300), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("fault", name=op.f("pk_alerts_pending")),
    )
    op.create_table(
        "alerts_silence",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("matchers", JSONText(), nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_silence")),
    )
    op.create_table(
        "alerts_acknowledgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["alerts_incident.id"],
            name=op.f("fk_alerts_acknowledgement_incident_id_alerts_incident"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_acknowledgement")),
    )
    op.create_index(
        op.f("ix_alerts_acknowledgement_incident_id"),
        "alerts_acknowledgement",
        ["incident_id"],
        unique=False,
    )
    op.create_table(
        "alerts_forward",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("alertmanager", sa.String(length=255), nullable=False),
        sa.Column("fired_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_at", UTCDateTime(), nullable=True),
        sa.Column("silence_id", sa.String(length=36), nullable=False),
        sa.Column("silence_ends_at", UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["alerts_incident.id"],
            name=op.f("fk_alerts_forward_incident_id_alerts_incident"),
        ),
        sa.PrimaryKeyConstraint("incident_id", "alertmanager", name=op.f("pk_alerts_forward")),
    )
    op.create_table(
        "alerts_incident_effect",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("element", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("impact", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["alerts_incident.id"],
            name=op.f("fk_alerts_incident_effect_incident_id_alerts_incident"),
        ),
        sa.PrimaryKeyConstraint("incident_id", "element", name=op.f("pk_alerts_incident_effect")),
    )
    op.create_table(
        "alerts_incident_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("detail", JSONText(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["alerts_incident.id"],
            name=op.f("fk_alerts_incident_event_incident_id_alerts_incident"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts_incident_event")),
    )
    op.create_index(
        op.f("ix_alerts_incident_event_incident_id"),
        "alerts_incident_event",
        ["incident_id"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables of alerts."""
    for table in (
        "alerts_incident_event",
        "alerts_incident_effect",
        "alerts_forward",
        "alerts_acknowledgement",
        "alerts_silence",
        "alerts_pending",
        "alerts_maintenance",
        "alerts_lease",
        "alerts_incident",
        "alerts_check",
        "alerts_alert",
    ):
        op.drop_table(table)
