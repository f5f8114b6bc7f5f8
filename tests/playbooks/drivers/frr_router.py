"""One real FRRouting at the end of a wire, with the helper of our driver.

What it did is read from its own journal, and from the startup configuration on its own disk.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lab.render.node import COMMIT_CONFIRM
from lab.render.services import File
from tests.playbooks.drivers.wired import NODE, START, Wired, wired

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STARTUP: Final = "etc/frr/frr.conf"
JOURNAL: Final = "var/log/hatang-cc/journal.jsonl"
CONFIGURATION: Final = f"""\
frr version 8.4.4
frr defaults traditional
hostname cut
log file /var/log/frr/frr.log informational
log commands
service integrated-vtysh-config
!
interface eth0
 ip address {NODE}/24
exit
!
end
"""
ROUTING: Final = """\
mkdir -p /run/frr /var/log/frr; chown frr:frr /run/frr /var/log/frr; chmod 755 /run/frr
/usr/lib/frr/zebra -d -A 127.0.0.1
/usr/lib/frr/staticd -d -A 127.0.0.1
vtysh -b >/var/log/vtysh-boot.log 2>&1
"""


@dataclass(frozen=True)
class Router(Wired):
    """A running router."""

    def entries(self) -> list[dict[str, Any]]:
        """Return what it wrote into its journal."""
        path = self.root / JOURNAL
        return [json.loads(line) for line in path.read_text().splitlines()]

    def startup(self) -> str:
        """Return what it would start with."""
        return (self.root / STARTUP).read_text()


@contextmanager
def booted(folder: Path, tree: Path, helper: str | None = None) -> Iterator[Router]:
    """Hold a router that runs from `tree`, with another `helper` than ours where one is given."""
    own = "frr:frr"
    files = [
        File(STARTUP, CONFIGURATION, 0o640, own),
        File("etc/frr/vtysh.conf", "service integrated-vtysh-config\n", 0o640, "frr:frrvty"),
        File("etc/frr/daemons", "zebra=yes\nstaticd=yes\nvtysh_enable=yes\n", 0o640, own),
        File("usr/local/sbin/hatang-cc", helper or COMMIT_CONFIRM.read_text(), 0o755),
    ]
    with wired("frr", folder, tree, files, ROUTING + START) as node:
        yield Router(node.driver, node.folder, node.root)
