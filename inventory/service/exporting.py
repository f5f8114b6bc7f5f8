"""The inventory as files for others: our own YAML, and Ansible's dynamic inventory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from hatang.errors import DeniedError
from inventory import snapshot
from inventory.choices import ElementKind
from inventory.rows import EVERYTHING
from inventory.schemas import SECTIONS, VERSION
from inventory.service.reading import READ, list_devices

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.records import Fields
    from inventory.rows import DeviceRow
    from inventory.schemas import Row
    from inventory.snapshot import Snapshot

_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_NO_GROUP_LETTER: Final = re.compile(r"[^A-Za-z0-9_]")


def export_yaml(session: AnySession, actor: Actor) -> str:
    """Return the whole inventory as one file that `plan_import` finds unchanged.

    Credentials appear by name only, because no more is kept here.

    Raises:
        DeniedError: the actor does not reach the whole province.
    """
    if actor.acting(READ).scope_ids is not None:
        raise DeniedError(f"{actor.name} may not export the whole province")
    base = snapshot.take(session)
    document: dict[str, Any] = {"version": VERSION}
    interfaces = _interfaces(base)
    for section, schema in SECTIONS.items():
        kind = schema.kind_of_row
        rows = [_row(schema, key, base) for key in sorted(base.fields[kind])]
        if kind is ElementKind.DEVICE:
            rows = [_with_interfaces(row, interfaces) for row in rows]
        if rows:
            document[section] = rows
    text = yaml.dump(document, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100)
    return str(text)


def _row(schema: type[Row], key: str, base: Snapshot) -> Fields:
    held = base.fields[schema.kind_of_row][key]
    fields = {name: value for name, value in held.items() if _says(value)}
    if "device_type" in fields:
        of_type = base.fields[ElementKind.DEVICE_TYPE][fields.pop("device_type")]
        fields |= of_type
    return fields if len(schema.key_fields) > 1 else {schema.key_fields[0]: key, **fields}


def _says(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _with_interfaces(row: Fields, interfaces: dict[str, list[Fields]]) -> Fields:
    own = interfaces.get(row["name"], [])
    return {**row, "interfaces": own} if own else row


def _interfaces(base: Snapshot) -> dict[str, list[Fields]]:
    by_device: dict[str, list[Fields]] = {}
    for fields in base.fields[ElementKind.INTERFACE].values():
        row = {name: fields[name] for name in ("name", "description") if fields[name]}
        by_device.setdefault(fields["device"], []).append(row)
    return by_device


def ansible_inventory(session: AnySession, actor: Actor) -> dict[str, Any]:
    """Return the devices the actor sees as the JSON of a dynamic inventory script (`--list`).

    Every string is marked unsafe: ansible-core would otherwise render a value such as a site's
    name as a template, on the controller.
    """
    devices = list_devices(session, actor, EVERYTHING).items
    groups: dict[str, dict[str, list[str]]] = {}
    for device in devices:
        for name in _groups(device):
            groups.setdefault(name, {"hosts": []})["hosts"].append(device.name)
    hostvars = {device.name: _unsafe(_variables(device)) for device in devices}
    everything = {"children": sorted(groups)}
    return {"_meta": {"hostvars": hostvars}, "all": everything, **groups}


def _groups(device: DeviceRow) -> list[str]:
    named = (
        ("role", device.role),
        ("platform", device.platform),
        ("site", device.site),
        ("unit", device.unit),
        ("status", device.status),
    )
    return [_NO_GROUP_LETTER.sub("_", f"{prefix}_{value}") for prefix, value in named]


def _variables(device: DeviceRow) -> dict[str, Any]:
    return {
        "ansible_host": device.primary_ip4 or device.name,
        "ansible_port": device.ports.get("ssh", 22),
        "hatang_device_key": device.device_key,
        "hatang_role": device.role,
        "hatang_platform": device.platform,
        "hatang_site": device.site,
        "hatang_site_name": device.site_name,
        "hatang_unit": device.unit,
        "hatang_status": device.status,
        "hatang_serial": device.serial,
        "hatang_manufacturer": device.manufacturer,
        "hatang_model": device.model,
        "hatang_credentials": device.credentials,
    }


def _unsafe(value: Any) -> Any:
    if isinstance(value, str):
        return {"__ansible_unsafe": value}
    if isinstance(value, dict):
        return {key: _unsafe(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_unsafe(one) for one in value]
    return value
