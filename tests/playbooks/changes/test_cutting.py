"""A change that cuts its own way comes back by itself, on simulated switches of IOS and EOS.

The switch's own journal is the truth: changed, taken back by its timer, never confirmed or saved.
The other personas are asked in tests/playbooks/drivers/test_lockout.py, mutants of drivers there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from playbooks.changes import jobs
from playbooks.changes.push import Outcome, push
from playbooks.choices import TargetState
from tests.playbooks.changes.scene import Play, Scene, boot, people, play, quick, started

if TYPE_CHECKING:
    from typing import Any

    from hatang.auth import Actor

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


def test_a_push_that_never_looks_again_is_told_apart(
    play: Play, people: tuple[Actor, Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(*given: Any, **named: Any) -> Outcome:
        push(*given, **named)
        return Outcome(TargetState.CONFIRMED)

    monkeypatch.setattr(jobs, "push", blind)
    assert came_back(play("ios", FASTER), people, "ios", 1) == 0
