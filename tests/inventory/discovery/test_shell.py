"""What a command line prints becomes the same facts as an SNMP agent's, gaps and all."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from collections.abc import Mapping

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
