"""Where stations are plugged in, and their addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _table(
        "inventory_station",
        ("mac", "device_key", "port"),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column("device_key", sa.String(length=255), nullable=False),
        sa.Column("port", sa.String(length=255), nullable=False),
        sa.Column("vlan", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("behind", sa.String(length=255), nullable=False),
    )
    _table(
        "inventory_station_address",
        ("address", "mac", "device_key"),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("mac", sa.String(length=17), nullable=False),
        sa.Column("device_key", sa.String(length=255), nullable=False),
    )
    op.create_index(
        op.f("ix_inventory_station_address_mac"), "inventory_station_address", ["mac"], unique=False
    )


def _table(name: str, key: tuple[str, ...], *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        *columns,
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f(f"fk_{name}_scope_id_scope"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(*key, name=op.f(f"uq_{name}_{'_'.join(key)}")),
    )
    for column in ("scope_id", "seen_at"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column], unique=False)
