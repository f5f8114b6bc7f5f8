"""How many counters each device itself lists, asked with net-snmp instead of hatang."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from lab import keys
from lab.demo_doors import StepError
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.state import LabState

IF_HC_IN_OCTETS = ".1.3.6.1.2.1.31.1.1.1.6"  # IF-MIB, RFC 2863
SECONDS = 30
AT_ONCE = 8


def count_ports(held: LabState, place: Path, folder: Path) -> dict[str, int]:
    """Return the rows of ifHCInOctets by device, as snmpbulkwalk reads them.

    The passwords stand in net-snmp's own file in `folder`, not in arguments.
    """
    _write_configuration(keys.load_or_create(place / "secrets.json"), folder / "snmp.conf")
    tree = Path(held.tree)
    environ = os.environ | {
        "SNMPCONFPATH": str(folder),
        "MIBS": "",
        "LD_LIBRARY_PATH": ":".join(str(path) for path in tree.glob("usr/lib/*-linux-gnu*")),
    }

    def count(address: str) -> int:
        done = subprocess.run(
            [str(tree / "usr/bin/snmpbulkwalk"), "-On", "-r", "2", address, IF_HC_IN_OCTETS],
            check=False, capture_output=True, text=True, env=environ, timeout=SECONDS,
        )  # fmt: skip
        if done.returncode != 0:
            raise StepError(f"snmpbulkwalk {address}: {done.stderr.strip()[:200]}")
        return sum(": " in line for line in done.stdout.splitlines())

    kinds = {Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS}
    addresses = {name: node.mgmt_ip for name, node in held.nodes.items() if node.kind in kinds}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(addresses, pool.map(count, addresses.values()), strict=True))


def _write_configuration(secrets: keys.Secrets, path: Path) -> None:
    lines = (
        "defVersion 3",
        "defSecurityLevel authPriv",
        f"defSecurityName {keys.SNMP_USER}",
        "defAuthType SHA",
        f"defAuthPassphrase {secrets.snmp_auth}",
        "defPrivType AES",
        f"defPrivPassphrase {secrets.snmp_priv}",
    )
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", "ascii")
