"""The lab in the words of the inventory file, version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab import keys
from lab.names import PROVIDERS
from lab.render.services import JANUS_ADMIN_PORT, JANUS_HTTP_PORT, RPC_PORT, ZONE
from lab.render.switch import login_port, on_loopback
from lab.simulators import eos_show, ios_show
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.keys import Secrets
    from lab.topology import Node, Province

Row = dict[str, Any]

MODELS = {
    "frr": ("FRRouting", "lab-router"),
    "cisco_ios": ("Cisco", ios_show.MODEL),
    "arista_eos": ("Arista", eos_show.MODEL),
    "linux": ("Debian", "lab-server"),
    "ups_rfc1628": ("hatang-lab", "UPS"),
}
BRIDGE_PORTS = 64


def platform_of(node: Node) -> str:
    """Return the inventory's platform of a node."""
    if node.kind is Kind.SWITCH:
        return "cisco_ios" if node.persona == "ios" else "arista_eos"
    return {Kind.ROUTER: "frr", Kind.UPS: "ups_rfc1628"}.get(node.kind, "linux")


def describe(drawn: Province, secrets: Secrets) -> dict[str, list[Row]]:
    """Return every section of the inventory file for this lab."""
    devices = drawn.of_kind(Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS)
    names = {node.name for node in devices}
    return {
        "units": [vars_of(unit) for unit in drawn.units.values()],
        "sites": [vars_of(site) for site in drawn.sites.values()],
        "devices": [_device(node, secrets) for node in devices],
        "providers": [
            {"name": name, "hotline": hotline} for name, hotline in PROVIDERS if drawn.links
        ],
        "circuits": _circuits(drawn),
        "links": _links(drawn, names),
        "services": _services(drawn),
        "rooms": _rooms(drawn),
        "bridges": _bridges(drawn),
        "registrars": _registrars(drawn),
    }


def vars_of(value: object) -> Row:
    """Return a dataclass' fields in order."""
    return dict(vars(value))


def _device(node: Node, secrets: Secrets) -> Row:
    platform = platform_of(node)
    manufacturer, model = MODELS[platform]
    credentials = {} if on_loopback(node) else {"snmp": "lab-snmp"}
    row: Row = {
        "name": node.name,
        "site": node.site,
        "role": node.role,
        "platform": platform,
        "manufacturer": manufacturer,
        "model": model,
        "primary_ip4": node.address,
        "status": "active",
    }
    if platform == "arista_eos":
        credentials["https"] = "lab-eapi"
        chain, _key = secrets.server_certificate(node.name, [f"{node.name}.{ZONE}"], node.address)
        row["host_keys"] = [f"x509-certificate {keys.certificate_der(chain)}"]
    elif node.kind is not Kind.UPS:
        credentials["ssh"] = "lab-switch" if node.kind is Kind.SWITCH else "lab-ssh"
        row["host_keys"] = [keys.public_ssh_key(secrets.host_key(node.name))]
    if platform == "frr":
        credentials["cli"] = "lab-vtysh"
    row["credentials"] = credentials
    if on_loopback(node):
        row["ports"] = {"https" if platform == "arista_eos" else "ssh": login_port(node)}
    row["interfaces"] = [
        {"name": port.label, "description": port.description} for port in node.ports
    ]
    return row


def _links(drawn: Province, names: set[str]) -> list[Row]:
    rows = []
    for link in drawn.links.values():
        if {link.a[0], link.z[0]} <= names:
            row: Row = {"a": _end(drawn, link.a), "b": _end(drawn, link.z)}
            if link.wire:
                row["circuit"] = link.name
            rows.append(row)
    return rows


def _end(drawn: Province, end: tuple[str, str]) -> str:
    return f"{end[0]}:{drawn.nodes[end[0]].port(end[1]).label}"


def _circuits(drawn: Province) -> list[Row]:
    return [
        {
            "cid": link.name,
            "provider": link.provider,
            "a": drawn.nodes[link.a[0]].site,
            "z": drawn.nodes[link.z[0]].site,
            "commit_rate_kbps": link.rate_kbps,
        }
        for link in drawn.links.values()
        if link.wire
    ]


SERVICES = (
    ("dns", "Hệ thống phân giải tên miền", "dns", "srv-dns", (), ""),
    ("portal", "Cổng thông tin điện tử", "web", "srv-portal", ("dns",), "https://{address}/"),
    ("mail", "Thư điện tử công vụ", "mail", "srv-mail", ("dns",), ""),
    ("sip", "Tổng đài hội nghị", "sip", "srv-sip", ("dns",), ""),
    (
        "hoi-nghi",
        "Hội nghị truyền hình",
        "conference",
        "srv-bridge",
        ("sip",),
        f"http://{{address}}:{JANUS_HTTP_PORT}/janus/info",
    ),
)


def _services(drawn: Province) -> list[Row]:
    rows = []
    for code, name, kind, server, needs, url in SERVICES:
        if server in drawn.nodes:
            row: Row = {"code": code, "name": name, "kind": kind, "unit": "so-khcn"}
            row |= {"runs_on": [server], "depends_on": list(needs)}
            if url:
                row["url"] = url.format(address=drawn.nodes[server].address)
            rows.append(row)
    return rows


def _rooms(drawn: Province) -> list[Row]:
    rows = []
    for number, room in enumerate(drawn.of_kind(Kind.ROOM), 1):
        place = drawn.units[drawn.sites[room.site].unit].name
        rows.append(
            {
                "code": room.name,
                "name": f"Phòng họp {place[0].lower()}{place[1:]}",
                "site": room.site,
                "sip_uri": f"sip:{room.site}@{room.address}:5060",
                "contact_phone": f"0234 399 {number:04}",
            }
        )
    return rows


def _bridges(drawn: Province) -> list[Row]:
    node = drawn.nodes.get("srv-bridge")
    if node is None:
        return []
    return [
        {
            "code": "mcu-1",
            "name": "Cầu hội nghị tỉnh",
            "driver": "janus",
            "device": node.name,
            "url": f"http://{node.address}:{JANUS_HTTP_PORT}",
            "admin_url": f"http://{node.address}:{JANUS_ADMIN_PORT}",
            "credential": "lab-janus",
            "capacity_ports": BRIDGE_PORTS,
        }
    ]


def _registrars(drawn: Province) -> list[Row]:
    node = drawn.nodes.get("srv-sip")
    if node is None:
        return []
    url = f"http://{node.address}:{RPC_PORT}/RPC"
    return [{"code": "sip-1", "device": node.name, "url": url, "domain": ZONE}]
