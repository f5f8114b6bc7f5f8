"""netmiko sessions against a shell that behaves like vtysh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.drivers.cli import CliOptions, NetmikoSession, open_cli
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.sshserver import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hatang.drivers.sshserver import SshServer

FRR = CliOptions("frr_vtysh", error_pattern=r"^% ", read_seconds=5)


@pytest.fixture
def session(ssh_server: SshServer) -> Iterator[NetmikoSession]:
    session = open_cli(ssh_server.target, LOGIN, ssh_server.host_keys, FRR)
    yield session
    session.close()


def test_output_comes_clean_of_control_characters(session: NetmikoSession) -> None:
    assert session.show("show version") == "FRRouting 8.4.4 (r1) on Linux"


def test_configuration_lines_are_entered_in_order(
    session: NetmikoSession, ssh_server: SshServer
) -> None:
    session.configure(["interface eth1", "description to hub-1"])
    assert ssh_server.lines == ["interface eth1", "description to hub-1"]


def test_a_refused_line_is_named_and_the_session_stays_usable(session: NetmikoSession) -> None:
    with pytest.raises(DriverError, match="nonsense") as caught:
        session.configure(["interface eth1", "nonsense here", "never sent"])
    assert caught.value.reason is Reason.REJECTED
    assert "FRRouting" in session.show("show version")


def test_a_line_end_inside_a_command_sends_nothing(
    session: NetmikoSession, ssh_server: SshServer
) -> None:
    with pytest.raises(DriverError) as caught:
        session.configure(["hostname r1", "hostname x\nno router ospf"])
    assert caught.value.reason is Reason.REJECTED
    assert ssh_server.lines == []


def test_a_wrong_host_key_is_refused_before_any_authentication(ssh_server: SshServer) -> None:
    known = ssh_server.host_keys
    ssh_server.change_key()
    with pytest.raises(DriverError) as caught:
        open_cli(ssh_server.target, LOGIN, known, FRR)
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert ssh_server.attempts == []


@pytest.mark.parametrize("device_type", ["cisco_ios_telnet", "cisco_ios_serial", "frr", ""])
def test_a_device_type_that_proves_nothing_is_refused(
    ssh_server: SshServer, device_type: str
) -> None:
    with pytest.raises(DriverError) as caught:
        open_cli(ssh_server.target, LOGIN, ssh_server.host_keys, CliOptions(device_type))
    assert caught.value.reason is Reason.NOT_SUPPORTED
