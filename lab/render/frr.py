"""FRR's configuration of a router, in the form its own `show running-config` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.province import COMMUNE_ASN, PROVINCE_ASN
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.topology import Node, Port, Province

FRR_VERSION = "8.4.4"
HELLO_SECONDS = 3
DEAD_SECONDS = 12  # 4 s flaps on two loaded cores
BGP_TIMERS = (5, 15)
VRRP_ID = 1


def daemons(node: Node) -> list[str]:
    """Return the FRR daemons this router needs, in start order."""
    names = ["zebra", "staticd"]
    if any(port.routing in {"ospf", "passive"} for port in node.ports):
        names.append("ospfd")
    if node.asn is not None:
        names.append("bgpd")
    if node.role == "core":
        names.append("vrrpd")
    return names


def configuration(node: Node, province: Province) -> str:
    """Return frr.conf of a router."""
    blocks = [_preamble(node), *(_interface(node, port, province) for port in node.ports)]
    blocks.append(_loopback(node))
    if "ospfd" in daemons(node):
        blocks.append(_ospf(node))
    if node.asn is not None:
        blocks.append(_bgp(node, province))
    return "!\n".join(blocks) + "!\nend\n"


def _preamble(node: Node) -> str:
    return (
        f"frr version {FRR_VERSION}\nfrr defaults traditional\nhostname {node.name}\n"
        "log file /var/log/frr/frr.log informational\nlog commands\nagentx\n"
        "service integrated-vtysh-config\n"
    )


def _interface(node: Node, port: Port, province: Province) -> str:
    lines = [f"interface {port.name}", f" description {port.description}"]
    lines.append(f" ip address {port.address}")
    if port.routing in {"ospf", "passive"}:
        lines.append(" ip ospf area 0")
    if port.routing == "ospf":
        lines.append(f" ip ospf dead-interval {DEAD_SECONDS}")
        lines.append(f" ip ospf hello-interval {HELLO_SECONDS}")
        lines.append(" ip ospf network point-to-point")
    if port.routing == "passive":
        lines.append(" ip ospf passive")
    if node.role == "core" and port.address and port.address.ip in province.addresses.lan(9):
        lines.append(f" vrrp {VRRP_ID}")
        lines.append(f" vrrp {VRRP_ID} priority {200 if node.name == 'core-1' else 100}")
        lines.append(f" vrrp {VRRP_ID} ip {province.addresses.gateway}")
    return "\n".join([*lines, "exit", ""])


def _loopback(node: Node) -> str:
    area = " ip ospf area 0\n" if "ospfd" in daemons(node) else ""
    return f"interface lo\n ip address {node.loopback}\n{area}exit\n"


def _ospf(node: Node) -> str:
    router_id = node.loopback.ip if node.loopback else ""
    default = " default-information originate always\n" if node.role == "core" else ""
    return f"router ospf\n ospf router-id {router_id}\n{default}exit\n"


def _bgp(node: Node, province: Province) -> str:
    router_id = node.loopback.ip if node.loopback else ""
    lines = [f"router bgp {node.asn}", f" bgp router-id {router_id}"]
    lines += [" no bgp ebgp-requires-policy", " no bgp network import-check"]
    inside: list[str] = []
    if node.role == "commune-router":
        inside += [f"network {port.address.network}" for port in node.ports[1:] if port.address]
        inside.append(f"network {node.loopback}")
    for address, remote, role in _neighbours(node, province):
        keepalive, hold = BGP_TIMERS
        lines.append(f" neighbor {address} remote-as {remote}")
        lines.append(f" neighbor {address} timers {keepalive} {hold}")
        lines.append(f" neighbor {address} timers connect 2")
        if remote == node.asn:
            lines.append(f" neighbor {address} update-source lo")
            inside.append(f"neighbor {address} next-hop-self")
        elif role == "commune-router":
            inside.append(f"neighbor {address} default-originate")
        if node.role == "core" and role == "hub":
            inside.append(f"neighbor {address} route-reflector-client")
    family = [" !", " address-family ipv4 unicast", *(f"  {line}" for line in inside)]
    return "\n".join([*lines, *family, " exit-address-family", "exit", ""])


def _neighbours(node: Node, province: Province) -> list[tuple[str, int, str]]:
    """Return (address, AS, role) of each BGP neighbour."""
    found = []
    for other in province.of_kind(Kind.ROUTER):
        pair = {node.role, other.role}
        if other is not node and other.asn == PROVINCE_ASN == node.asn and "core" in pair:
            found.append((other.address, PROVINCE_ASN, other.role))
    for link in province.links_of(node.name):
        own, far = (link.a, link.z) if link.a[0] == node.name else (link.z, link.a)
        if node.port(own[1]).routing == "bgp":
            other = province.nodes[far[0]]
            address = other.port(far[1]).address
            asn = other.asn if other.asn is not None else COMMUNE_ASN
            found.append((str(address.ip) if address else "", asn, other.role))
    return found
