"""A hatang that watches recorded devices on loopback; there is no lab."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.doors import ROOT
from tests.acceptance.installation import Installation
from tests.acceptance.recorded import COMMUNITY, Recorded, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WALKS = ROOT.parent / "shared" / "oracles" / "snmp" / "librenms" / "dev"
APART = "prometheus.run = false\nalertmanager.run = false"
INVENTORY = """\
version: 1
province: {code: "99", name: "Tỉnh Thử"}
units: [{code: tinh, name: "Ủy ban", kind: province}]
sites: [{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}]
devices:
"""
DEVICE = """\
  - name: {name}
    site: dc
    role: switch
    platform: linux
    primary_ip4: {address}
    ports: {{snmp: {port}}}
    credentials: {{snmp: recorded}}
"""
LOGINS = f'[credentials.recorded]\nkind = "snmpv2c"\ncommunity = "{COMMUNITY}"\n'


@dataclass(frozen=True)
class Site:
    """The running hatang, and where each device answers, as address:port."""

    made: Installation
    where: dict[str, str]


@contextmanager
def watched(
    folder: Path, names: tuple[str, ...], settings: str = "", around: str = APART
) -> Iterator[Site]:
    """Run a hatang whose devices are the recordings `names`, each at an address of its own."""
    if not WALKS.is_dir():
        pytest.skip(f"{WALKS} is absent: recorded devices are not part of the project")
    made = Installation(folder / "hatang")
    made.configure(f"{around}\n{settings}")
    with ExitStack() as stack:
        where = {}
        for number, name in enumerate(names, 1):
            address = f"127.7.0.{number}"
            agent = serving(Recorded.read(WALKS / f"{name}.snmprec"), address)
            where[name] = f"{address}:{stack.enter_context(agent)}"
        stack.callback(made.stop)
        made.settle()
        made.start()
        seed(made, folder, where)
        yield Site(made, where)


def seed(made: Installation, folder: Path, where: dict[str, str]) -> None:
    """Import the devices and the community they are read with."""
    inventory, logins = folder / "inventory.yaml", folder / "logins.toml"
    text = INVENTORY
    for name, place in where.items():
        address, _, port = place.partition(":")
        text += DEVICE.format(name=name, address=address, port=port)
    inventory.write_text(text, encoding="utf-8")
    logins.touch(mode=0o600)
    logins.write_text(LOGINS)
    made.hatang("credential", "import", str(logins)).good()
    made.hatang("inventory", "import", str(inventory)).good()
