"""What NAPALM's drivers make of recorded devices becomes the same facts as an agent's."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from napalm import get_network_driver

from hatang.drivers.napalm import opens_by_ssh
from hatang.errors import DriverError, Reason
from inventory import platforms
from inventory.discovery import getters
from tests.inventory.discovery.oracles import oracle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from inventory.discovery.facts import Facts

pytestmark = pytest.mark.slow
IOS = platforms.get("cisco_ios")


class Recorded:
    """A netmiko connection that answers from the files of a case, named like the commands."""

    def __init__(self, case: Path) -> None:
        self.case = case

    def send_command(self, command: str, **_: object) -> str:
        name = re.sub(r"[\[\]*^\s/:|\"]", "_", command)
        file = self.case / f"{name}.txt"
        return file.read_text("utf-8") if file.exists() else "% Invalid input detected"


def facts_of(case: Path, *names: str) -> Facts:
    """Return the facts that NAPALM's own driver for IOS gives of a case."""
    driver = get_network_driver("ios")("10.0.0.1", "u", "p")
    driver.device = Recorded(case)

    def call(name: str, *_: object) -> Any:
        if name not in names:
            raise DriverError(name, Reason.NOT_SUPPORTED)
        return getattr(driver, name)()

    return getters.read(call, IOS, "10.0.0.1")


def cases(getter: str) -> list[tuple[Path, Any]]:
    folder = oracle(f"cli/napalm/dev/ios/test_{getter}")
    return [
        (case, json.loads((case / "expected_result.json").read_text()))
        for case in sorted(folder.iterdir())
        if (case / "expected_result.json").exists()
    ]


def identity(getter: str) -> Counter[bool]:
    found = Counter[bool]()
    for case, wanted in cases(getter):
        facts = facts_of(case, getter)
        pairs = (
            (facts.name, wanted["hostname"]),
            (facts.model, wanted["model"]),
            (facts.serial, wanted["serial_number"]),
            (facts.version, wanted["os_version"]),
        )
        found.update(one == " ".join(other.split()) for one, other in pairs)
    return found


def ports(getter: str) -> Counter[bool]:
    found = Counter[bool]()
    for case, wanted in cases(getter):
        held = {port.name: port for port in facts_of(case, getter).ports}
        for name, row in wanted.items():
            port = held.get(name)
            found[
                port is not None
                and (port.is_up, port.is_enabled) == (row["is_up"], row["is_enabled"])
                and port.mac == row["mac_address"].lower()
                and port.description == " ".join(row["description"].split())
            ] += 1
    return found


def addresses(getter: str) -> Counter[bool]:
    found = Counter[bool]()
    for case, wanted in cases(getter):
        facts = getters.facts(
            IOS,
            {
                "get_interfaces": {name: {} for name in wanted},
                "get_interfaces_ip": _driver(case).get_interfaces_ip(),
            },
            "10.0.0.1",
        )
        told = {(facts.port(one.port_index), one.address, one.length) for one in facts.addresses}
        seen = {(port.name if port else "", address, length) for port, address, length in told}
        for name, families in wanted.items():
            for family in families.values():
                for address, row in family.items():
                    key = (name, address.lower(), row.get("prefix_length"))
                    found[key in {(a, b.lower(), c) for a, b, c in seen}] += 1
    return found


def _driver(case: Path) -> Any:
    driver = get_network_driver("ios")("10.0.0.1", "u", "p")
    driver.device = Recorded(case)
    return driver


def neighbours(getter: str) -> Counter[bool]:
    found = Counter[bool]()
    for case, wanted in cases(getter):
        told = {(one.port, one.name, one.port_id) for one in facts_of(case, getter).neighbours}
        for port, rows in wanted.items():
            found.update(
                (port, row["remote_system_name"], row["remote_port"]) in told for row in rows
            )
    return found


@pytest.mark.parametrize(
    ("getter", "count", "floor"),
    [
        ("get_facts", identity, 1.0),
        ("get_interfaces", ports, 1.0),
        ("get_interfaces_ip", addresses, 1.0),
        ("get_lldp_neighbors_detail", neighbours, 1.0),
    ],
)
def test_recorded_devices_of_ios_are_read_as_napalm_says(
    getter: str,
    count: Callable[[str], Counter[bool]],
    floor: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = count(getter)
    with capsys.disabled():
        sys.stdout.write(f"\ncisco_ios by NAPALM, {getter}: {found[True]}/{found.total()}\n")
    assert found.total()
    assert found[True] >= floor * found.total(), found


def test_a_getter_that_fails_is_a_gap_and_spoils_no_other() -> None:
    def call(name: str, *_: object) -> Any:
        if name == "get_facts":
            return {"hostname": "sw", "model": "Unknown", "serial_number": "S1", "os_version": "1"}
        raise DriverError(name, Reason.TIMEOUT)

    found = getters.read(call, IOS, "10.0.0.1")
    assert (found.name, found.model, found.serial) == ("sw", "", "S1")
    assert "get_interfaces: timeout" in found.gaps


def test_neighbours_by_cdp_are_asked_beside_the_getters() -> None:
    command = "show cdp neighbors detail"
    text = """-------------------------
Device ID: sw-2.tinh.test
Entry address(es):
  IP address: 10.1.0.9
Platform: cisco WS-C2960X-24TS-L,  Capabilities: Switch IGMP
Interface: GigabitEthernet0/1,  Port ID (outgoing port): GigabitEthernet0/24
Holdtime : 140 sec
"""

    def call(name: str, *given: object) -> Any:
        if name == "cli":
            assert given == ([command],)
            return {command: text}
        return {"GigabitEthernet0/1": {}} if name == "get_interfaces" else {}

    (found,) = getters.read(call, IOS, "10.0.0.1").neighbours
    assert (found.protocol, found.port, found.port_index) == ("cdp", "GigabitEthernet0/1", 1)
    assert (found.name, found.port_id) == ("sw-2.tinh.test", "GigabitEthernet0/24")


@pytest.mark.parametrize(
    ("driver", "expected"), [("ios", True), ("eos", False), ("junos", False), (None, False)]
)
def test_only_a_driver_that_a_host_key_proves_is_asked(driver: str | None, expected: bool) -> None:
    assert opens_by_ssh(driver) is expected
