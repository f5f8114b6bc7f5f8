"""Whose change waits: what another did since is neither confirmed nor taken back as ours.

On simulated devices, over netmiko's unmodified clients. IOS XR stands in test_xr.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.errors import DriverError
from playbooks.changes.push import Attempt, Order
from playbooks.choices import TargetState
from tests.acceptance.red import eventually
from tests.lab.simulators.conftest import boots
from tests.playbooks.drivers.personas import PERSONAS, Watch, connect, identify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.drivers.napalm import NapalmSession
    from tests.lab.simulators.conftest import Boot
    from tests.lab.simulators.switch import Switch

pytestmark = pytest.mark.slow

OURS = "hatang-1-ours"
BY_HAND = {
    "comware": ["system-view", "interface GigabitEthernet1/0/2", "description theirs", "return"],
    "nxos": ["configure terminal", "interface Ethernet1/2", "description theirs", "end"],
    "routeros": ['/ip address add address=10.8.8.1/24 interface=ether1 comment="theirs"'],
}
THEIRS = 'config system interface\nedit "port2"\nset alias "theirs"\nnext\nend\n'


@pytest.fixture
def boot(tmp_path: Path) -> Iterator[Boot]:
    yield from boots(tmp_path)


def opened(switch: Switch, name: str, commit_id: str = OURS) -> NapalmSession:
    return connect(switch, PERSONAS[name], commit_id)


def send(session: NapalmSession, text: str, seconds: int = 600) -> None:
    session.call("load_merge_candidate", config=text)
    session.call("commit_config", revert_in=seconds)


def lets_in(switch: Switch, name: str) -> bool:
    try:
        opened(switch, name).close()
    except DriverError:
        return False
    return True


def taken_back_and_changed(switch: Switch, name: str) -> None:
    """Let our change take itself back, and another change the device by hand."""
    with opened(switch, name) as session:
        send(session, PERSONAS[name].harmless, 120)
    switch.until("revert")
    assert eventually(lambda: lets_in(switch, name), 20)  # some boot to take a change back
    with opened(switch, name) as session:
        session.call("cli", BY_HAND[name])


def settled(switch: Switch, name: str) -> TargetState | None:
    text = PERSONAS[name].harmless
    order = Order(text, None, "before", 120, clock.now(), OURS, is_resumed=True)
    with opened(switch, name) as session:
        outcome = Attempt(order, identify, Watch()).settle(session)
    return None if outcome is None else outcome.state


@pytest.mark.parametrize("name", BY_HAND)
def test_what_another_did_after_ours_was_taken_back_stays(name: str, boot: Boot) -> None:
    switch = boot(name, clock_factor=60)
    taken_back_and_changed(switch, name)
    with opened(switch, name) as session:
        with pytest.raises(DriverError, match="nothing is taken back"):
            session.call("rollback")
        assert "theirs" in session.call("get_config", retrieve="running")["running"]


@pytest.mark.parametrize("name", BY_HAND)
def test_what_another_did_after_ours_was_taken_back_is_not_confirmed_as_ours(
    name: str, boot: Boot
) -> None:
    switch = boot(name, clock_factor=60)
    taken_back_and_changed(switch, name)
    assert settled(switch, name) is not TargetState.CONFIRMED
    assert "confirm" not in switch.actions()
    assert "save" not in switch.actions()


def test_a_change_of_another_on_comware_reads_as_drift(boot: Boot) -> None:
    switch = boot("comware", clock_factor=1)
    with opened(switch, "comware") as session:
        send(session, PERSONAS["comware"].harmless)
    with opened(switch, "comware") as session:
        session.call("cli", BY_HAND["comware"])
    assert settled(switch, "comware") is TargetState.DRIFT


def test_on_fortios_a_kept_change_does_not_save_the_one_that_waits_now(boot: Boot) -> None:
    switch = boot("fortios", clock_factor=1)
    with opened(switch, "fortios") as session:
        send(session, PERSONAS["fortios"].harmless)
        session.call("confirm_commit")
        assert session.call("pending_commits") == []
    with opened(switch, "fortios", "hatang-2-theirs") as session:
        send(session, THEIRS)
        assert [one.name for one in session.call("pending_commits")] == ["hatang-2-theirs"]
    assert settled(switch, "fortios") is TargetState.DRIFT
    with opened(switch, "fortios") as session:
        for verb in ("confirm_commit", "rollback"):
            with pytest.raises(DriverError, match="no commit of ours waits"):
                session.call(verb)
    assert switch.actions()["save"] == 1
