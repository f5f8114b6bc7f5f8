"""Where net-snmp's agent is: on the host, or in the lab's Debian tree."""

from __future__ import annotations

import shutil
from pathlib import Path

TREES = Path("/var/cache/hatang-lab")


def snmpd() -> list[str] | None:
    """Return what starts snmpd, None where neither host nor tree has it."""
    local = shutil.which("snmpd")
    if local:
        return [local]
    for found in sorted(TREES.glob("*/usr/sbin/snmpd")) if TREES.is_dir() else []:
        tree = found.parents[2]
        loader = next(tree.glob("lib*/ld-linux-*.so.2"), None)
        if loader is not None:
            libraries = [str(one) for one in tree.glob("usr/lib/*-linux-gnu")]
            return [str(loader), "--library-path", ":".join(libraries), str(found)]
    return None
