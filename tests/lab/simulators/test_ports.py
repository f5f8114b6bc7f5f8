"""Interfaces act on real ports when a namespace stands behind them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.simulators.__main__ import build
from lab.simulators.device import Device
from lab.simulators.interfaces import interfaces
from lab.simulators.ios_grammar import IOS
from lab.simulators.ports import KernelPorts, read_neighbors
from lab.simulators.settings import Settings
from tests.lab.simulators.conftest import Boot, boots, defaults
from tests.lab.simulators.switch import PASSWORD, USERNAME, Switch

HEARD = {
    "lldp": [
        {
            "interface": [
                {
                    "name": "eth1",
                    "via": "LLDP",
                    "chassis": [
                        {
                            "id": [{"type": "mac", "value": "02:00:00:00:00:01"}],
                            "name": [{"value": "hub-1\x1b[2J"}],
                            "descr": [{"value": "FRR on\nDebian"}],
                            "mgmt-ip": [{"value": "10.250.1.1"}],
                            "capability": [
                                {"type": "Bridge", "enabled": False},
                                {"type": "Router", "enabled": True},
                            ],
                        }
                    ],
                    "port": [{"id": [{"type": "ifname", "value": "eth3"}]}],
                }
            ]
        }
    ]
}

# Arms the timer, leaves configuration mode and shuts the port it came in by.
PUSH = """
import sys, paramiko
client = paramiko.SSHClient()
client.load_host_keys(sys.argv[1])
client.connect("198.51.100.1", int(sys.argv[2]), "{user}", "{password}", timeout=5)
client.invoke_shell().send(
    b"configure terminal revert timer 1\\rend\\rconfigure terminal\\r"
    b"interface GigabitEthernet0/0\\rshutdown\\rend\\r"
)
input()
"""


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def namespaces() -> Iterator[tuple[str, str]]:
    """A switch's namespace with eth0 and eth1, and the namespace at the other end of eth0."""
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")
    inside, outside = (f"sim{os.getpid()}{end}" for end in "ab")
    for name in (inside, outside):
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
    for number in ("0", "1"):
        ends = [f"eth{number}", "netns", inside], [f"far{number}", "netns", outside]
        run("ip", "link", "add", *ends[0], "type", "veth", "peer", "name", *ends[1])
        run("ip", "-n", outside, "link", "set", f"far{number}", "up")
        run("ip", "-n", inside, "link", "set", f"eth{number}", "up")
    run("ip", "-n", inside, "addr", "add", "198.51.100.1/30", "dev", "eth0")
    run("ip", "-n", outside, "addr", "add", "198.51.100.2/30", "dev", "far0")
    yield inside, outside
    for name in (inside, outside):
        run("ip", "netns", "del", name)


def test_neighbours_are_read_and_cleaned() -> None:
    (entry,) = read_neighbors(HEARD)
    assert entry["system_name"] == "hub-1 [2J"
    assert entry["system_description"] == "FRR on Debian"
    assert (entry["port"], entry["port_id"], entry["port_description"]) == ("eth1", "eth3", "")
    assert (entry["capabilities"], entry["enabled"]) == ("B,R", "R")
    assert read_neighbors({"lldp": [{}]}) == []


@pytest.mark.lab
def test_port_is_shut_and_opened_with_its_routes(namespaces: tuple[str, str]) -> None:
    inside, _ = namespaces
    run("ip", "-n", inside, "route", "add", "default", "via", "198.51.100.2")
    ports = KernelPorts(inside)
    assert ports.states()["eth0"][0]
    ports.set_admin("eth0", up=False)
    assert not ports.states()["eth0"][0]
    assert "default" not in run("ip", "-n", inside, "route")
    ports.set_admin("eth0", up=True)
    assert "default via 198.51.100.2" in run("ip", "-n", inside, "route")


@pytest.mark.lab
def test_push_that_shuts_its_own_port_is_taken_back(
    namespaces: tuple[str, str], tmp_path: Path
) -> None:
    inside, outside = namespaces
    for boot in boots(tmp_path):
        switch = boot_inside(boot, inside)
        hosts = tmp_path / "hosts"
        hosts.write_text(f"[198.51.100.1]:{switch.port} {switch.host_key}\n")
        script = PUSH.format(user=USERNAME, password=PASSWORD)
        command = ["ip", "netns", "exec", outside, sys.executable, "-c", script]
        with subprocess.Popen([*command, str(hosts), str(switch.port)], stdin=-1) as client:
            switch.until("change")
            assert not KernelPorts(inside).states()["eth0"][0]
            reverted = switch.until("revert")
            client.communicate(b"\n")
        assert reverted["removed"] == ["interface GigabitEthernet0/0 > shutdown"]
        assert KernelPorts(inside).states()["eth0"][0]


def test_port_the_kernel_does_not_show_is_down(tmp_path: Path) -> None:
    values = {**defaults("ios", tmp_path), "netns": "no-such-namespace", "journal": None}
    device = Device(Settings(**{**values, "state_dir": tmp_path}), IOS, "hostname x\n")
    states = {port.name: port.up for port in interfaces(device)}
    assert states["GigabitEthernet1/0/1"] is False


def test_missing_ports_stop_the_boot(tmp_path: Path) -> None:
    values = {**defaults("ios", tmp_path), "netns": "no-such-namespace", "journal": None}
    with pytest.raises(ValueError, match="no such port in the namespace: eth1, eth2, eth3"):
        build(Settings(**{**values, "state_dir": tmp_path}))


def boot_inside(boot: Boot, inside: str) -> Switch:
    return boot(
        "ios",
        prefix=("ip", "netns", "exec", inside),
        netns=inside,
        listen="198.51.100.1",
        interfaces={"GigabitEthernet0/0": "eth0", "GigabitEthernet0/1": "eth1"},
        management_interface="GigabitEthernet0/0",
        clock_factor=20,
    )
