"""kill -9 in a push to simulated switches: each is changed once, and nobody else's commit kept."""

from __future__ import annotations

import ssl

import pytest
from napalm import get_network_driver

from playbooks import changes
from playbooks.choices import ChangeState, TargetState
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch
from tests.lab.simulators.test_ios_napalm import driver as ios_login
from tests.playbooks.changes.scene import REVERT, Play, boot, people, play
from tests.playbooks.records import SYSTEM

pytestmark = pytest.mark.slow

__all__ = ["boot", "people", "play"]

FOREIGN = "hostname of-another\n"


@pytest.mark.parametrize("persona", ["ios", "eos"])
@pytest.mark.parametrize("moment", ["armed", "sent", "confirmed"])
def test_the_switch_is_changed_once_wherever_the_worker_died(
    play: Play, persona: str, moment: str
) -> None:
    scene = play(persona)
    scene.push_and_die(moment)
    assert scene.target.state == TargetState.APPLYING
    assert scene.push() == TargetState.CONFIRMED
    assert scene.state == ChangeState.DONE
    counted = scene.switch.actions()
    assert (counted["change"], counted["confirm"], counted["revert"]) == (1, 1, 0)


def test_what_was_confirmed_and_not_saved_is_saved_by_the_next_worker(play: Play) -> None:
    scene = play("ios")
    scene.push_and_die("unsaved")
    assert scene.switch.actions()["save"] == 0
    assert scene.push() == TargetState.CONFIRMED
    counted = scene.switch.actions()
    assert (counted["confirm"], counted["save"]) == (1, 1)


@pytest.mark.parametrize("persona", ["ios", "eos"])
def test_a_commit_another_left_there_meanwhile_is_not_touched(play: Play, persona: str) -> None:
    scene = play(persona)
    scene.push_and_die("armed")
    arm_as_another(scene.switch, persona)
    before = written(scene.switch)
    assert scene.push() == TargetState.DRIFT
    assert scene.state == ChangeState.FAILED
    assert written(scene.switch) == before
    with scene.database.read() as session:
        doubts = changes.list_doubts(session, SYSTEM).items
    assert [(each.device, each.state) for each in doubts] == [("sw", TargetState.DRIFT)]


def written(switch: Switch) -> dict[str, int]:
    """Return how often each thing but a login was done to the switch, by its own journal."""
    return {action: times for action, times in switch.actions().items() if action != "login"}


def arm_as_another(switch: Switch, persona: str) -> None:
    """Change the switch on a timer, as a colleague with the same login does by hand."""
    if persona == "ios":
        opened = ios_login(switch)
        opened.open()
        opened.load_merge_candidate(config=FOREIGN)
        opened.commit_config(revert_in=2 * REVERT)
        opened.close()
        return
    options = {
        "transport": "https",
        "lock_disable": True,  # a person at the command line minds no lock of NAPALM's
        "port": switch.port,
        "context": ssl.create_default_context(cafile=switch.settings["certificate"]),
    }
    opened = get_network_driver("eos")(LISTEN, USERNAME, PASSWORD, 20, optional_args=options)
    opened.open()
    opened.load_merge_candidate(config=FOREIGN)
    opened.commit_config(revert_in=REVERT)
    opened.config_session = None  # or closing would abort it
    opened.close()
