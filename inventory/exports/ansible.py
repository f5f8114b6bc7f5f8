"""Devices as an Ansible inventory: the JSON that an inventory script prints for `--list`.

Every string of a device is marked `__ansible_unsafe`: ansible-core would otherwise render a value
such as a site's name as a template, on the controller.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from inventory import platforms
from inventory.rows import EVERYTHING
from inventory.service.reading import get_device, list_devices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow

_NO_GROUP_LETTER: Final = re.compile(r"[^A-Za-z0-9_]")
_SSH_PORT: Final = 22
GROUPED: Final = ("site", "unit", "role", "platform", "status")


def ansible_inventory(session: AnySession, actor: Actor) -> dict[str, Any]:
    """Return the devices the actor sees, grouped, with the variables of each."""
    return document(list_devices(session, actor, EVERYTHING).items)


def ansible_host(session: AnySession, actor: Actor, name: str) -> dict[str, Any]:
    """Return the variables of one device, what an inventory script prints for `--host`.

    Raises:
        NotFoundError: there is no such device, or the actor does not see it.
    """
    marked: dict[str, Any] = unsafe(variables(get_device(session, actor, name)))
    return marked


def document(devices: Iterable[DeviceRow]) -> dict[str, Any]:
    """Return `devices` as one inventory; groups are called `site_dc`, `role_hub` and the like."""
    groups: dict[str, dict[str, list[str]]] = {}
    hostvars: dict[str, Any] = {}
    for device in devices:
        hostvars[device.name] = unsafe(variables(device))
        for name in groups_of(device):
            groups.setdefault(name, {"hosts": []})["hosts"].append(device.name)
    return {"_meta": {"hostvars": hostvars}, "all": {"children": sorted(groups)}, **groups}


def groups_of(device: DeviceRow) -> list[str]:
    """Return the names of the groups a device belongs to."""
    return [group_name(prefix, getattr(device, prefix)) for prefix in GROUPED]


def group_name(prefix: str, value: str) -> str:
    """Return the group of what has `value`, in the letters Ansible allows."""
    return _NO_GROUP_LETTER.sub("_", f"{prefix}_{value}")


def variables(device: DeviceRow) -> dict[str, Any]:
    """Return what Ansible knows of a device; names of credentials stay here."""
    found = {
        "ansible_host": device.primary_ip4 or device.name,
        "ansible_port": device.ports.get("ssh", _SSH_PORT),
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
    }
    collection = platforms.drivers(device.platform).ansible
    return found if collection is None else {**found, "ansible_network_os": collection}


def unsafe(value: Any) -> Any:
    """Return `value` with every string in it marked as data."""
    if isinstance(value, str):
        return {"__ansible_unsafe": value}
    if isinstance(value, dict):
        return {key: unsafe(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [unsafe(one) for one in value]
    return value
