"""Everything one node gets over the shared tree: its files and its start script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lab import keys
from lab.render import agents, frr
from lab.render.services import SERVICES, File
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.keys import Secrets
    from lab.topology import Node, Province

FILES = Path(__file__).resolve().parent.parent / "files"
COMMIT_CONFIRM = Path(__file__).resolve().parents[2] / "playbooks" / "drivers" / "frr_cc.sh"
READY = "run/lab-ready"
FRR_RELOAD = "usr/lib/frr/frr-reload.py"

START_HEAD = """\
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 MIBS=
mkdir -p /run/lock /run/agentx /var/agentx /var/log/hatang-lab
chmod 1777 /run/lock
"""
START_TAIL = """\
touch /run/lab-ready
while :; do sleep 86400 & wait $!; done
"""


def files(node: Node, province: Province, secrets: Secrets) -> list[File]:
    """Return the node's own files."""
    made = [
        File("etc/hostname", f"{node.name}\n"),
        File("etc/hosts", f"127.0.0.1 localhost\n{node.address} {node.name}\n"),
        File("etc/resolv.conf", f"search tinh.test\nnameserver {province.addresses.at(9, 11)}\n"),
        File("etc/snmp/snmpd.conf", _snmpd(node, province, secrets), 0o600),
        File("etc/lldpd.conf", agents.lldpd_conf(node)),
        File("etc/lab/start.sh", start_script(node, province, secrets), 0o755),
    ]
    if node.kind in {Kind.ROUTER, Kind.SERVER}:
        made += _ssh(node, secrets)
    if node.kind is Kind.ROUTER:
        made += _router(node, province)
    own_agent = {Kind.UPS: "ups_agent.py", Kind.SWITCH: "bridge_agent.py"}.get(node.kind)
    if own_agent is not None:
        made.append(File(f"usr/local/lib/lab/{own_agent}", (FILES / own_agent).read_text()))
    if node.name in SERVICES:
        made += SERVICES[node.name](node, province, secrets).files
    return made


def _snmpd(node: Node, province: Province, secrets: Secrets) -> str:
    return agents.snmpd_conf(node, secrets, province.sites[node.site].slug)


def _ssh(node: Node, secrets: Secrets) -> list[File]:
    private = secrets.host_key(node.name)
    client = keys.public_ssh_key(secrets.client_key) + " hatang-lab\n"
    return [
        File("etc/ssh/sshd_config", agents.SSHD_CONFIG),
        File("etc/ssh/ssh_host_ed25519_key", private, 0o600),
        File("etc/ssh/ssh_host_ed25519_key.pub", keys.public_ssh_key(private) + "\n"),
        File(f"etc/ssh/authorized_keys/{keys.OPS_USER}", client),
        File(f"etc/ssh/authorized_keys/{keys.NETADMIN_USER}", client),
    ]


def _router(node: Node, province: Province) -> list[File]:
    own = "frr:frr"
    chosen = "".join(f"{name}=yes\n" for name in frr.daemons(node))
    return [
        File("etc/frr/frr.conf", frr.configuration(node, province), 0o640, own),
        File("etc/frr/vtysh.conf", "service integrated-vtysh-config\n", 0o640, "frr:frrvty"),
        File("etc/frr/daemons", chosen + "vtysh_enable=yes\n", 0o640, own),
        File("usr/local/sbin/hatang-cc", COMMIT_CONFIRM.read_text(), 0o755),
        File("usr/lib/frr/frr-reload.lab", (FILES / "frr-reload-journal.sh").read_text(), 0o755),
    ]


def start_script(node: Node, province: Province, secrets: Secrets) -> str:
    """Return the script that becomes the node's process 1."""
    lines: list[str] = []
    if node.kind is Kind.ROUTER:
        lines += _router_start(node)
    lines += agents.start_lines(node)
    if node.kind is Kind.ROUTER:
        lines += _frr_start(node)
    if node.name in SERVICES:
        lines += SERVICES[node.name](node, province, secrets).start
    return START_HEAD + "\n".join(lines) + "\n" + START_TAIL


def _router_start(node: Node) -> list[str]:
    # A core must not answer for the virtual address with its own MAC (RFC 5798 8.1.2).
    quiet = "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore"
    return [
        *([quiet] if node.role == "core" else []),
        "for scope in all default; do echo 0 > /proc/sys/net/ipv4/conf/$scope/rp_filter; done",
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
        "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit",
        f"mv /{FRR_RELOAD} /usr/lib/frr/frr-reload.real.py",
        f"mv /usr/lib/frr/frr-reload.lab /{FRR_RELOAD}",
        "mkdir -p /run/frr /var/log/frr; chown frr:frr /run/frr /var/log/frr; chmod 755 /run/frr",
    ]


SNMP_MODULES = {"zebra": "-M zebra_snmp", "ospfd": "-M ospfd_snmp", "bgpd": "-M bgpd_snmp"}


def _frr_start(node: Node) -> list[str]:
    lines = []
    for daemon in frr.daemons(node):
        module = SNMP_MODULES.get(daemon, "")
        lines.append(f"/usr/lib/frr/{daemon} -d -A 127.0.0.1 {module}".rstrip())
    lines.append("vtysh -b >/var/log/vtysh-boot.log 2>&1")
    return lines
