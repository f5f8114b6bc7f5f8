"""The wide inventory: tenants, contacts, racks, software, machines, addresses, certificates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hatang.db.types import JSONText, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEXES = (
    ("inventory_import", "applied_at"),
    ("inventory_software", "end_of_support"),
    ("inventory_software", "licence_expires"),
    ("inventory_redundancy_group", "scope_id"),
    ("inventory_contact", "scope_id"),
    ("inventory_contact", "unit_id"),
    ("inventory_certificate", "contact_id"),
    ("inventory_certificate", "not_after"),
    ("inventory_certificate", "scope_id"),
    ("inventory_certificate", "unit_id"),
    ("inventory_cluster", "scope_id"),
    ("inventory_cluster", "site_id"),
    ("inventory_cluster", "tenant_id"),
    ("inventory_contact_provider", "provider_id"),
    ("inventory_contact_site", "site_id"),
    ("inventory_location", "parent_id"),
    ("inventory_location", "scope_id"),
    ("inventory_zone", "scope_id"),
    ("inventory_zone", "site_id"),
    ("inventory_zone", "unit_id"),
    ("inventory_certificate_service", "service_id"),
    ("inventory_contact_service", "service_id"),
    ("inventory_rack", "location_id"),
    ("inventory_rack", "scope_id"),
    ("inventory_redundancy_group_circuit", "circuit_id"),
    ("inventory_service_endpoint", "scope_id"),
    ("inventory_software_service", "service_id"),
    ("inventory_vlan", "scope_id"),
    ("inventory_vlan", "tenant_id"),
    ("inventory_vlan", "zone_id"),
    ("inventory_prefix", "prefix"),
    ("inventory_prefix", "scope_id"),
    ("inventory_prefix", "site_id"),
    ("inventory_prefix", "tenant_id"),
    ("inventory_prefix", "vlan_id"),
    ("inventory_prefix", "zone_id"),
    ("inventory_certificate_device", "device_id"),
    ("inventory_endpoint", "address"),
    ("inventory_endpoint", "device_id"),
    ("inventory_endpoint", "room_id"),
    ("inventory_endpoint", "scope_id"),
    ("inventory_module", "module_type_id"),
    ("inventory_module", "scope_id"),
    ("inventory_redundancy_group_device", "device_id"),
    ("inventory_software_device", "device_id"),
    ("inventory_storage_volume", "cluster_id"),
    ("inventory_storage_volume", "scope_id"),
    ("inventory_virtual_machine", "cluster_id"),
    ("inventory_virtual_machine", "device_id"),
    ("inventory_virtual_machine", "primary_ip4"),
    ("inventory_virtual_machine", "primary_ip6"),
    ("inventory_virtual_machine", "scope_id"),
    ("inventory_virtual_machine", "site_id"),
    ("inventory_virtual_machine", "software_id"),
    ("inventory_virtual_machine", "tenant_id"),
    ("inventory_virtual_machine", "zone_id"),
    ("inventory_address", "address"),
    ("inventory_address", "interface_id"),
    ("inventory_address", "scope_id"),
    ("inventory_address", "tenant_id"),
    ("inventory_address", "virtual_machine_id"),
    ("inventory_interface_vlan", "vlan_id"),
    ("inventory_service_machine", "virtual_machine_id"),
    ("inventory_software_machine", "virtual_machine_id"),
    ("inventory_volume_machine", "virtual_machine_id"),
    ("inventory_circuit", "contract_expires"),
    ("inventory_circuit", "tenant_id"),
    ("inventory_device", "cluster_id"),
    ("inventory_device", "location_id"),
    ("inventory_device", "primary_ip6"),
    ("inventory_device", "rack_id"),
    ("inventory_device", "software_id"),
    ("inventory_device", "tenant_id"),
    ("inventory_device", "zone_id"),
    ("inventory_room", "contact_id"),
    ("inventory_service", "contact_id"),
    ("inventory_site", "tenant_id"),
)


def _tables_1() -> None:
    """Create tables after those they name."""
    op.create_table(
        "inventory_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.Column("applied_by", sa.String(length=100), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("counts", JSONText(), nullable=False),
        sa.Column("inverse", sa.LargeBinary(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undoes_id"],
            ["inventory_import.id"],
            name=op.f("fk_inventory_import_undoes_id_inventory_import"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_import")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_inventory_import_undoes_id")),
    )
    op.create_table(
        "inventory_software",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("vendor", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("licence", sa.String(length=100), nullable=False),
        sa.Column("licence_count", sa.Integer(), nullable=True),
        sa.Column("licence_expires", sa.Date(), nullable=True),
        sa.Column("end_of_support", sa.Date(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_software")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_inventory_software_name_version")),
    )
    op.create_table(
        "inventory_tenant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_tenant")),
        sa.UniqueConstraint("slug", name=op.f("uq_inventory_tenant_slug")),
    )
    op.create_table(
        "inventory_vrf",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("rd", sa.String(length=32), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_vrf")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_vrf_name")),
        sa.UniqueConstraint("rd", name=op.f("uq_inventory_vrf_rd")),
    )
    op.create_table(
        "inventory_module_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("manufacturer_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("part_number", sa.String(length=64), nullable=False),
        sa.Column("interface_count", sa.Integer(), nullable=True),
        sa.Column("power_port_count", sa.Integer(), nullable=True),
        sa.Column("console_port_count", sa.Integer(), nullable=True),
        sa.Column("definition", JSONText(), nullable=True),
        sa.ForeignKeyConstraint(
            ["manufacturer_id"],
            ["inventory_manufacturer.id"],
            name=op.f("fk_inventory_module_type_manufacturer_id_inventory_manufacturer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_module_type")),
        sa.UniqueConstraint(
            "manufacturer_id", "model", name=op.f("uq_inventory_module_type_manufacturer_id_model")
        ),
    )
    op.create_table(
        "inventory_redundancy_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("protocol", sa.String(length=32), nullable=True),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_redundancy_group_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_redundancy_group")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_redundancy_group_code")),
    )
    op.create_table(
        "inventory_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("function", sa.String(length=255), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("mobile", sa.String(length=32), nullable=False),
        sa.Column("mail", sa.String(length=255), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_contact_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_contact_unit_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_contact")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_contact_code")),
    )
    op.create_table(
        "inventory_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("holder", sa.String(length=255), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=32), nullable=True),
        sa.Column("kept_on", sa.String(length=32), nullable=True),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("not_after", sa.Date(), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["inventory_contact.id"],
            name=op.f("fk_inventory_certificate_contact_id_inventory_contact"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_certificate_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_certificate_unit_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_certificate")),
        sa.UniqueConstraint(
            "serial", "issuer", name=op.f("uq_inventory_certificate_serial_issuer")
        ),
    )
    op.create_table(
        "inventory_cluster",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_cluster_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_cluster_site_id_inventory_site"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["inventory_tenant.id"],
            name=op.f("fk_inventory_cluster_tenant_id_inventory_tenant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_cluster")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_cluster_name")),
    )
    op.create_table(
        "inventory_contact_provider",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["inventory_contact.id"],
            name=op.f("fk_inventory_contact_provider_contact_id_inventory_contact"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["inventory_provider.id"],
            name=op.f("fk_inventory_contact_provider_provider_id_inventory_provider"),
        ),
        sa.PrimaryKeyConstraint(
            "contact_id", "provider_id", name=op.f("pk_inventory_contact_provider")
        ),
    )
    op.create_table(
        "inventory_contact_site",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["inventory_contact.id"],
            name=op.f("fk_inventory_contact_site_contact_id_inventory_contact"),
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_contact_site_site_id_inventory_site"),
        ),
        sa.PrimaryKeyConstraint("contact_id", "site_id", name=op.f("pk_inventory_contact_site")),
    )
    op.create_table(
        "inventory_location",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["inventory_location.id"],
            name=op.f("fk_inventory_location_parent_id_inventory_location"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_location_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_location_site_id_inventory_site"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_location")),
        sa.UniqueConstraint("site_id", "slug", name=op.f("uq_inventory_location_site_id_slug")),
    )
    op.create_table(
        "inventory_zone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_zone_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_zone_site_id_inventory_site"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["inventory_unit.id"],
            name=op.f("fk_inventory_zone_unit_id_inventory_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_zone")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_zone_code")),
    )
    op.create_table(
        "inventory_certificate_service",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["inventory_certificate.id"],
            name=op.f("fk_inventory_certificate_service_certificate_id_inventory_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_certificate_service_service_id_inventory_service"),
        ),
        sa.PrimaryKeyConstraint(
            "certificate_id", "service_id", name=op.f("pk_inventory_certificate_service")
        ),
    )
    op.create_table(
        "inventory_contact_service",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["inventory_contact.id"],
            name=op.f("fk_inventory_contact_service_contact_id_inventory_contact"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_contact_service_service_id_inventory_service"),
        ),
        sa.PrimaryKeyConstraint(
            "contact_id", "service_id", name=op.f("pk_inventory_contact_service")
        ),
    )
    op.create_table(
        "inventory_rack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("u_height", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("asset_tag", sa.String(length=64), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["inventory_location.id"],
            name=op.f("fk_inventory_rack_location_id_inventory_location"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_rack_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_rack_site_id_inventory_site"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_rack")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_inventory_rack_site_id_name")),
    )
    op.create_table(
        "inventory_redundancy_group_circuit",
        sa.Column("redundancy_group_id", sa.Integer(), nullable=False),
        sa.Column("circuit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circuit_id"],
            ["inventory_circuit.id"],
            name=op.f("fk_inventory_redundancy_group_circuit_circuit_id_inventory_circuit"),
        ),
        sa.ForeignKeyConstraint(
            ["redundancy_group_id"],
            ["inventory_redundancy_group.id"],
            name=op.f(
                "fk_inventory_redundancy_group_circuit_redundancy_group_id_inventory_redundancy_group"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "redundancy_group_id", "circuit_id", name=op.f("pk_inventory_redundancy_group_circuit")
        ),
    )


def _tables_2() -> None:
    """Create tables after those they name."""
    op.create_table(
        "inventory_service_endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("probe", sa.String(length=32), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_service_endpoint_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_service_endpoint_service_id_inventory_service"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_service_endpoint")),
        sa.UniqueConstraint(
            "service_id", "name", name=op.f("uq_inventory_service_endpoint_service_id_name")
        ),
    )
    op.create_table(
        "inventory_software_service",
        sa.Column("software_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_software_service_service_id_inventory_service"),
        ),
        sa.ForeignKeyConstraint(
            ["software_id"],
            ["inventory_software.id"],
            name=op.f("fk_inventory_software_service_software_id_inventory_software"),
        ),
        sa.PrimaryKeyConstraint(
            "software_id", "service_id", name=op.f("pk_inventory_software_service")
        ),
    )
    op.create_table(
        "inventory_vlan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("vid", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_vlan_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_vlan_site_id_inventory_site"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["inventory_tenant.id"],
            name=op.f("fk_inventory_vlan_tenant_id_inventory_tenant"),
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["inventory_zone.id"],
            name=op.f("fk_inventory_vlan_zone_id_inventory_zone"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_vlan")),
        sa.UniqueConstraint("site_id", "vid", name=op.f("uq_inventory_vlan_site_id_vid")),
    )
    op.create_table(
        "inventory_prefix",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("prefix", sa.String(length=49), nullable=False),
        sa.Column("vrf_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("vlan_id", sa.Integer(), nullable=True),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("is_pool", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_prefix_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_prefix_site_id_inventory_site"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["inventory_tenant.id"],
            name=op.f("fk_inventory_prefix_tenant_id_inventory_tenant"),
        ),
        sa.ForeignKeyConstraint(
            ["vlan_id"],
            ["inventory_vlan.id"],
            name=op.f("fk_inventory_prefix_vlan_id_inventory_vlan"),
        ),
        sa.ForeignKeyConstraint(
            ["vrf_id"], ["inventory_vrf.id"], name=op.f("fk_inventory_prefix_vrf_id_inventory_vrf")
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["inventory_zone.id"],
            name=op.f("fk_inventory_prefix_zone_id_inventory_zone"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_prefix")),
        sa.UniqueConstraint("vrf_id", "prefix", name=op.f("uq_inventory_prefix_vrf_id_prefix")),
    )
    op.create_table(
        "inventory_certificate_device",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["inventory_certificate.id"],
            name=op.f("fk_inventory_certificate_device_certificate_id_inventory_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_certificate_device_device_id_inventory_device"),
        ),
        sa.PrimaryKeyConstraint(
            "certificate_id", "device_id", name=op.f("pk_inventory_certificate_device")
        ),
    )
    op.create_table(
        "inventory_endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("device_type_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("sip_uri", sa.String(length=255), nullable=True),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("credential", sa.String(length=100), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_endpoint_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["device_type_id"],
            ["inventory_device_type.id"],
            name=op.f("fk_inventory_endpoint_device_type_id_inventory_device_type"),
        ),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["inventory_room.id"],
            name=op.f("fk_inventory_endpoint_room_id_inventory_room"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_endpoint_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_endpoint")),
        sa.UniqueConstraint("code", name=op.f("uq_inventory_endpoint_code")),
    )
    op.create_table(
        "inventory_module",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("bay", sa.String(length=64), nullable=False),
        sa.Column("module_type_id", sa.Integer(), nullable=True),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_module_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["module_type_id"],
            ["inventory_module_type.id"],
            name=op.f("fk_inventory_module_module_type_id_inventory_module_type"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_module_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_module")),
        sa.UniqueConstraint("device_id", "bay", name=op.f("uq_inventory_module_device_id_bay")),
    )
    op.create_table(
        "inventory_redundancy_group_device",
        sa.Column("redundancy_group_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_redundancy_group_device_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["redundancy_group_id"],
            ["inventory_redundancy_group.id"],
            name=op.f(
                "fk_inventory_redundancy_group_device_redundancy_group_id_inventory_redundancy_group"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "redundancy_group_id", "device_id", name=op.f("pk_inventory_redundancy_group_device")
        ),
    )
    op.create_table(
        "inventory_software_device",
        sa.Column("software_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_software_device_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["software_id"],
            ["inventory_software.id"],
            name=op.f("fk_inventory_software_device_software_id_inventory_software"),
        ),
        sa.PrimaryKeyConstraint(
            "software_id", "device_id", name=op.f("pk_inventory_software_device")
        ),
    )
    op.create_table(
        "inventory_storage_volume",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("size_gb", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.String(length=255), nullable=False),
        sa.Column("cluster_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["inventory_cluster.id"],
            name=op.f("fk_inventory_storage_volume_cluster_id_inventory_cluster"),
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_storage_volume_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_storage_volume_scope_id_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_storage_volume")),
        sa.UniqueConstraint(
            "device_id", "name", name=op.f("uq_inventory_storage_volume_device_id_name")
        ),
    )
    op.create_table(
        "inventory_virtual_machine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("cluster_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("platform", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("vcpus", sa.Float(), nullable=True),
        sa.Column("memory_mb", sa.Integer(), nullable=True),
        sa.Column("disk_gb", sa.Integer(), nullable=True),
        sa.Column("primary_ip4", sa.String(length=15), nullable=True),
        sa.Column("primary_ip6", sa.String(length=45), nullable=True),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("software_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster_id"],
            ["inventory_cluster.id"],
            name=op.f("fk_inventory_virtual_machine_cluster_id_inventory_cluster"),
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["inventory_device.id"],
            name=op.f("fk_inventory_virtual_machine_device_id_inventory_device"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_virtual_machine_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"],
            ["inventory_site.id"],
            name=op.f("fk_inventory_virtual_machine_site_id_inventory_site"),
        ),
        sa.ForeignKeyConstraint(
            ["software_id"],
            ["inventory_software.id"],
            name=op.f("fk_inventory_virtual_machine_software_id_inventory_software"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["inventory_tenant.id"],
            name=op.f("fk_inventory_virtual_machine_tenant_id_inventory_tenant"),
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"],
            ["inventory_zone.id"],
            name=op.f("fk_inventory_virtual_machine_zone_id_inventory_zone"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_virtual_machine")),
        sa.UniqueConstraint("name", name=op.f("uq_inventory_virtual_machine_name")),
    )
    op.create_table(
        "inventory_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=49), nullable=False),
        sa.Column("vrf_id", sa.Integer(), nullable=True),
        sa.Column("interface_id", sa.Integer(), nullable=True),
        sa.Column("virtual_machine_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("dns_name", sa.String(length=255), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interface_id"],
            ["inventory_interface.id"],
            name=op.f("fk_inventory_address_interface_id_inventory_interface"),
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["scope.id"], name=op.f("fk_inventory_address_scope_id_scope")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["inventory_tenant.id"],
            name=op.f("fk_inventory_address_tenant_id_inventory_tenant"),
        ),
        sa.ForeignKeyConstraint(
            ["virtual_machine_id"],
            ["inventory_virtual_machine.id"],
            name=op.f("fk_inventory_address_virtual_machine_id_inventory_virtual_machine"),
        ),
        sa.ForeignKeyConstraint(
            ["vrf_id"], ["inventory_vrf.id"], name=op.f("fk_inventory_address_vrf_id_inventory_vrf")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_address")),
        sa.UniqueConstraint("vrf_id", "address", name=op.f("uq_inventory_address_vrf_id_address")),
    )
    op.create_table(
        "inventory_interface_vlan",
        sa.Column("interface_id", sa.Integer(), nullable=False),
        sa.Column("vlan_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interface_id"],
            ["inventory_interface.id"],
            name=op.f("fk_inventory_interface_vlan_interface_id_inventory_interface"),
        ),
        sa.ForeignKeyConstraint(
            ["vlan_id"],
            ["inventory_vlan.id"],
            name=op.f("fk_inventory_interface_vlan_vlan_id_inventory_vlan"),
        ),
        sa.PrimaryKeyConstraint(
            "interface_id", "vlan_id", name=op.f("pk_inventory_interface_vlan")
        ),
    )
    op.create_table(
        "inventory_service_machine",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("virtual_machine_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["inventory_service.id"],
            name=op.f("fk_inventory_service_machine_service_id_inventory_service"),
        ),
        sa.ForeignKeyConstraint(
            ["virtual_machine_id"],
            ["inventory_virtual_machine.id"],
            name=op.f("fk_inventory_service_machine_virtual_machine_id_inventory_virtual_machine"),
        ),
        sa.PrimaryKeyConstraint(
            "service_id", "virtual_machine_id", name=op.f("pk_inventory_service_machine")
        ),
    )
    op.create_table(
        "inventory_software_machine",
        sa.Column("software_id", sa.Integer(), nullable=False),
        sa.Column("virtual_machine_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["software_id"],
            ["inventory_software.id"],
            name=op.f("fk_inventory_software_machine_software_id_inventory_software"),
        ),
        sa.ForeignKeyConstraint(
            ["virtual_machine_id"],
            ["inventory_virtual_machine.id"],
            name=op.f("fk_inventory_software_machine_virtual_machine_id_inventory_virtual_machine"),
        ),
        sa.PrimaryKeyConstraint(
            "software_id", "virtual_machine_id", name=op.f("pk_inventory_software_machine")
        ),
    )
    op.create_table(
        "inventory_volume_machine",
        sa.Column("storage_volume_id", sa.Integer(), nullable=False),
        sa.Column("virtual_machine_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["storage_volume_id"],
            ["inventory_storage_volume.id"],
            name=op.f("fk_inventory_volume_machine_storage_volume_id_inventory_storage_volume"),
        ),
        sa.ForeignKeyConstraint(
            ["virtual_machine_id"],
            ["inventory_virtual_machine.id"],
            name=op.f("fk_inventory_volume_machine_virtual_machine_id_inventory_virtual_machine"),
        ),
        sa.PrimaryKeyConstraint(
            "storage_volume_id", "virtual_machine_id", name=op.f("pk_inventory_volume_machine")
        ),
    )


def _columns_of_circuit() -> None:
    """Add the columns of inventory_circuit."""
    op.add_column("inventory_circuit", sa.Column("type", sa.String(length=32), nullable=True))
    op.add_column("inventory_circuit", sa.Column("upstream_rate_kbps", sa.Integer(), nullable=True))
    op.add_column("inventory_circuit", sa.Column("domestic_rate_kbps", sa.Integer(), nullable=True))
    op.add_column(
        "inventory_circuit", sa.Column("international_rate_kbps", sa.Integer(), nullable=True)
    )
    op.add_column(
        "inventory_circuit",
        sa.Column("contract_number", sa.String(length=100), nullable=False, server_default=""),
    )
    op.add_column("inventory_circuit", sa.Column("contract_expires", sa.Date(), nullable=True))
    op.add_column(
        "inventory_circuit",
        sa.Column("hotline", sa.String(length=64), nullable=False, server_default=""),
    )
    op.add_column(
        "inventory_circuit",
        sa.Column(
            "tenant_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_tenant.id", name=op.f("fk_inventory_circuit_tenant_id_inventory_tenant")
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_circuit",
        sa.Column("description", sa.String(length=255), nullable=False, server_default=""),
    )


def _columns_of_device() -> None:
    """Add the columns of inventory_device."""
    op.add_column(
        "inventory_device",
        sa.Column(
            "location_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_location.id",
                name=op.f("fk_inventory_device_location_id_inventory_location"),
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_device",
        sa.Column(
            "rack_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_rack.id", name=op.f("fk_inventory_device_rack_id_inventory_rack")
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("inventory_device", sa.Column("position", sa.Float(), nullable=True))
    op.add_column("inventory_device", sa.Column("face", sa.String(length=8), nullable=True))
    op.add_column(
        "inventory_device",
        sa.Column(
            "tenant_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_tenant.id", name=op.f("fk_inventory_device_tenant_id_inventory_tenant")
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_device",
        sa.Column(
            "zone_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_zone.id", name=op.f("fk_inventory_device_zone_id_inventory_zone")
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_device",
        sa.Column(
            "cluster_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_cluster.id",
                name=op.f("fk_inventory_device_cluster_id_inventory_cluster"),
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_device",
        sa.Column(
            "software_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_software.id",
                name=op.f("fk_inventory_device_software_id_inventory_software"),
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("inventory_device", sa.Column("asset_tag", sa.String(length=64), nullable=True))
    op.add_column("inventory_device", sa.Column("primary_ip6", sa.String(length=45), nullable=True))
    op.add_column("inventory_device", sa.Column("oob_ip", sa.String(length=45), nullable=True))


def _columns_of_device_type() -> None:
    """Add the columns of inventory_device_type."""
    op.add_column("inventory_device_type", sa.Column("slug", sa.String(length=100), nullable=True))
    op.add_column(
        "inventory_device_type",
        sa.Column("part_number", sa.String(length=64), nullable=False, server_default=""),
    )
    op.add_column("inventory_device_type", sa.Column("u_height", sa.Float(), nullable=True))
    op.add_column(
        "inventory_device_type", sa.Column("interface_count", sa.Integer(), nullable=True)
    )
    op.add_column(
        "inventory_device_type", sa.Column("power_port_count", sa.Integer(), nullable=True)
    )
    op.add_column(
        "inventory_device_type", sa.Column("console_port_count", sa.Integer(), nullable=True)
    )
    op.add_column(
        "inventory_device_type", sa.Column("module_bay_count", sa.Integer(), nullable=True)
    )
    op.add_column("inventory_device_type", sa.Column("definition", JSONText(), nullable=True))


def _columns_of_interface() -> None:
    """Add the columns of inventory_interface."""
    op.add_column("inventory_interface", sa.Column("type", sa.String(length=32), nullable=True))
    op.add_column(
        "inventory_interface",
        sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column(
        "inventory_interface",
        sa.Column("mgmt_only", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("inventory_interface", sa.Column("mtu", sa.Integer(), nullable=True))
    op.add_column(
        "inventory_interface", sa.Column("mac_address", sa.String(length=17), nullable=True)
    )
    op.add_column("inventory_interface", sa.Column("speed_kbps", sa.BigInteger(), nullable=True))
    op.add_column("inventory_interface", sa.Column("mode", sa.String(length=16), nullable=True))
    op.add_column(
        "inventory_interface",
        sa.Column(
            "untagged_vlan_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_vlan.id",
                name=op.f("fk_inventory_interface_untagged_vlan_id_inventory_vlan"),
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_interface",
        sa.Column(
            "lag_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_interface.id",
                name=op.f("fk_inventory_interface_lag_id_inventory_interface"),
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_interface",
        sa.Column(
            "parent_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_interface.id",
                name=op.f("fk_inventory_interface_parent_id_inventory_interface"),
            ),
            nullable=True,
        ),
        inline_references=True,
    )


def _columns_of_manufacturer() -> None:
    """Add the columns of inventory_manufacturer."""
    op.add_column(
        "inventory_manufacturer",
        sa.Column("description", sa.String(length=255), nullable=False, server_default=""),
    )


def _columns_of_provider() -> None:
    """Add the columns of inventory_provider."""
    op.add_column("inventory_provider", sa.Column("asn", sa.BigInteger(), nullable=True))
    op.add_column(
        "inventory_provider",
        sa.Column("account", sa.String(length=100), nullable=False, server_default=""),
    )
    op.add_column("inventory_provider", sa.Column("portal_url", sa.Text(), nullable=True))


def _columns_of_room() -> None:
    """Add the columns of inventory_room."""
    op.add_column(
        "inventory_room",
        sa.Column(
            "contact_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_contact.id", name=op.f("fk_inventory_room_contact_id_inventory_contact")
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column("inventory_room", sa.Column("seats", sa.Integer(), nullable=True))


def _columns_of_service() -> None:
    """Add the columns of inventory_service."""
    op.add_column("inventory_service", sa.Column("tier", sa.Integer(), nullable=True))
    op.add_column(
        "inventory_service",
        sa.Column("status", sa.String(length=32), nullable=False, server_default="active"),
    )
    op.add_column(
        "inventory_service",
        sa.Column(
            "contact_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_contact.id",
                name=op.f("fk_inventory_service_contact_id_inventory_contact"),
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_service",
        sa.Column("external", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "inventory_service",
        sa.Column("party", sa.String(length=255), nullable=False, server_default=""),
    )
    op.add_column(
        "inventory_service",
        sa.Column("description", sa.String(length=255), nullable=False, server_default=""),
    )


def _columns_of_site() -> None:
    """Add the columns of inventory_site."""
    op.add_column(
        "inventory_site",
        sa.Column(
            "tenant_id",
            sa.Integer(),
            sa.ForeignKey(
                "inventory_tenant.id", name=op.f("fk_inventory_site_tenant_id_inventory_tenant")
            ),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "inventory_site",
        sa.Column("phone", sa.String(length=32), nullable=False, server_default=""),
    )


def _columns_of_unit() -> None:
    """Add the columns of inventory_unit."""
    op.add_column(
        "inventory_unit", sa.Column("aliases", JSONText(), nullable=False, server_default="[]")
    )


def upgrade() -> None:
    """Add the tables, the columns that name them, and the indexes."""
    _tables_1()
    _tables_2()
    _columns_of_circuit()
    _columns_of_device()
    _columns_of_device_type()
    _columns_of_interface()
    _columns_of_manufacturer()
    _columns_of_provider()
    _columns_of_room()
    _columns_of_service()
    _columns_of_site()
    _columns_of_unit()
    for table, column in _INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
    op.create_index(
        op.f("ix_inventory_interface_lag_id"),
        "inventory_interface",
        ["lag_id"],
        unique=False,
        sqlite_where=sa.text("lag_id IS NOT NULL"),
        postgresql_where=sa.text("lag_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_inventory_interface_parent_id"),
        "inventory_interface",
        ["parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_inventory_interface_untagged_vlan_id"),
        "inventory_interface",
        ["untagged_vlan_id"],
        unique=False,
        sqlite_where=sa.text("untagged_vlan_id IS NOT NULL"),
        postgresql_where=sa.text("untagged_vlan_id IS NOT NULL"),
    )
