"""Collects the rows of one province, as an inventory file has them."""

from __future__ import annotations

from ipaddress import IPv4Address
from random import Random
from typing import Any, Final

from lab.names import PROVIDERS, commune_names

Row = dict[str, Any]
INVENTED: Final = " (tên giả định)"
DC: Final = "dc"
PROVINCE: Final = "tinh"
MODELS: Final = (
    ("cisco_ios", "Cisco", "C1111-8P"),
    ("huawei_vrp", "Huawei", "AR651"),
    ("mikrotik_routeros", "MikroTik", "CCR1009"),
)
SECTIONS: Final = (
    "units",
    "sites",
    "devices",
    "providers",
    "circuits",
    "links",
    "services",
    "certificates",
    "rooms",
)


class Paper:
    """Rows of one province; the same seed writes the same rows."""

    def __init__(self, title: str, code: str, seed: int) -> None:
        self.title, self.code, self.seed = title, code, seed
        self.random = Random(seed)  # noqa: S311 - a drawing, not a secret
        self.rows: dict[str, list[Row]] = {name: [] for name in SECTIONS}
        self.rows["providers"] = [{"name": name, "hotline": line} for name, line in PROVIDERS]
        self.figures: dict[str, str] = {}
        self._addresses = IPv4Address("10.60.0.1")

    def content(self) -> Row:
        """Return the whole inventory file."""
        rows = {name: rows for name, rows in self.rows.items() if rows}
        return {"version": 1, "province": {"code": self.code, "name": self.title}} | rows

    def unit(self, code: str, name: str, kind: str, parent: str | None = PROVINCE) -> str:
        """Add a unit and return its code."""
        row = {"code": code, "name": name, "kind": kind, "parent": parent}
        self.rows["units"].append({key: value for key, value in row.items() if value is not None})
        return code

    def site(self, slug: str, name: str, unit: str, kind: str) -> str:
        """Add a site and return its slug."""
        self.rows["sites"].append({"slug": slug, "name": name, "unit": unit, "kind": kind})
        return slug

    def centre(self, owner: str) -> None:
        """Add the data centre with its core router, which `owner` runs."""
        self.site(DC, "Trung tâm dữ liệu tỉnh", owner, "datacentre")
        self._router("core-1", DC, "core")

    def on_wan(self, code: str, name: str, kind: str, rate_kbps: int) -> str:
        """Put the unit `code` on the WAN: a site, a router, a circuit to the data centre."""
        slug = self.site(code, f"Trụ sở {name}", code, kind)
        router = f"ce-{code}"
        self._router(router, slug, "commune-router")
        provider = self.random.choice(PROVIDERS)[0]
        cid = f"{provider}-{len(self.rows['circuits']) + 1:04}"
        self.circuit(cid, provider, slug, rate_kbps)
        port = len(self.rows["links"]) + 1
        self.rows["links"].append({"a": f"core-1:wan{port}", "b": f"{router}:wan1", "circuit": cid})
        return slug

    def circuit(self, cid: str, provider: str, to: str, rate_kbps: int, **more: object) -> None:
        """Add a line from the data centre to a site; `more` are further fields."""
        row = {"cid": cid, "provider": provider, "a": DC, "z": to}
        self.rows["circuits"].append(row | {"commit_rate_kbps": rate_kbps} | more)

    def service(self, code: str, name: str, kind: str, unit: str, **more: object) -> None:
        """Add a service; `more` are further fields."""
        row = {"code": code, "name": name, "kind": kind, "unit": unit}
        self.rows["services"].append(row | more)

    def room(self, code: str, name: str, site: str) -> None:
        """Add a meeting room with the telephone beside its codec; the number is invented."""
        phone = f"0{self.random.randint(200, 299)}{self.random.randint(3_000_000, 3_999_999)}"
        uri = f"sip:{code}@tinh.example"
        row = {"code": code, "name": name, "site": site, "sip_uri": uri, "contact_phone": phone}
        self.rows["rooms"].append(row)

    def communes(self, parents: list[tuple[str, str]], count: int, kind: str = "commune") -> None:
        """Add `count` communes, spread over `parents` (code, name), by invented names."""
        word = "Phường" if kind == "ward" else "Xã"
        for number, name in enumerate(commune_names(count, self.random), 1):
            parent, _ = parents[(number - 1) % len(parents)]
            self.unit(f"xa-{number:03}", f"{word} {name}{INVENTED}", kind, parent)

    def of_kind(self, *kinds: str) -> list[tuple[str, str]]:
        """Return code and name of the units of these kinds."""
        return [(row["code"], row["name"]) for row in self.rows["units"] if row["kind"] in kinds]

    def _router(self, name: str, site: str, role: str) -> None:
        platform, manufacturer, model = self.random.choice(MODELS)
        self.rows["devices"].append(
            {
                "name": name,
                "site": site,
                "role": role,
                "platform": platform,
                "manufacturer": manufacturer,
                "model": model,
                "primary_ip4": str(self._addresses + len(self.rows["devices"])),
            }
        )
