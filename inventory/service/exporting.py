"""The inventory as files for others: our own YAML, and Ansible's dynamic inventory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from hatang.errors import DeniedError
from inventory import snapshot
from inventory.kinds.registry import KINDS
from inventory.rows import EVERYTHING
from inventory.schemas import VERSION
from inventory.service.reading import READ, list_devices

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.kinds.kind import Kind
    from inventory.records import Fields
    from inventory.rows import DeviceRow
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
    for kind in KINDS.values():
        if kind.nested_in is not None:
            continue
        inside = {name: _inside(KINDS[inner], base) for name, inner in kind.nested.items()}
        rows = [
            _row(kind, key, base)
            | {name: rows[key] for name, rows in inside.items() if key in rows}
            for key in sorted(base.fields[kind.kind])
        ]
        if rows:
            document[kind.section] = rows
    text = yaml.dump(document, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100)
    return str(text)


def _row(kind: Kind, key: str, base: Snapshot) -> Fields:
    held = base.fields[kind.kind][key]
    fields = {} if kind.single_key is None else {kind.single_key: key}
    fields |= {name: value for name, value in held.items() if _says(value)}
    for name, composite in kind.composites.items():
        if name in fields:
            of_target = base.fields[composite.target][fields.pop(name)]
            fields |= {part: of_target[part] for part in composite.names}
    order = [name for name in kind.row.model_fields if name in fields]
    return {name: fields[name] for name in order}


def _says(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _inside(kind: Kind, base: Snapshot) -> dict[str, list[Fields]]:
    """Return the rows of a kind that stand inside rows of another, by the key of that one."""
    owner = kind.row.key_fields[0]
    rows: dict[str, list[Fields]] = {}
    for key in base.fields[kind.kind]:
        row = _row(kind, key, base)
        rows.setdefault(row.pop(owner), []).append(row)
    return rows


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
