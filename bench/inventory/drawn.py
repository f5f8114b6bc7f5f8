"""The province that is loaded: 700 sites, 10,000 devices, 240,045 interfaces, 10,010 cables.

Every site's switches hang on its first one, by a cable each: a site has 14 devices.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Final

import yaml

from lab import large

if TYPE_CHECKING:
    from pathlib import Path

DEVICES: Final = 10_000
PORTS: Final = 24
HOSTS: Final = 8
MACHINES: Final = 150
FIRST_ADDRESS: Final = IPv4Address("10.100.0.1")


def province() -> dict[str, Any]:
    """Return the big province, each site's switches and every device's ports filled up.

    Eight hosts run a cluster of 150 machines, each with a service on it; six must work.
    """
    rows = large.describe(1)
    devices, sites = rows["devices"], [row["slug"] for row in rows["sites"]]
    hosts = [f"host-{number}" for number in range(1, HOSTS + 1)]
    devices += [
        {**_switch(name, "dc", number), "role": "server", "platform": "linux", "cluster": "kvm"}
        for number, name in enumerate(hosts)
    ]
    found = {device["name"]: device for device in devices}
    for number in range(DEVICES - len(devices)):
        site, turn = sites[number % len(sites)], number // len(sites) + 1
        below = _switch(f"{site}-acc-{turn}", site, HOSTS + number)
        devices.append(below)
        above = found.get(f"{site}-sw-1", found["core-1"])
        rows["links"].append(_cable(above, f"down{turn}", below, "up1"))
    for device in devices:
        named = device["interfaces"]
        named += [{"name": f"port{port}"} for port in range(1, PORTS + 1 - len(named))]
    rows["clusters"] = [{"name": "kvm", "site": "dc"}]
    machines = [f"vm-{number:03}" for number in range(MACHINES)]
    rows["virtual_machines"] = [{"name": name, "cluster": "kvm"} for name in machines]
    group = {"code": "hosts", "name": "Máy chủ ảo hóa", "kind": "server"}
    rows["redundancy_groups"] = [{**group, "required": 6, "devices": hosts}]
    rows["services"] = [
        {
            "code": f"sv-{name}",
            "name": f"Hệ thống {name}",
            "kind": "web",
            "unit": "so-khcn",
            "virtual_machines": [name],
        }
        for name in machines
    ]
    return rows


def written(folder: Path) -> Path:
    """Return the file of the big province, written into `folder`."""
    file = folder / "province.yaml"
    file.write_text(yaml.dump(province(), Dumper=yaml.CSafeDumper, allow_unicode=True), "utf-8")
    return file


def _switch(name: str, site: str, number: int) -> dict[str, Any]:
    return {
        "name": name,
        "site": site,
        "role": "switch",
        "platform": "cisco_ios",
        "primary_ip4": str(FIRST_ADDRESS + number),
        "interfaces": [],
    }


def _cable(above: dict[str, Any], port: str, below: dict[str, Any], uplink: str) -> dict[str, Any]:
    above["interfaces"].append({"name": port})
    below["interfaces"].append({"name": uplink})
    return {"a": f"{above['name']}:{port}", "b": f"{below['name']}:{uplink}"}
