"""What a command line prints becomes the same facts as an SNMP agent's, gaps and all."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang import clock
from hatang.drivers.fakes import FakeCli
from hatang.errors import DriverError, Reason
from inventory import platforms, service
from inventory.discovery import onboarding, shell
from inventory.inbox import service as inbox
from inventory.rows import Query
from tests.inventory.discovery.oracles import oracle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.discovery.facts import Facts

pytestmark = pytest.mark.slow

IOS = platforms.get("cisco_ios")
INTERFACES = """\
GigabitEthernet0/1 is up, line protocol is up (connected)
  Hardware is Gigabit Ethernet, address is 0019.56ff.1234 (bia 0019.56ff.1234)
  Description: to core-1
  Internet address is 10.1.0.2/30
  MTU 1500 bytes, BW 1000000 Kbit/sec, DLY 10 usec,
"""


def read(answers: Mapping[str, str | DriverError]) -> Facts:
    return shell.read(FakeCli(dict(answers)), IOS, "10.1.0.2")


def test_a_port_is_read_with_mac_address_and_state() -> None:
    found = read({"show interfaces": INTERFACES})
    (port,) = found.ports
    assert (port.name, port.mac, port.mtu) == ("GigabitEthernet0/1", "00:19:56:ff:12:34", 1500)
    assert (port.is_up, port.is_enabled, port.speed_bps) == (True, True, 1_000_000_000)
    (address,) = found.addresses
    assert (address.address, address.length) == ("10.1.0.2", 30)


def test_a_command_that_fails_is_a_gap_and_spoils_no_other() -> None:
    slow = DriverError("slow", Reason.TIMEOUT)
    found = read({"show interfaces": INTERFACES, "show lldp neighbors detail": slow})
    assert len(found.ports) == 1
    assert "show lldp neighbors detail: timeout" in found.gaps


@given(st.text(max_size=400))
def test_no_output_breaks_reading(text: str) -> None:
    read({one.command: text for one in IOS.tells})


@pytest.mark.usefixtures("province")
def test_what_a_command_line_tells_is_observed_and_not_intended(
    database: Database, engineer: Actor
) -> None:
    with database.read() as session:
        row = service.get_device(session, engineer, "rtr-02")
    facts = shell.facts(IOS, {"show version": [{"hostname": "rtr-02", "serial": ["OTHER"]}]}, "")
    onboarding.record(database, engineer, row, facts)
    with database.read() as session:
        assert service.get_device(session, engineer, "rtr-02").serial == "ABC123"
        rows = service.deviations(session, engineer, Query({"source": "ssh"})).items
    assert [(one.field, one.observed) for one in rows] == [("serial", "OTHER")]


@pytest.mark.usefixtures("province")
def test_a_neighbour_that_a_command_line_tells_of_becomes_a_cable(
    database: Database, engineer: Actor
) -> None:
    neighbour = {
        "local_interface": "GigabitEthernet0/1",
        "neighbor_name": "core-1.tinh.test",
        "neighbor_interface": "eth1",
    }
    port = {"interface": "GigabitEthernet0/1"}
    parsed = {"show interfaces": [port], "show cdp neighbors detail": [neighbour]}
    with database.read() as session:
        row = service.get_device(session, engineer, "rtr-02")
    onboarding.record(database, engineer, row, shell.facts(IOS, parsed, "10.1.0.2"))
    with database.read() as session:
        query = Query({"source": "discovery"})
        (found,) = inbox.list_deviations(session, engineer, query, today=clock.now().date()).items
    # The port of core-1 is written down as the end of another cable: that one is elsewhere now.
    assert (found.kind, found.certainty) == ("moved_cable", "likely")
    assert found.intended == {"a": "core-1:eth1", "b": "rtr-01:eth0"}
    observed = {name: found.observed[name] for name in ("a", "b")}
    assert observed == {"a": "core-1:eth1", "b": "rtr-02:GigabitEthernet0/1"}


@pytest.mark.usefixtures("province")
def test_a_device_that_cannot_be_asked_says_what_it_lacks(
    database: Database, engineer: Actor
) -> None:
    with pytest.raises(DriverError) as caught:
        onboarding.read_device(database, engineer, "ups-01", None)  # type: ignore[arg-type]
    assert caught.value.reason is Reason.NOT_SUPPORTED
    assert "ssh credential" in caught.value.message


def recorded(case: Path) -> Facts:
    """Return the facts of a case whose files are named like the commands."""
    parsed = {}
    for one in IOS.tells:
        file = case / f"{one.command.replace(' ', '_')}.txt"
        if file.exists():
            parsed[one.command] = shell.parse(IOS, one.command, file.read_text("utf-8", "replace"))
    return shell.facts(IOS, parsed, "10.0.0.1")


def cases(getter: str) -> list[Path]:
    folder = oracle(f"cli/napalm/dev/ios/{getter}")
    return [case for case in folder.iterdir() if (case / "expected_result.json").exists()]


def test_recorded_facts_of_ios_are_read_as_napalm_reads_them() -> None:
    for case in cases("test_get_facts"):
        wanted, found = json.loads((case / "expected_result.json").read_text()), recorded(case)
        assert (found.name, found.model, found.serial) == (
            wanted["hostname"],
            wanted["model"],
            wanted["serial_number"],
        )
        assert found.version in wanted["os_version"]


def test_recorded_ports_of_ios_are_read_as_napalm_reads_them() -> None:
    counts: Counter[bool] = Counter()
    for case in cases("test_get_interfaces"):
        wanted = json.loads((case / "expected_result.json").read_text())
        ports = {port.name: port for port in recorded(case).ports}
        for name, row in wanted.items():
            port = ports.get(name)
            right = port is not None and (
                port.is_up == row["is_up"]
                and port.is_enabled == row["is_enabled"]
                and port.description == " ".join(row["description"].split())
                and port.mac in {"", row["mac_address"].lower()}
            )
            counts[right] += 1
    assert counts[True] >= 0.95 * counts.total(), counts


@pytest.mark.parametrize(("platform", "number"), [("cisco_ios", 2), ("arista_eos", 1)])
def test_a_recorded_device_is_onboarded_as_another_tool_does(platform: str, number: int) -> None:
    folder = oracle(f"cli/nautobot-device-onboarding/dev/{platform}")
    rows = json.loads((folder / f"command_getter_result_{number}.json").read_text())
    wanted = json.loads((folder / f"sync_devices/expected_result_{number}.json").read_text())
    known = platforms.get(platform)
    parsed = {
        one.command: [{key.lower(): value for key, value in row.items()} for row in found]
        for one in known.tells
        if isinstance(found := rows.get(one.command), list)
    }
    found = shell.facts(known, parsed, "10.0.0.1")
    assert (found.name, found.serial, found.model) == (
        wanted["hostname"],
        wanted["serial"],
        wanted["device_type"],
    )
