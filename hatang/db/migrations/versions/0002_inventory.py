"""The inventory: organisations, places, devices, cables, circuits, services, rooms, bridges."""

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inventory_manufacturer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_manufacturer")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_manufacturer_name")),
    )
    op.create_table(
        "inventory_provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("hotline", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_provider")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_provider_name")),
    )
    op.create_table(
        "inventory_device_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("manufacturer_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"],
            ["inventory_manufacturer.id"],
            name=op.f("fk_inventory_device_type_manufacturer_id_inventory_manufacturer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_device_type")),
        sa.UniqueConstraint(
            "manufacturer_id", "model", name=op.f("uq_inventory_device_type_manufacturer_id_model")
        ),
    )
    op.create_table(
        "inventory_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("element_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("intended", JSONText(), nullable=True),
        sa.Column("observed", JSONText(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("observed_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_field_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_field")),
        sa.UniqueConstraint(
            "kind", "element_id", "field", name=op.f("uq_inventory_field_kind_element_id_field")
        ),
    )
    op.create_index(
        op.f("ix_inventory_field_scope_id"), "inventory_field", ["scope_id"], unique=False
    )
    op.create_table(
        "inventory_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_unit_parent_id_inventory_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_unit_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_unit_code")),
    )
    op.create_index(
        op.f("ix_inventory_unit_parent_id"), "inventory_unit", ["parent_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_unit_scope_id"), "inventory_unit", ["scope_id"], unique=False
    )
    op.create_table(
        "inventory_service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_service_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_service_unit_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_service")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_service_code")),
    )
    op.create_index(
        op.f("ix_inventory_service_scope_id"), "inventory_service", ["scope_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_service_unit_id"), "inventory_service", ["unit_id"], unique=False
    )
    op.create_table(
        "inventory_site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_site_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_site_unit_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_site")),
        sa.UniqueConstraint("slug", name=op.f("uq_inventory_site_slug")),
    )
    op.create_index(
        op.f("ix_inventory_site_scope_id"), "inventory_site", ["scope_id"], unique=False
    )
    op.create_index(op.f("ix_inventory_site_unit_id"), "inventory_site", ["unit_id"], unique=False)
    op.create_table(
        "inventory_circuit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("cid", sa.String(length=100), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("a_site_id", sa.Integer(), nullable=False),
        sa.Column("z_site_id", sa.Integer(), nullable=False),
        sa.Column("commit_rate_kbps", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["a_site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_circuit_a_site_id_inventory_site"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["inventory_provider.id"],
            name=op.f("fk_inventory_circuit_provider_id_inventory_provider"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_circuit_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["z_site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_circuit_z_site_id_inventory_site"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_circuit")),
        sa.UniqueConstraint("cid", name=op.f("uq_inventory_circuit_cid")),
    )
    op.create_index(
        op.f("ix_inventory_circuit_a_site_id"), "inventory_circuit", ["a_site_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_circuit_provider_id"), "inventory_circuit", ["provider_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_circuit_scope_id"), "inventory_circuit", ["scope_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_circuit_z_site_id"), "inventory_circuit", ["z_site_id"], unique=False
    )
    op.create_table(
        "inventory_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_key", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("device_type_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("primary_ip4", sa.String(length=15), nullable=True),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("ports", JSONText(), nullable=False),
        sa.Column("credentials", JSONText(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_type_id"],
            ["inventory_device_type.id"],
            name=op.f("fk_inventory_device_device_type_id_inventory_device_type"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_device_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_device_site_id_inventory_site"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_device")),
        sa.UniqueConstraint("device_key", name=op.f("uq_inventory_device_device_key")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_device_name")),
    )
    op.create_index(
        op.f("ix_inventory_device_primary_ip4"), "inventory_device", ["primary_ip4"], unique=False
    )
    op.create_index(op.f("ix_inventory_device_role"), "inventory_device", ["role"], unique=False)
    op.create_index(
        op.f("ix_inventory_device_scope_id"), "inventory_device", ["scope_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_device_site_id"), "inventory_device", ["site_id"], unique=False
    )
    op.create_table(
        "inventory_room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("sip_uri", sa.String(length=255), nullable=True),
        sa.Column("contact_phone", sa.String(length=32), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_room_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_room_site_id_inventory_site"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_room")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_room_code")),
    )
    op.create_index(
        op.f("ix_inventory_room_scope_id"), "inventory_room", ["scope_id"], unique=False
    )
    op.create_index(op.f("ix_inventory_room_site_id"), "inventory_room", ["site_id"], unique=False)
    op.create_table(
        "inventory_service_dependency",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("depends_on_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["depends_on_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_service_dependency_depends_on_id_inventory_service"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_service_dependency_service_id_inventory_service"),
        ),
        sa.PrimaryKeyConstraint(
            "service_id", "depends_on_id", name=op.f("pk_inventory_service_dependency")
        ),
    )
    op.create_index(
        op.f("ix_inventory_service_dependency_depends_on_id"),
        "inventory_service_dependency",
        ["depends_on_id"],
        unique=False,
    )
    op.create_table(
        "inventory_bridge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("driver", sa.String(length=32), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("admin_url", sa.Text(), nullable=True),
        sa.Column("credential", sa.String(length=100), nullable=True),
        sa.Column("capacity_ports", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_bridge_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_bridge_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_bridge")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_bridge_code")),
    )
    op.create_index(
        op.f("ix_inventory_bridge_device_id"), "inventory_bridge", ["device_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_bridge_scope_id"), "inventory_bridge", ["scope_id"], unique=False
    )
    op.create_table(
        "inventory_interface",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_interface_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_interface_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_interface")),
        sa.UniqueConstraint(
            "device_id", "name", name=op.f("uq_inventory_interface_device_id_name")
        ),
    )
    op.create_index(
        op.f("ix_inventory_interface_scope_id"), "inventory_interface", ["scope_id"], unique=False
    )
    op.create_table(
        "inventory_registrar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("credential", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_registrar_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_registrar_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_registrar")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_registrar_code")),
    )
    op.create_index(
        op.f("ix_inventory_registrar_device_id"), "inventory_registrar", ["device_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_registrar_scope_id"), "inventory_registrar", ["scope_id"], unique=False
    )
    op.create_table(
        "inventory_service_device",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_service_device_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_service_device_service_id_inventory_service"),
        ),
        sa.PrimaryKeyConstraint(
            "service_id", "device_id", name=op.f("pk_inventory_service_device")
        ),
    )
    op.create_index(
        op.f("ix_inventory_service_device_device_id"),
        "inventory_service_device",
        ["device_id"],
        unique=False,
    )
    op.create_table(
        "inventory_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("a_interface_id", sa.Integer(), nullable=False),
        sa.Column("z_interface_id", sa.Integer(), nullable=False),
        sa.Column("circuit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["a_interface_id"],
            ["inventory_interface.id"],
            name=op.f("fk_inventory_link_a_interface_id_inventory_interface"),
        ),
        sa.ForeignKeyConstraint(
            ["circuit_id"],
            ["inventory_circuit.id"],
            name=op.f("fk_inventory_link_circuit_id_inventory_circuit"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_link_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["z_interface_id"],
            ["inventory_interface.id"],
            name=op.f("fk_inventory_link_z_interface_id_inventory_interface"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_link")),
        sa.UniqueConstraint("a_interface_id", name=op.f("uq_inventory_link_a_interface_id")),
        sa.UniqueConstraint("z_interface_id", name=op.f("uq_inventory_link_z_interface_id")),
    )
    op.create_index(
        op.f("ix_inventory_link_circuit_id"), "inventory_link", ["circuit_id"], unique=False
    )
    op.create_index(
        op.f("ix_inventory_link_scope_id"), "inventory_link", ["scope_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_inventory_link_scope_id"), table_name="inventory_link")
    op.drop_index(op.f("ix_inventory_link_circuit_id"), table_name="inventory_link")
    op.drop_table("inventory_link")
    op.drop_index(
        op.f("ix_inventory_service_device_device_id"), table_name="inventory_service_device"
    )
    op.drop_table("inventory_service_device")
    op.drop_index(op.f("ix_inventory_registrar_scope_id"), table_name="inventory_registrar")
    op.drop_index(op.f("ix_inventory_registrar_device_id"), table_name="inventory_registrar")
    op.drop_table("inventory_registrar")
    op.drop_index(op.f("ix_inventory_interface_scope_id"), table_name="inventory_interface")
    op.drop_table("inventory_interface")
    op.drop_index(op.f("ix_inventory_bridge_scope_id"), table_name="inventory_bridge")
    op.drop_index(op.f("ix_inventory_bridge_device_id"), table_name="inventory_bridge")
    op.drop_table("inventory_bridge")
    op.drop_index(
        op.f("ix_inventory_service_dependency_depends_on_id"),
        table_name="inventory_service_dependency",
    )
    op.drop_table("inventory_service_dependency")
    op.drop_index(op.f("ix_inventory_room_site_id"), table_name="inventory_room")
    op.drop_index(op.f("ix_inventory_room_scope_id"), table_name="inventory_room")
    op.drop_table("inventory_room")
    op.drop_index(op.f("ix_inventory_device_site_id"), table_name="inventory_device")
    op.drop_index(op.f("ix_inventory_device_scope_id"), table_name="inventory_device")
    op.drop_index(op.f("ix_inventory_device_role"), table_name="inventory_device")
    op.drop_index(op.f("ix_inventory_device_primary_ip4"), table_name="inventory_device")
    op.drop_table("inventory_device")
    op.drop_index(op.f("ix_inventory_circuit_z_site_id"), table_name="inventory_circuit")
    op.drop_index(op.f("ix_inventory_circuit_scope_id"), table_name="inventory_circuit")
    op.drop_index(op.f("ix_inventory_circuit_provider_id"), table_name="inventory_circuit")
    op.drop_index(op.f("ix_inventory_circuit_a_site_id"), table_name="inventory_circuit")
    op.drop_table("inventory_circuit")
    op.drop_index(op.f("ix_inventory_site_unit_id"), table_name="inventory_site")
    op.drop_index(op.f("ix_inventory_site_scope_id"), table_name="inventory_site")
    op.drop_table("inventory_site")
    op.drop_index(op.f("ix_inventory_service_unit_id"), table_name="inventory_service")
    op.drop_index(op.f("ix_inventory_service_scope_id"), table_name="inventory_service")
    op.drop_table("inventory_service")
    op.drop_index(op.f("ix_inventory_unit_scope_id"), table_name="inventory_unit")
    op.drop_index(op.f("ix_inventory_unit_parent_id"), table_name="inventory_unit")
    op.drop_table("inventory_unit")
    op.drop_index(op.f("ix_inventory_field_scope_id"), table_name="inventory_field")
    op.drop_table("inventory_field")
    op.drop_table("inventory_device_type")
    op.drop_table("inventory_provider")
    op.drop_table("inventory_manufacturer")
