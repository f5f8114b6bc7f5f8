"""Every network role, played over network_cli on a simulated switch, changes nothing again.

Truth is the switch's own journal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hatang.drivers.fakes import FakeHostKeys
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import SshLogin, Target
from inventory import platforms
from playbooks.access import Access
from playbooks.catalogue import all_playbooks, playbook
from playbooks.parameters import check
from playbooks.runs.playing import Play, play
from playbooks.runs.workspace import workspace
from tests.lab.simulators.conftest import boot  # noqa: F401 - a fixture
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.simulators.conftest import Boot

ENABLE = "enable-of-1"
GIVEN: dict[str, dict[str, Any]] = {
    "network-time": {"ios_time_servers": "10.1.0.5,10.1.0.6"},
    "network-logging": {"ios_logging_relays": "10.1.0.9", "ios_logging_trap": "warnings"},
}
BEFORE = "ntp server 10.9.9.9\nntp server 10.1.0.5 prefer\nlogging host 10.9.9.8\n"
NETWORK = sorted(name for name, book in all_playbooks().items() if "cisco_ios" in book.platforms)

pytestmark = pytest.mark.slow


@pytest.fixture
def switch(boot: Boot, tmp_path: Path) -> Switch:  # noqa: F811
    """Return a switch that asks for its enable password, and holds servers that are not wanted."""
    (tmp_path / "before").write_text(BEFORE)
    return boot("ios", enable=ENABLE, initial_config=str(tmp_path / "before"))


def run(switch: Switch, name: str, *, cmdline: str = "--diff", **login: Any) -> dict[str, Any]:
    """Play it; what came of it, and whether an event told a secret."""
    kind, data = switch.host_key.split()[:2]
    keys = FakeHostKeys({(LISTEN, switch.port): [PublicKey(kind, data)]})
    given = {"password": PASSWORD, "enable_password": ENABLE} | login
    who = SshLogin(USERNAME, **given)
    target = Target("sw", LISTEN, switch.port)
    access = Access(1, 1, "sw-1", platforms.get("cisco_ios"), target, target, who, who)
    values, problems = check(playbook(name).parameters, GIVEN.get(name, {}))
    assert not problems
    events: list[dict[str, Any]] = []
    with workspace([access], keys, None, values) as folder:
        status = play(Play(folder, playbook(name).file, cmdline=cmdline), events.append)
    kept = [each for each in events if "detail" in each]
    return {
        "status": status,
        "changed": [each["task"] for each in kept if each["detail"].get("changed")],
        "events": events,
        "leaked": PASSWORD in json.dumps(events) or ENABLE in json.dumps(events),
    }


def test_the_time_is_set_by_one_run_and_a_second_one_changes_nothing(switch: Switch) -> None:
    prove(switch, "network-time")
    changed = [entry for entry in switch.entries() if entry["action"] == "change"][-1]
    assert changed["removed"] == ["ntp server 10.9.9.9"]
    assert changed["added"] == ["ntp server 10.1.0.6"]


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(set(NETWORK) - {"network-time"}))
def test_the_second_run_changes_nothing(switch: Switch, name: str) -> None:
    prove(switch, name)


@pytest.mark.soak
def test_a_host_key_that_was_not_enrolled_is_shown_no_password(switch: Switch) -> None:
    switch.host_key = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{'B3tQ0pQ' * 6}"
    assert run(switch, "network-time")["status"] == "failed"
    assert switch.actions()["login"] == switch.actions()["login_failed"] == 0


def prove(switch: Switch, name: str) -> None:
    """A check changes nothing, a run does and saves it, the next one has nothing to do."""
    begun = switch.actions()  # those that a switch writes down while it boots
    checked = run(switch, name, cmdline="--check --diff")
    assert checked["status"] == "successful", checked
    assert switch.actions()["change"] == begun["change"]
    first, second = run(switch, name), run(switch, name)
    assert first["status"] == second["status"] == "successful", first
    assert first["changed"][0] == checked["changed"][0]
    assert second["changed"] == []
    assert switch.actions()["save"] == begun["save"] + 1
    assert not first["leaked"]
