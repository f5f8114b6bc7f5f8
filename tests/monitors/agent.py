"""A real net-snmp agent on loopback, from the host or from the lab's Debian tree."""

from __future__ import annotations

import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hatang.drivers.target import SnmpCommunity, SnmpUser

if TYPE_CHECKING:
    from collections.abc import Iterator

LAB_TREES = Path("/var/cache/hatang-lab")
USER = SnmpUser("nms", "auth-password-1", "priv-password-1")
COMMUNITY = SnmpCommunity("lab-community", "credential/test")


def _tree() -> Path | None:
    found = sorted(LAB_TREES.glob("*/usr/sbin/snmpd")) if LAB_TREES.is_dir() else []
    return found[0].parents[2] if found else None


def folder(path: str) -> Path | None:
    """Return where `path` is, on the host or in the lab's tree; None when neither has it."""
    tree = _tree()
    places = [Path("/") / path, *([tree / path] if tree else [])]
    return next((place for place in places if place.is_dir()), None)


def program(name: str) -> list[str] | None:
    """Return how to run `name`, None when neither host nor lab has it."""
    local = shutil.which(name)
    if local:
        return [local]
    tree = _tree()
    for folder in ("usr/sbin", "usr/bin"):
        if tree is not None and (tree / folder / name).exists():
            usual = f"{tree}/usr/lib/x86_64-linux-gnu"
            libraries = f"{usual}:{tree}/lib/x86_64-linux-gnu:{usual}/kamailio"
            loader = next(tree.glob("lib*/ld-linux-*.so.2"), None)
            if loader is not None:
                return [str(loader), "--library-path", libraries, str(tree / folder / name)]
    return None


@contextmanager
def running(directory: Path) -> Iterator[int]:
    """Run an agent that knows USER and COMMUNITY and yield its UDP port."""
    command = program("snmpd")
    assert command is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = directory / "snmpd.conf"
    config.write_text(
        f"createUser {USER.username} SHA {USER.auth_password} AES {USER.priv_password}\n"
        f"rouser {USER.username} priv\nrocommunity {COMMUNITY.community} 127.0.0.1\n"
        "sysName lab-device.test\nsysDescr FRRouting 8.4 (test)\n"
    )
    environ = {"MIBS": "", "SNMP_PERSISTENT_DIR": str(directory), "PATH": "/usr/bin:/bin"}
    options = ["-f", "-Lf", str(directory / "log"), "-C", "-c", str(config), "-I", "-smux"]
    process = subprocess.Popen([*command, *options, f"udp:127.0.0.1:{port}"], env=environ)
    try:
        yield port
    finally:
        process.kill()
        process.wait()
