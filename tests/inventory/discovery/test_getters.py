"""What NAPALM's drivers make of recorded devices becomes the same facts as an agent's."""

from __future__ import annotations

from typing import Any

import pytest

from hatang.drivers.napalm import opens_by_ssh
from hatang.errors import DriverError, Reason
from inventory import platforms
from inventory.discovery import getters

pytestmark = pytest.mark.slow
IOS = platforms.get("cisco_ios")


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
    ("driver", "expected"),
    [("ios", True), ("eos", False), ("junos", True), ("junos_read", True), (None, False)],
)
def test_only_a_driver_that_a_host_key_proves_is_asked(driver: str | None, expected: bool) -> None:
    assert opens_by_ssh(driver) is expected


def test_what_no_getter_tells_is_asked_by_the_commands_of_the_platform() -> None:
    """A driver without the detailed getter, and one whose getter breaks on an odd answer."""
    interface = "GigabitEthernet0/1 is up, line protocol is up\n  MTU 1500 bytes\n"
    asked: list[str] = []

    def call(name: str, *given: Any) -> Any:
        if name == "cli":
            asked.append(given[0][0])
            return {given[0][0]: interface if given[0] == ["show interfaces"] else ""}
        if name == "get_facts":
            return {"hostname": "sw", "model": "X", "serial_number": "S1", "os_version": "1"}
        raise DriverError(name, Reason.PROTOCOL_ERROR)

    found = getters.read(call, IOS, "10.0.0.1")
    assert asked == ["show interfaces", "show lldp neighbors detail", "show cdp neighbors detail"]
    assert (found.name, [port.name for port in found.ports]) == ("sw", ["GigabitEthernet0/1"])
    assert "get_interfaces: protocol_error" in found.gaps
