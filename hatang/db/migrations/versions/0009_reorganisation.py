"""Reorganisations, and what units and their belongings were before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of reorganisations."""
    op.create_table(
        "inventory_unit_past",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_unit_past_parent_id_inventory_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_unit_past_unit_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_unit_past")),
    )
    op.create_index(op.f("ix_inventory_unit_past_unit_id"), "inventory_unit_past", ["unit_id"])
    op.create_index(op.f("ix_inventory_unit_past_code"), "inventory_unit_past", ["code"])
    op.create_table(
        "inventory_unit_succession",
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_unit_succession_predecessor_id_inventory_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_unit_succession_successor_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint(
            "predecessor_id",
            "successor_id",
            "effective_on",
            name=op.f("pk_inventory_unit_succession"),
        ),
    )
    op.create_index(
        op.f("ix_inventory_unit_succession_successor_id"),
        "inventory_unit_succession",
        ["successor_id"],
    )
    op.create_table(
        "inventory_belonged",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("element_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_belonged_unit_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_belonged")),
    )
    op.create_index(
        op.f("ix_inventory_belonged_kind_element_id"),
        "inventory_belonged",
        ["kind", "element_id"],
    )
    op.create_index(op.f("ix_inventory_belonged_unit_id"), "inventory_belonged", ["unit_id"])
    op.create_table(
        "inventory_reorganisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.Column("applied_by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_reorganisation")),
    )
    op.create_index(
        op.f("ix_inventory_reorganisation_effective_on"),
        "inventory_reorganisation",
        ["effective_on"],
    )
    op.create_index(
        op.f("ix_inventory_reorganisation_state"), "inventory_reorganisation", ["state"]
    )


def downgrade() -> None:
    """Drop the tables of reorganisations."""
    op.drop_index(op.f("ix_inventory_reorganisation_state"), table_name="inventory_reorganisation")
    op.drop_index(
        op.f("ix_inventory_reorganisation_effective_on"), table_name="inventory_reorganisation"
    )
    op.drop_table("inventory_reorganisation")
    op.drop_index(op.f("ix_inventory_belonged_unit_id"), table_name="inventory_belonged")
    op.drop_index(op.f("ix_inventory_belonged_kind_element_id"), table_name="inventory_belonged")
    op.drop_table("inventory_belonged")
    op.drop_index(
        op.f("ix_inventory_unit_succession_successor_id"), table_name="inventory_unit_succession"
    )
    op.drop_table("inventory_unit_succession")
    op.drop_index(op.f("ix_inventory_unit_past_code"), table_name="inventory_unit_past")
    op.drop_index(op.f("ix_inventory_unit_past_unit_id"), table_name="inventory_unit_past")
    op.drop_table("inventory_unit_past")
