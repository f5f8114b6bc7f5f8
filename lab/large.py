"""A province of 700 sites that exists on paper only: for load, not for polling."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random
from typing import Any

from lab.names import DEPARTMENTS, PROVIDERS, commune_names

Row = dict[str, Any]

SITES = 700
HUBS = 30
COMMUNES = SITES - 1 - HUBS - len(DEPARTMENTS)
FIRST_ADDRESS = IPv4Address("10.64.0.1")
WARD_SHARE = 0.2
ROOM_SHARE = 0.6
SINGLE_HOMED_SHARE = 0.2
RATES_KBPS = (10_000, 20_000, 50_000, 100_000)
ROUTERS = (("frr", "FRRouting", "router"), ("cisco_ios", "Cisco", "ISR4331"),
           ("mikrotik_routeros", "MikroTik", "CCR1009"))  # fmt: skip
SWITCHES = (("cisco_ios", "Cisco", "WS-C2960X-24TS-L"), ("arista_eos", "Arista", "vEOS"),
            ("huawei_vrp", "Huawei", "S5735-L24T4S"))  # fmt: skip


class Paper:
    """Writes the rows of one big province; the same seed writes the same rows."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a drawing, not a secret
        self.rows: dict[str, list[Row]] = {
            "units": [],
            "sites": [],
            "devices": [],
            "providers": [{"name": name, "hotline": hotline} for name, hotline in PROVIDERS],
            "circuits": [],
            "links": [],
            "rooms": [],
        }
        self._ports: dict[str, int] = {}

    def describe(self) -> dict[str, list[Row]]:
        """Return all sections."""
        self._unit("tinh", "Ủy ban nhân dân tỉnh", "province", None)
        for code, name in DEPARTMENTS:
            self._unit(code, name, "department", "tinh")
        self._data_centre()
        names = commune_names(COMMUNES + HUBS, self.random)
        for number in range(1, HUBS + 1):
            self._hub(number, names[number - 1])
        for number, (code, name) in enumerate(DEPARTMENTS, 1):
            self._site(code, f"Trụ sở {name}", "department", code)
            self._device(f"{code}-sw-1", code, "switch", SWITCHES)
            self._connect(f"core-{number % 2 + 1}", f"{code}-sw-1", "dc", code)
        for number in range(1, COMMUNES + 1):
            self._commune(number, names[HUBS + number - 1])
        return self.rows

    def _unit(self, code: str, name: str, kind: str, parent: str | None) -> None:
        row = {"code": code, "name": name, "kind": kind, "parent": parent}
        self.rows["units"].append(row)

    def _site(self, slug: str, name: str, kind: str, unit: str) -> None:
        row: Row = {"slug": slug, "name": name, "kind": kind, "unit": unit}
        row["latitude"] = round(16.4 + self.random.uniform(-0.6, 0.6), 5)
        row["longitude"] = round(107.5 + self.random.uniform(-0.8, 0.8), 5)
        self.rows["sites"].append(row)

    def _device(self, name: str, site: str, role: str, models: tuple[tuple[str, ...], ...]) -> None:
        platform, manufacturer, model = self.random.choice(models)
        self.rows["devices"].append(
            {
                "name": name,
                "site": site,
                "role": role,
                "platform": platform,
                "manufacturer": manufacturer,
                "model": model,
                "primary_ip4": str(FIRST_ADDRESS + len(self.rows["devices"])),
                "status": "active",
                "credentials": {"snmp": "tinh-snmp"},
                "interfaces": [],
            }
        )
        self._ports[name] = len(self.rows["devices"]) - 1

    def _port(self, device: str, peer: str) -> str:
        interfaces = self.rows["devices"][self._ports[device]]["interfaces"]
        name = f"eth{len(interfaces) + 1}"
        interfaces.append({"name": name, "description": f"to {peer}"})
        return f"{device}:{name}"

    def _cable(self, a: str, z: str) -> Row:
        link = {"a": self._port(a, z), "b": self._port(z, a)}
        self.rows["links"].append(link)
        return link

    def _connect(self, a: str, z: str, site_a: str, site_z: str) -> None:
        provider = self.random.choice(PROVIDERS)[0]
        cid = f"{provider}-{len(self.rows['circuits']) + 1:04}"
        rate = self.random.choice(RATES_KBPS)
        row = {"cid": cid, "provider": provider, "a": site_a, "z": site_z, "commit_rate_kbps": rate}
        self.rows["circuits"].append(row)
        self._cable(a, z)["circuit"] = cid

    def _data_centre(self) -> None:
        self._site("dc", "Trung tâm dữ liệu tỉnh", "datacentre", "so-khcn")
        for name in ("core-1", "core-2"):
            self._device(name, "dc", "core", ROUTERS[:2])
        self._cable("core-1", "core-2")

    def _hub(self, number: int, name: str) -> None:
        hub = f"hub-{number:02}"
        self._site(hub, f"Điểm tập trung {name}", "hub", "so-khcn")
        self._device(hub, hub, "hub", ROUTERS[:2])
        self._device(f"{hub}-sw-1", hub, "switch", SWITCHES)
        self._device(f"ups-{hub}", hub, "ups", (("ups_rfc1628", "APC", "SRT3000"),))
        first, second = ("core-1", "core-2") if number % 2 else ("core-2", "core-1")
        self._connect(first, hub, "dc", hub)
        if self.random.random() > SINGLE_HOMED_SHARE:
            self._connect(second, hub, "dc", hub)
        self._cable(hub, f"{hub}-sw-1")
        self._cable(f"{hub}-sw-1", f"ups-{hub}")

    def _commune(self, number: int, name: str) -> None:
        code, hub = f"xa-{number:03}", f"hub-{number % HUBS + 1:02}"
        ward = self.random.random() < WARD_SHARE
        title = f"{'Phường' if ward else 'Xã'} {name}"
        self._unit(code, title, "ward" if ward else "commune", "tinh")
        self._site(code, f"Trụ sở UBND {title.lower()[0]}{title[1:]}", "commune", code)
        self._device(code, code, "commune-router", ROUTERS)
        self._device(f"{code}-sw-1", code, "switch", SWITCHES)
        self._connect(hub, code, hub, code)
        self._cable(code, f"{code}-sw-1")
        if self.random.random() < ROOM_SHARE:
            self.rows["rooms"].append(
                {"code": f"room-{code}", "name": f"Phòng họp {title}", "site": code}
            )


def describe(seed: int) -> Row:
    """Return the whole inventory file of the big province."""
    province = {"code": "98", "name": "Tỉnh Tải Trọng"}
    return {"version": 1, "province": province} | Paper(seed).describe()
