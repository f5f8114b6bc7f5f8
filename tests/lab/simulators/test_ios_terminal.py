"""The IOS persona over a plain terminal: netmiko, SCP, locks, and the management port."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
import pytest
from netmiko import ConnectHandler, FileTransfer
from netmiko.exceptions import ConfigInvalidException

from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch

pytestmark = pytest.mark.slow

PORT = "GigabitEthernet1/0/1"


@contextmanager
def terminal(switch: Switch, **extra: Any) -> Iterator[Any]:
    path = switch.directory / "known_hosts"
    path.write_text(f"[{LISTEN}]:{switch.port} {switch.host_key}\n")
    verified = {"ssh_strict": True, "alt_host_keys": True, "alt_key_file": str(path)}
    login = {"host": LISTEN, "port": switch.port, "username": USERNAME, "password": PASSWORD}
    connection = ConnectHandler(device_type="cisco_ios", **login, **verified, **extra)
    try:
        yield connection
    finally:
        connection.disconnect()


@contextmanager
def ssh(switch: Switch) -> Iterator[paramiko.SSHClient]:
    name = f"[{LISTEN}]:{switch.port}"
    with paramiko.SSHClient() as client:
        client.get_host_keys().add(name, "ssh-ed25519", _key(switch.host_key))
        client.connect(
            LISTEN, switch.port, USERNAME, PASSWORD, look_for_keys=False, allow_agent=False
        )
        yield client


def execute(switch: Switch, command: str) -> str:
    """One command over SSH without a terminal, as `ssh switch command` does."""
    with ssh(switch) as client:
        return client.exec_command(command)[1].read().decode()


def _key(line: str) -> paramiko.PKey:
    entry = paramiko.hostkeys.HostKeyEntry.from_line(f"x {line}")
    assert entry is not None
    return entry.key


def test_lines_typed_in_one_session_are_one_change(ios: Switch) -> None:
    with terminal(ios) as connection:
        connection.send_config_set([f"interface {PORT}", "description typed", "mtu 9000"])
        connection.save_config()
        assert " description typed" in connection.send_command("show running-config")
    changed = [entry for entry in ios.entries() if entry["action"] == "change"]
    assert [entry["added"] for entry in changed] == [
        [f"interface {PORT} > description typed", f"interface {PORT} > mtu 9000"]
    ]
    assert changed[0]["user"] == USERNAME
    assert ios.actions()["save"] == 1


def test_refused_line_raises_in_netmiko(ios: Switch) -> None:
    with terminal(ios) as connection:
        with pytest.raises(ConfigInvalidException, match="ip adress 1"):
            connection.send_config_set(
                [f"interface {PORT}", "ip adress 10.0.0.1"], error_pattern=r"% Invalid"
            )
        connection.exit_config_mode()
    assert not ios.actions()["change"]


def test_scp_carries_files_both_ways(ios: Switch, tmp_path: Path) -> None:
    there, back = tmp_path / "there.txt", tmp_path / "back.txt"
    there.write_text("hostname carried\n")
    with terminal(ios) as connection:
        with FileTransfer(connection, str(there), "carried.txt", "flash:") as up:
            up.transfer_file()
            assert up.verify_file()
        with FileTransfer(connection, "carried.txt", str(back), "flash:", "get") as down:
            down.transfer_file()
    assert back.read_text() == there.read_text()


def test_kill_is_a_power_cycle(ios: Switch) -> None:
    with terminal(ios) as connection:
        connection.send_config_set(["hostname saved"])
        connection.set_base_prompt()
        connection.save_config()
        connection.send_config_set([f"interface {PORT}", "description unsaved"])
    assert ios.end(signal.SIGKILL) == -signal.SIGKILL
    ios.start()
    text = execute(ios, "show running-config")
    assert "hostname saved" in text
    assert "unsaved" not in text
    assert ios.actions()["boot"] == 2


def test_shut_management_port_cuts_off_until_the_timer_ends(ios: Switch) -> None:
    candidate = ios.directory / "state" / "flash" / "cut.txt"
    candidate.write_text("interface Vlan1\n shutdown\nend\n")
    with ssh(ios) as client:
        shell = client.invoke_shell()
        shell.send(b"configure terminal revert timer 1\rend\rcopy flash:/cut.txt running-config\r")
        ios.until("change")
        ios.until_listening(wanted=False)
    reverted = ios.until("revert")
    assert reverted["removed"] == ["interface Vlan1 > shutdown"]
    ios.until_listening()
    assert "administratively" not in execute(ios, "show ip interface brief")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("sh ver", "Cisco IOS Software"),
        ("show inventory", "PID: C9300-24T"),
        ("show running-config | include ^hostname", "hostname ios-1"),
        ("show privilege", "Current privilege level is 15"),
        ("show archive config rollback timer", "No Rollback Confirmed Change pending"),
        ("show nothing", "% Invalid input detected at '^' marker."),
        ("show", "% Incomplete command."),
        ("dir flash:/../../startup-config", "%Error opening"),
    ],
)
def test_command_answers(shared_ios: Switch, command: str, expected: str) -> None:
    assert expected in execute(shared_ios, command)


def test_sigterm_ends_cleanly(ios: Switch) -> None:
    assert ios.end() == 0
    assert ios.entries()[-1]["action"] == "stop"
