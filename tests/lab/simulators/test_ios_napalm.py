"""The unmodified napalm-ios driver works against the IOS persona, host key verified."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from napalm import get_network_driver
from napalm.base.exceptions import ConnectionException, MergeConfigException, ReplaceConfigException
from netmiko.exceptions import NetmikoAuthenticationException

from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch

PORT = "GigabitEthernet1/0/1"
MERGE = f"interface {PORT}\n description from-napalm\nend\n"

Open = Callable[..., Any]


def known_hosts(switch: Switch, line: str) -> Path:
    path = switch.directory / "known_hosts"
    path.write_text(f"[{LISTEN}]:{switch.port} {line}\n")
    return path


def driver(switch: Switch, host_key: str = "", password: str = PASSWORD) -> Any:
    verified = {
        "ssh_strict": True,
        "system_host_keys": False,
        "alt_host_keys": True,
        "alt_key_file": str(known_hosts(switch, host_key or switch.host_key)),
    }
    options = {"port": switch.port, "fast_cli": True, **verified}
    return get_network_driver("ios")(LISTEN, USERNAME, password, 20, optional_args=options)


@pytest.fixture
def device(ios: Switch) -> Iterator[Any]:
    opened = driver(ios)
    opened.open()
    yield opened
    opened.close()


def running(device: Any) -> str:
    """The running configuration, without the line the driver itself switches on and off."""
    text = str(device.get_config(retrieve="running")["running"])
    return text.replace("file prompt quiet\n", "").replace("!\n", "")


def test_facts_and_interfaces_are_read(shared_ios: Switch) -> None:
    device = driver(shared_ios)
    device.open()
    facts = device.get_facts()
    assert facts["hostname"] == "ios-1"
    assert facts["vendor"] == "Cisco"
    assert facts["interface_list"][:2] == ["Vlan1", PORT]
    assert device.get_interfaces()[PORT]["is_up"] is True
    assert device.get_lldp_neighbors() == {}
    device.close()


@pytest.mark.slow
def test_merge_is_compared_discarded_committed_and_rolled_back(device: Any, ios: Switch) -> None:
    device.load_merge_candidate(config=MERGE)
    assert "+ description from-napalm" in device.compare_config()
    device.discard_config()
    assert device.compare_config() == ""
    device.load_merge_candidate(config=MERGE)
    device.commit_config()
    assert "from-napalm" in running(device)
    assert ios.actions()["change"] == 1
    device.rollback()
    assert "from-napalm" not in running(device)
    assert ios.actions()["change"] == 2


@pytest.mark.slow
def test_unconfirmed_replace_returns_by_itself(device: Any, ios: Switch) -> None:
    before = running(device)
    device.load_replace_candidate(config=before.replace(PORT, f"{PORT}\n description replaced"))
    assert "+description replaced" in device.compare_config()
    device.commit_config(revert_in=60)
    reverted = ios.until("revert")
    assert reverted["removed"] == [f"interface {PORT} > description replaced"]
    assert "replaced" not in running(device)
    assert ios.actions()["change"] == 1


@pytest.mark.slow
def test_confirmed_merge_stays_and_is_saved(device: Any, boot: Any) -> None:
    ios = boot("ios", clock_factor=10)
    opened = driver(ios)
    opened.open()
    opened.load_merge_candidate(config=MERGE)
    opened.commit_config(revert_in=60)
    assert opened.has_pending_commit()
    assert "from-napalm" not in opened.get_config(retrieve="startup")["startup"]
    opened.confirm_commit()
    assert not opened.has_pending_commit()
    assert "from-napalm" in opened.get_config(retrieve="startup")["startup"]
    opened.close()


@pytest.mark.slow
def test_refused_line_is_named_and_nothing_stays(device: Any) -> None:
    before = running(device)
    device.load_merge_candidate(config=f"interface {PORT}\n description half\n bogus line\nend\n")
    with pytest.raises(MergeConfigException, match="bogus line"):
        device.commit_config()
    assert "half" not in running(device)
    device.load_replace_candidate(config=f"{before}\nnonsense 1 2 3\n")
    with pytest.raises(ReplaceConfigException, match="nonsense 1 2 3"):
        device.commit_config()
    assert running(device) == before


def test_another_host_key_is_refused_before_the_password(shared_ios: Switch) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    before = len(shared_ios.entries())
    with pytest.raises(ConnectionException):
        driver(shared_ios, host_key=other).open()
    assert len(shared_ios.entries()) == before


def test_wrong_password_is_refused(shared_ios: Switch) -> None:
    before = len(shared_ios.entries())
    with pytest.raises(NetmikoAuthenticationException):
        driver(shared_ios, password="wrong").open()
    assert [entry["action"] for entry in shared_ios.entries()[before:]] == ["login_failed"]
