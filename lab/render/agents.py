"""snmpd, lldpd and sshd: what every managed node runs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lab.keys import SNMP_USER
from lab.simulators import eos_show, ios_show
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.keys import Secrets
    from lab.topology import Node

# What the stand-ins say they are, in the words of their own `show version`; the OIDs are the
# vendors' product identifiers.
SYSTEM = {
    "ios": (
        ".1.3.6.1.4.1.9.1.1208",
        "Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version"
        f" {ios_show.VERSION}, RELEASE SOFTWARE (simulated)",
    ),
    "eos": (
        ".1.3.6.1.4.1.30065.1.3011.7048.427.3648",
        f"Arista Networks EOS version {eos_show.VERSION} running on an Arista Networks"
        f" {eos_show.MODEL}",
    ),
    "frr": ("", "FRRouting 8.4.4 on Debian GNU/Linux 12"),
    "ups": (".1.3.6.1.2.1.33", "hatang-lab UPS, RFC 1628 agent (simulated)"),
}
UPS_MIB = ".1.3.6.1.2.1.33"
BRIDGE_MIB = ".1.3.6.1.2.1.17"
AGENTS = "/usr/bin/python3 /usr/local/lib/lab"

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


# RFC 3411 SnmpEngineID: net-snmp's enterprise number 8072 with the first bit set, then the format,
# octets(5). Left to itself snmpd draws from a seed of second and microsecond: two nodes started in
# the same microsecond, which happens on two processors, are one engine.
_ENGINE_HEAD = "0x80001f8805"
_ENGINE_OCTETS = 12
SNMPD_STATE = "/var/lib/snmp/snmpd.conf"


def engine_id(node: Node) -> str:
    """Return the SNMP engine's identifier, which no other node has and which stays, as snmpd.conf.

    It tells nothing of the node's name.
    """
    drawn = hashlib.sha256(f"hatang-lab {node.name}".encode()).hexdigest()
    return _ENGINE_HEAD + drawn[: 2 * _ENGINE_OCTETS]


def snmpd_conf(node: Node, secrets: Secrets, site_name: str) -> str:
    """Return snmpd.conf: SNMPv3 authPriv only, no community, AgentX for FRR and lldpd."""
    lines = [
        f"exactEngineID {engine_id(node)}",  # first: users' keys are made with it
        "agentaddress udp:161",
        "master agentx",
        "dontLogTCPWrappersConnects yes",  # one line a request would fill the node's memory
        "agentxsocket /var/agentx/master",
        "agentxperms 0777 0755",
        f'createUser {SNMP_USER} SHA "{secrets.snmp_auth}" AES "{secrets.snmp_priv}"',
        f"rouser {SNMP_USER} priv",
        f"sysName {node.called}",
        f"sysLocation {site_name}",
        "sysContact noc@tinh.test",
    ]
    oid, description = SYSTEM.get(system_key(node), ("", ""))
    if oid:
        lines.append(f"sysObjectID {oid}")
    if description:
        lines.append(f"sysDescr {description}")
    if node.kind is Kind.UPS:
        lines.append(f"pass_persist {UPS_MIB} {AGENTS}/ups_agent.py")
    if node.kind is Kind.SWITCH:
        lines.append(f"pass_persist {BRIDGE_MIB} {AGENTS}/bridge_agent.py")
    return "\n".join(lines) + "\n"


def lldpd_conf(node: Node) -> str:
    """Return lldpcli lines that give each port the name the device's own CLI uses."""
    lines = [f"configure system hostname {node.called}", "configure lldp tx-interval 10"]
    lines += [
        f"configure ports {port.name} lldp portidsubtype local {port.label}" for port in node.ports
    ]
    return "\n".join(lines) + "\n"


def start_lines(node: Node) -> list[str]:
    """Return the commands that start the agents this kind of node has."""
    lines = [*_interface_names(node)]
    if node.kind in {Kind.ROUTER, Kind.SERVER}:
        lines.append("mkdir -p /run/sshd; /usr/sbin/sshd")
    lines.append(_boots(node))
    lines.append("/usr/sbin/snmpd -Lf /var/log/snmpd.log -p /run/snmpd.pid -I -smux")
    if node.kind is not Kind.UPS:
        description = SYSTEM.get(system_key(node), ("", "Debian GNU/Linux 12"))[1]
        ports = ",".join(port.name for port in node.ports)
        lines.append("mkdir -p /run/lldpd; chown _lldpd:_lldpd /run/lldpd")
        lines.append(f'/usr/sbin/lldpd -x -I "{ports}" -S "{description}"')
    return lines


def _boots(node: Node) -> str:
    """Return the line that counts this boot: an engine that stays never counts backwards.

    RFC 3414, 2.2.2. A node forgets everything when it goes down, so the minute is the count.
    """
    count = "$(($(date +%s) / 60))"
    return f'printf "oldEngineID {engine_id(node)}\\nengineBoots {count}\\n" > {SNMPD_STATE}'


IF_DESCR, IF_NAME, IF_ALIAS = (  # IF-MIB: ifDescr, ifName, ifAlias (RFC 2863)
    ".1.3.6.1.2.1.2.2.1.2",
    ".1.3.6.1.2.1.31.1.1.1.1",
    ".1.3.6.1.2.1.31.1.1.1.18",
)
OVERRIDE = """\
name() { echo "override $1.$(cat /sys/class/net/$2/ifindex) octet_str \\"$3\\""; }
{"""


def _interface_names(node: Node) -> list[str]:
    """Return lines that tell snmpd each port's own name and description.

    snmpd knows the kernel's names only and no description at all; ifIndex is known at start.
    """
    ports = [(port.name, port.label, port.description) for port in node.ports]
    if node.kind is Kind.SWITCH:
        ports.append(("br0", "Vlan1", "management"))
    lines = [OVERRIDE]
    for name, label, description in ports:
        lines.append(f'name {IF_ALIAS} {name} "{description}"')
        if label != name:
            lines.append(f'name {IF_DESCR} {name} "{label}"')
            lines.append(f'name {IF_NAME} {name} "{short_name(label)}"')
    return [*lines, "} >> /etc/snmp/snmpd.conf"]


def short_name(label: str) -> str:
    """Return ifName as the vendor shortens it: GigabitEthernet1/0/1 is Gi1/0/1."""
    return label.replace("GigabitEthernet", "Gi").replace("Vlan", "Vl")
