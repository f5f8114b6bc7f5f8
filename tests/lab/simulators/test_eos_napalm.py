"""The unmodified napalm-eos driver works against the EOS persona, certificate verified."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyeapi
import pytest
from napalm import get_network_driver
from napalm.base.exceptions import MergeConfigException, ReplaceConfigException
from pyeapi.eapilib import CommandError, ConnectionError

from tests.lab.simulators.conftest import Boot, certificate
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch

pytestmark = pytest.mark.slow

MERGE = "interface Ethernet1\n   description from-napalm\n"


def context(path: str) -> ssl.SSLContext:
    """Trusts exactly this certificate, and the address it names."""
    return ssl.create_default_context(cafile=path)


def driver(switch: Switch, password: str = PASSWORD, trusted: str = "") -> Any:
    options = {
        "transport": "https",
        "port": switch.port,
        "context": context(trusted or switch.settings["certificate"]),
    }
    return get_network_driver("eos")(LISTEN, USERNAME, password, 20, optional_args=options)


@pytest.fixture
def device(eos: Switch) -> Iterator[Any]:
    opened = driver(eos)
    opened.open()
    yield opened
    opened.close()


def running(device: Any) -> str:
    return str(device.get_config(retrieve="running")["running"])


def test_facts_and_interfaces_are_read(shared_eos: Switch) -> None:
    device = driver(shared_eos)
    device.open()
    facts = device.get_facts()
    assert facts["hostname"] == "eos-1"
    assert facts["vendor"] == "Arista"
    assert "Management1" in facts["interface_list"]
    assert device.get_interfaces()["Ethernet1"]["is_up"] is True
    assert device.get_lldp_neighbors() == {}
    assert device.get_lldp_neighbors_detail() == {}


def test_merge_is_compared_discarded_committed_and_rolled_back(device: Any, eos: Switch) -> None:
    device.load_merge_candidate(config=MERGE)
    assert "+   description from-napalm" in device.compare_config()
    device.discard_config()
    assert device.compare_config() == ""
    device.load_merge_candidate(config=MERGE)
    device.commit_config()
    assert "from-napalm" in running(device)
    assert eos.actions()["change"] == 1
    device.rollback()
    assert "from-napalm" not in running(device)
    assert eos.actions()["change"] == 2


def test_unconfirmed_replace_returns_by_itself(device: Any, eos: Switch) -> None:
    before = running(device)
    changed = before.replace("interface Ethernet2", "interface Ethernet2\n   description replaced")
    device.load_replace_candidate(config=changed)
    assert "+   description replaced" in device.compare_config()
    device.commit_config(revert_in=60)
    assert device.has_pending_commit()
    assert eos.until("revert")["removed"] == ["interface Ethernet2 > description replaced"]
    assert running(device) == before
    assert not device.has_pending_commit()
    assert eos.actions()["change"] == 1
    device.config_session = None


def test_confirmed_commit_stays_and_is_saved(boot: Boot) -> None:
    eos = boot("eos", clock_factor=10)
    opened = driver(eos)
    opened.open()
    opened.load_merge_candidate(config=MERGE)
    opened.commit_config(revert_in=60)
    opened.confirm_commit()
    assert not opened.has_pending_commit()
    assert "from-napalm" in opened.get_config(retrieve="startup")["startup"]
    assert eos.actions()["confirm"] == 1
    opened.close()


def test_rollback_takes_a_timed_commit_back_at_once(device: Any, eos: Switch) -> None:
    before = running(device)
    device.load_merge_candidate(config=MERGE)
    device.commit_config(revert_in=3600)
    device.rollback()
    assert running(device) == before
    assert eos.actions()["revert"] == 1


def test_commit_that_closes_eapi_is_taken_back(device: Any, eos: Switch) -> None:
    device.load_merge_candidate(config="management api http-commands\n   shutdown\n")
    with suppress(ConnectionError):  # the answer may be lost with the connection
        device.commit_config(revert_in=60)
    assert eos.until("revert")["added"] == ["management api http-commands > no shutdown"]
    eos.until_listening()
    again = driver(eos)
    again.open()
    assert not again.has_pending_commit()
    device.config_session = None


def test_refused_line_is_named_and_nothing_stays(device: Any) -> None:
    before = running(device)
    with pytest.raises(MergeConfigException, match="bogus line"):
        device.load_merge_candidate(config=f"{MERGE}   bogus line\n")
    with pytest.raises(ReplaceConfigException, match="nonsense 1 2 3"):
        device.load_replace_candidate(config=f"{before}\nnonsense 1 2 3\n")
    assert running(device) == before


def test_another_certificate_is_refused_before_the_password(
    shared_eos: Switch, tmp_path: Path
) -> None:
    other = certificate(tmp_path)["certificate"]
    before = len(shared_eos.entries())
    with pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        driver(shared_eos, trusted=other).open()
    assert len(shared_eos.entries()) == before


def test_wrong_password_is_refused(shared_eos: Switch) -> None:
    before = len(shared_eos.entries())
    with pytest.raises(ConnectionError, match="Unauthorized"):
        driver(shared_eos, password="wrong").open()
    assert [entry["action"] for entry in shared_eos.entries()[before:]] == ["login_failed"]


def node(switch: Switch, enable: str = "") -> Any:
    connection = pyeapi.connect(
        transport="https",
        host=LISTEN,
        username=USERNAME,
        password=PASSWORD,
        port=switch.port,
        context=context(switch.settings["certificate"]),
    )
    return pyeapi.client.Node(connection, enablepwd=enable)


def test_pyeapi_configures_line_by_line_as_one_change(eos: Switch) -> None:
    switch = node(eos)
    switch.config(["interface Ethernet3", "description one", "mtu 9000"])
    assert "description one" in switch.get_config(as_string=True)
    changed = [entry for entry in eos.entries() if entry["action"] == "change"]
    assert [entry["added"] for entry in changed] == [
        ["interface Ethernet3 > description one", "interface Ethernet3 > mtu 9000"]
    ]


def test_unknown_command_is_refused_with_its_place(shared_eos: Switch) -> None:
    with pytest.raises(CommandError, match="CLI command 3 of 3 'show nothing' failed") as refused:
        node(shared_eos).run_commands(["show hostname", "show nothing"])
    assert refused.value.error_code == 1002
    assert refused.value.output[-1] == {"errors": ["Invalid input (at token 1: 'nothing')"]}
