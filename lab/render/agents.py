"""snmpd, lldpd and sshd: what every managed node runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.keys import SNMP_USER
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.keys import Secrets
    from lab.topology import Node

# What the stand-ins say they are; the OIDs are the vendors' own product identifiers.
SYSTEM = {
    "ios": (
        ".1.3.6.1.4.1.9.1.1208",
        "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E8,"
        " RELEASE SOFTWARE (fc3)",
    ),
    "eos": (
        ".1.3.6.1.4.1.30065.1.3011.7048.427.3648",
        "Arista Networks EOS version 4.28.3M running on an Arista vEOS",
    ),
    "frr": ("", "FRRouting 8.4.4 on Debian GNU/Linux 12"),
    "ups": (".1.3.6.1.2.1.33", "hatang-lab UPS, RFC 1628 agent (simulated)"),
}
UPS_MIB = ".1.3.6.1.2.1.33"

SSHD_CONFIG = """\
ListenAddress 0.0.0.0
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys/%u
PermitRootLogin no
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
PrintMotd no
UseDNS no
MaxStartups 100:30:200
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
"""


def system_key(node: Node) -> str:
    """Return which row of SYSTEM describes the node ("" for plain Linux)."""
    if node.kind is Kind.ROUTER:
        return "frr"
    return node.persona or ("ups" if node.kind is Kind.UPS else "")


def snmpd_conf(node: Node, secrets: Secrets, site_name: str) -> str:
    """Return snmpd.conf: SNMPv3 authPriv only, no community, AgentX for FRR and lldpd."""
    lines = [
        "agentaddress udp:161",
        "master agentx",
        "agentxsocket /var/agentx/master",
        "agentxperms 0777 0755",
        f'createUser {SNMP_USER} SHA "{secrets.snmp_auth}" AES "{secrets.snmp_priv}"',
        f"rouser {SNMP_USER} priv",
        f"sysName {node.name}",
        f"sysLocation {site_name}",
        "sysContact noc@tinh.test",
    ]
    oid, description = SYSTEM.get(system_key(node), ("", ""))
    if oid:
        lines.append(f"sysObjectID {oid}")
    if description:
        lines.append(f"sysDescr {description}")
    if node.kind is Kind.UPS:
        lines.append(f"pass_persist {UPS_MIB} /usr/bin/python3 /usr/local/lib/lab/ups_agent.py")
    return "\n".join(lines) + "\n"


def lldpd_conf(node: Node) -> str:
    """Return lldpcli lines that give each port the name the device's own CLI uses."""
    lines = [f"configure system hostname {node.name}"]
    lines += [
        f"configure ports {port.name} lldp portidsubtype local {port.label}" for port in node.ports
    ]
    return "\n".join(lines) + "\n"


def start_lines(node: Node) -> list[str]:
    """Return the commands that start the agents this kind of node has."""
    lines = []
    if node.kind in {Kind.ROUTER, Kind.SERVER}:
        lines.append("mkdir -p /run/sshd; /usr/sbin/sshd")
    lines.append("/usr/sbin/snmpd -Lf /var/log/snmpd.log -p /run/snmpd.pid -I -smux")
    if node.kind is not Kind.UPS:
        description = SYSTEM.get(system_key(node), ("", "Debian GNU/Linux 12"))[1]
        ports = ",".join(port.name for port in node.ports)
        lines.append("mkdir -p /run/lldpd; chown _lldpd:_lldpd /run/lldpd")
        lines.append(f'/usr/sbin/lldpd -x -I "{ports}" -S "{description}"')
    return lines
