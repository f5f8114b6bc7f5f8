"""A switch is real in its ports and its agents; only its command line is a stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lab.keys import Secrets
    from lab.topology import Node

SWITCH_USER = "netadmin"
BRIDGE = "br0"
MANAGEMENT = "Vlan1"
IOS_SSH_PORT = 22
EOS_HTTPS_PORT = 443
# Without root a port below 1024 cannot be had.
LOOPBACK_IOS_SSH_PORT = 2222
LOOPBACK_EOS_HTTPS_PORT = 8443


def on_loopback(node: Node) -> bool:
    """Whether this switch is one of the lab without root: a command line and no ports."""
    return node.management is not None and node.management.ip.is_loopback


def login_port(node: Node) -> int:
    """Return the TCP port of the command line: SSH of IOS, eAPI of EOS."""
    if node.persona == "ios":
        return LOOPBACK_IOS_SSH_PORT if on_loopback(node) else IOS_SSH_PORT
    return LOOPBACK_EOS_HTTPS_PORT if on_loopback(node) else EOS_HTTPS_PORT


def initial_config(node: Node) -> str:
    """Return the start-up configuration in the switch's own language."""
    address = node.management
    mask = ""
    if address:
        mask = f"{address.ip} {address.netmask}" if node.persona == "ios" else str(address)
    lines = [f"hostname {node.name}", "!"]
    for port in node.ports:
        lines += [f"interface {port.label}", f"   description {port.description}"]
        lines += ["   switchport mode access", "!"]
    lines += [f"interface {MANAGEMENT}", f"   ip address {mask}", "!"]
    gateway = "ip default-gateway" if node.persona == "ios" else "ip route 0.0.0.0/0"
    lines += [f"{gateway} {node.gateway}", "!", "end"]
    indent = " " if node.persona == "ios" else "   "
    return "\n".join(line.replace("   ", indent, 1) for line in lines) + "\n"


def simulator(node: Node, secrets: Secrets, place: Path) -> dict[str, object]:
    """Return the simulator's settings; every path stands below `place`."""
    settings: dict[str, object] = {
        "persona": node.persona,
        "hostname": node.name,
        "listen": node.address,
        "username": SWITCH_USER,
        "password": secrets.switch_password,
        # eAPI users are privileged by themselves; IOS asks once more.
        "enable": secrets.switch_enable if node.persona == "ios" else None,
        "netns": None if on_loopback(node) else "self",
        "interfaces": {port.label: port.name for port in node.ports},
        "management_interface": MANAGEMENT,
        "journal": str(place / "journal.jsonl"),
        "state_dir": str(place / "state"),
        "initial_config": str(place / "initial.cfg"),
    }
    if node.persona == "ios":
        settings |= {"ssh_port": login_port(node), "host_key": str(place / "host_key")}
    else:
        settings |= {"https_port": login_port(node)}
        settings |= {"certificate": str(place / "server.pem"), "key": str(place / "server.key")}
    return settings
