"""Namespaces, cables and addresses: everything `ip` does, in a few batches."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from lab import netns
from lab.address import HOST_INTERFACE
from lab.province import HOST_NODE
from lab.render.switch import BRIDGE
from lab.scrambling import spares
from lab.shell import ip_batch
from lab.topology import Kind
from lab.wires.process import HOME_NAMESPACE

if TYPE_CHECKING:
    from lab.topology import Node, Province

VRRP_MAC = "00:00:5e:00:01:01"  # RFC 5798: virtual router 1


def create_namespaces(province: Province) -> None:
    """Make one namespace a node, quiet (no IPv6 chatter) before any interface appears."""
    names = [
        netns.name_of(node.name) for node in province.nodes.values() if node.kind is not Kind.HOST
    ]
    names.append(HOME_NAMESPACE)
    ip_batch([f"netns add {name}" for name in names])
    for name in names:
        with netns.inside(name):
            for scope in ("all", "default"):
                with open(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6", "w") as switch:  # noqa: PTH123 - /proc follows the thread's namespace
                    switch.write("1")


def create_cables(province: Province) -> None:
    """Make every veth pair; circuits are made by the wire process."""
    cables = [link for link in province.links.values() if not link.wire]
    ip_batch([f"link add {_end(c.a)} type veth peer name {_end(c.z)}" for c in cables])
    for switch, port in spares(province):
        near, far = _end((switch, port)), f"{spare_end(switch)} netns {HOME_NAMESPACE}"
        ip_batch([f"link add {near} type veth peer name {far}"])
        ip_batch([f"link set {spare_end(switch)} up"], netns=HOME_NAMESPACE)


def spare_end(switch: str) -> str:
    """Return the loose end of the switch's spare cable; a kernel's name has 15 letters."""
    return f"sp-{switch}"[:15]


def _end(end: tuple[str, str]) -> str:
    node, interface = end
    return interface if node == HOST_NODE else f"{interface} netns {netns.name_of(node)}"


def configure(province: Province) -> None:
    """Give every node its addresses and routes and raise its ports."""
    for node in province.nodes.values():
        if node.kind is not Kind.HOST:
            ip_batch(node_lines(node, province), netns=netns.name_of(node.name))
    ip_batch(host_lines(province))


def host_lines(province: Province) -> list[str]:
    """Return this machine's only part: one address, one route through the cores."""
    addresses = province.addresses
    return [
        f"address replace {addresses.host} dev {HOST_INTERFACE}",
        f"link set {HOST_INTERFACE} up",
        f"route replace {addresses.prefix} via {addresses.gateway} dev {HOST_INTERFACE}",
    ]


def node_lines(node: Node, province: Province) -> list[str]:
    """Return the commands for one node; running them again does no harm (used by `heal`)."""
    lines = ["link set lo up"]
    if node.kind is Kind.SWITCH:
        lines += [f"link add {BRIDGE} address {base_address(node)} type bridge"]
        lines += [f"link set {BRIDGE} up"]
        lines += [f"link set {port.name} master {BRIDGE}" for port in node.ports]
        lines.append(f"address replace {node.management} dev {BRIDGE}")
    lines += [f"link set {port.name} up" for port in node.ports]
    if node.kind in {Kind.SERVER, Kind.UPS, Kind.ROOM}:
        lines.append(f"address replace {node.management} dev {node.ports[0].name}")
    if node.role == "core":
        lines += _virtual_router(node, province)
    return lines + route_lines(node)


def base_address(node: Node) -> str:
    """Return the MAC address of a switch itself, as fixed as on a real one.

    Without it a Linux bridge takes the lowest of its ports' and another when a cable moves, and
    its neighbours go on sending to the old one. The first octet says: given locally (IEEE 802).
    """
    digest = sha256(node.name.encode()).digest()
    return ":".join(f"{octet:02x}" for octet in (0x02, *digest[:5]))


def route_lines(node: Node) -> list[str]:
    """Return the default route of a node that is no router."""
    if node.gateway is None:
        return []
    device = BRIDGE if node.kind is Kind.SWITCH else node.ports[0].name
    return [f"route replace default via {node.gateway} dev {device}"]


def _virtual_router(node: Node, province: Province) -> list[str]:
    """FRR's vrrpd wants a macvlan with the virtual MAC holding the virtual address."""
    lan = province.addresses.lan(9)
    port = next(p.name for p in node.ports if p.address and p.address.ip in lan)
    return [
        f"link add vrrp1 link {port} type macvlan mode bridge",
        f"link set vrrp1 address {VRRP_MAC}",
        f"address add {province.addresses.gateway}/32 dev vrrp1",
        "link set vrrp1 up",
    ]
