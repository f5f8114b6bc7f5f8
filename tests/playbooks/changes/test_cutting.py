"""A change that cuts its own way comes back by itself, on simulated switches of IOS and EOS.

The switch's own journal is the truth: changed, taken back by its timer, never confirmed or saved.
Every mutant of a driver that gives one of the four promises up must be told apart. The other
personas are asked in tests/playbooks/drivers/test_lockout.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from hatang.drivers import napalm
from hatang.drivers.eos import ConfirmableEosDriver
from hatang.drivers.ios import ConfirmableIosDriver
from playbooks.changes import jobs
from playbooks.changes.push import Outcome, push
from playbooks.choices import TargetState
from tests.playbooks.changes.scene import Play, Scene, boot, people, play, quick, started
from tests.playbooks.drivers.personas import faults

if TYPE_CHECKING:
    from typing import Any

    from hatang.auth import Actor
    from tests.lab.simulators.switch import Switch

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]

__all__ = ["boot", "people", "play", "quick"]

FASTER = 60
CUTS = {
    "ios": ["interface Vlan1\n shutdown\n"],
    "eos": [
        "interface Management1\n   shutdown\n",
        "management api http-commands\n   shutdown\n",
    ],
}

# The session that sends it lives on, and nobody else gets in: a hasty driver can still speak.
OTHER_PASSWORD = "username ops privilege 15 secret another-one\n"


class IosNeverArmed(ConfirmableIosDriver):
    """Sends the text without a timer."""

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        real, self.device.config_mode = self.device.config_mode, lambda **_: ""
        try:
            super().commit_config(message, revert_in)
        finally:
            self.device.config_mode = real


class IosArmedAfter(ConfirmableIosDriver):
    """Arms the timer once the text is in."""

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        real, self.device.config_mode = self.device.config_mode, lambda **_: ""
        super().commit_config(message, revert_in)
        self.device.config_mode = real
        self.device.config_mode(config_command="configure terminal revert timer 2")


class IosConfirmedBefore(ConfirmableIosDriver):
    """Confirms in the session that changed it."""

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        super().commit_config(message, revert_in)
        self.device.send_command("configure confirm")


class IosSavedEarly(ConfirmableIosDriver):
    """Writes startup before anybody has confirmed."""

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        super().commit_config(message, revert_in)
        self.device.save_config()


class EosAtOnce(ConfirmableEosDriver):
    """Sends commands of its own instead of the timed commit, in as many requests."""

    requests: tuple[tuple[str, ...], ...]

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        for commands in self.requests:
            named = [one.format(f"configure session {self.config_session}") for one in commands]
            self._run_commands(named, encoding="text")
        self._commit_id, self.config_session = self.config_session, None


class EosNeverArmed(EosAtOnce):
    requests = (("{} commit",),)


class EosArmedAfter(EosAtOnce):
    requests = (("{} commit",), ("{} commit timer 00:02:00",))


class EosConfirmedBefore(EosAtOnce):
    requests = (("{} commit timer 00:02:00", "{} commit"),)


class EosSavedEarly(EosAtOnce):
    requests = (("{} commit timer 00:02:00", "write memory"),)


SHUT = {"ios": CUTS["ios"][0], "eos": CUTS["eos"][0]}
UNARMED = "no timer ran when the change came in"
KEPT = "the push says"
SAVED = "it was saved before it was confirmed"


@dataclass(frozen=True)
class Broken:
    """A driver that gives one promise up, what it pushes, and what its switch says of it."""

    persona: str
    driver: type
    text: str
    fault: str


MUTANTS = [
    Broken("ios", IosNeverArmed, SHUT["ios"], UNARMED),
    Broken("ios", IosArmedAfter, SHUT["ios"], UNARMED),
    Broken("ios", IosConfirmedBefore, OTHER_PASSWORD, KEPT),
    Broken("ios", IosSavedEarly, OTHER_PASSWORD, SAVED),
    Broken("eos", EosNeverArmed, SHUT["eos"], UNARMED),
    Broken("eos", EosArmedAfter, SHUT["eos"], UNARMED),
    Broken("eos", EosConfirmedBefore, SHUT["eos"], KEPT),
    Broken("eos", EosSavedEarly, SHUT["eos"], SAVED),
]


def came_back(scene: Scene, people: tuple[Actor, Actor, Actor], persona: str, times: int) -> int:
    """Push it so often; returns how often hatang and the journal say that it came back."""
    back = 0
    for number in range(times):
        scene.number = started(scene.database, people, CUTS[persona][number % len(CUTS[persona])])
        state = scene.push()
        scene.switch.until("revert", number + 1)
        scene.switch.until_listening()
        back += state == TargetState.REVERTED
    counted = scene.switch.actions()
    assert counted["confirm"] == counted["save"] == 0
    assert counted["change"] == counted["revert"] == times
    return back


@pytest.mark.parametrize("persona", CUTS)
def test_a_change_that_cuts_its_own_way_comes_back(
    play: Play, people: tuple[Actor, Actor, Actor], persona: str
) -> None:
    assert came_back(play(persona, FASTER), people, persona, 3) == 3


@pytest.mark.soak
@pytest.mark.parametrize("persona", CUTS)
def test_a_hundred_changes_that_cut_their_own_way_come_back(
    play: Play, people: tuple[Actor, Actor, Actor], persona: str
) -> None:
    assert came_back(play(persona, FASTER), people, persona, 100) == 100


@pytest.mark.soak
def test_a_push_that_never_looks_again_is_told_apart(
    play: Play, people: tuple[Actor, Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(*given: Any, **named: Any) -> Outcome:
        push(*given, **named)
        return Outcome(TargetState.CONFIRMED)

    monkeypatch.setattr(jobs, "push", blind)
    assert came_back(play("ios", FASTER), people, "ios", 1) == 0


def pushed(
    play: Play, people: tuple[Actor, Actor, Actor], persona: str, text: str
) -> tuple[Switch, Outcome]:
    """Push a text; return the switch and what hatang says of it."""
    scene = play(persona, FASTER)
    scene.number = started(scene.database, people, text)
    return scene.switch, Outcome(TargetState(scene.push()))


def test_a_change_of_the_password_that_opens_the_switch_comes_back(
    play: Play, people: tuple[Actor, Actor, Actor]
) -> None:
    switch, outcome = pushed(play, people, "ios", OTHER_PASSWORD)
    switch.until("revert")
    assert faults(switch, outcome) == []


@pytest.mark.parametrize("broken", MUTANTS, ids=lambda broken: broken.driver.__name__)
def test_a_driver_that_breaks_a_promise_is_told_apart(
    play: Play,
    people: tuple[Actor, Actor, Actor],
    monkeypatch: pytest.MonkeyPatch,
    broken: Broken,
) -> None:
    monkeypatch.setitem(napalm._OWN, broken.persona, broken.driver)
    found = faults(*pushed(play, people, broken.persona, broken.text))
    assert any(each.startswith(broken.fault) for each in found), found
