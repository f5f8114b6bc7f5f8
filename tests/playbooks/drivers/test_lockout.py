"""A push that cuts its own management path comes back, on each simulated device.

Judged by the device's own journal, over netmiko's unmodified clients. Every mutant of a driver
that gives one of the four promises up must be told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from playbooks.choices import TargetState
from tests.lab.simulators.conftest import boots
from tests.playbooks.drivers.personas import FASTER, PERSONAS, Persona, Planned, connect, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.simulators.conftest import Boot
    from tests.lab.simulators.switch import Switch

ARMING = {
    "vrp": "commit trial ",
    "comware": "configuration commit delay ",
    "nxos": "time start ",
    "iosxr": "commit label ",
    "routeros": "/system scheduler add ",
    "fortios": "set cfg-save revert",
}
TWO_STAGED = {"vrp", "iosxr"}
SAVING = {
    "vrp": "save",
    "iosxr": "commit",  # a commit that is no trial is what lasts
    "comware": "save force",
    "nxos": "copy running-config startup-config",
    "fortios": "execute cfg save",
}


@pytest.fixture
def boot(tmp_path: Path) -> Iterator[Boot]:
    yield from boots(tmp_path)


def never_armed(persona: Persona) -> type:
    class NeverArmed(persona.driver):  # type: ignore[name-defined,misc]
        def _type(self, line: str, **named: Any) -> str:
            if line.startswith(ARMING[persona.name]):
                line = "commit" if persona.name in TWO_STAGED else ""
            return str(super()._type(line, **named)) if line else ""

    return NeverArmed


def armed_after_applying(persona: Persona) -> type:
    class ArmedAfter(persona.driver):  # type: ignore[name-defined,misc]
        def _type(self, line: str, **named: Any) -> str:
            if line.startswith(ARMING[persona.name]) and not hasattr(self, "late"):
                self.late = line
                line = "commit" if persona.name in TWO_STAGED else ""
            return str(super()._type(line, **named)) if line else ""

        def _mark_whole(self) -> None:
            self._type(self.late)
            super()._mark_whole()

    return ArmedAfter


def confirmed_before_verify(persona: Persona) -> type:
    class ConfirmedBefore(persona.driver):  # type: ignore[name-defined,misc]
        def _mark_whole(self) -> None:
            super()._mark_whole()
            self.confirm_commit()

    return ConfirmedBefore


def saved_early(persona: Persona) -> type:
    class SavedEarly(persona.driver):  # type: ignore[name-defined,misc]
        def _mark_whole(self) -> None:
            super()._mark_whole()
            if persona.name == "iosxr":
                self._enter()
            self._type(SAVING[persona.name], answer="y")

    return SavedEarly


def cut(switch: Switch, persona: Persona, times: int) -> list[str]:
    """Cut it off so often, by turns in either way; what went wrong."""
    found = []
    for number in range(times):
        text = persona.port_off if number % 2 else persona.service_off
        since = len(switch.entries())
        outcome = Planned(switch, persona, text, commit_id=f"hatang-{number}-abcd").push()
        found += faults(switch, outcome, since)
    reverts = switch.actions()["revert"]
    return found if reverts == times else [*found, f"taken back {reverts} times"]


@pytest.mark.slow
@pytest.mark.parametrize("name", PERSONAS)
def test_a_push_that_cuts_itself_off_comes_back_three_times(name: str, boot: Boot) -> None:
    assert cut(boot(name, clock_factor=FASTER), PERSONAS[name], 3) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PERSONAS)
@pytest.mark.parametrize(
    ("mutant", "cut"),
    [
        (never_armed, "port_off"),
        (armed_after_applying, "port_off"),
        (confirmed_before_verify, "service_off"),
        (saved_early, "service_off"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)
def test_sabotage_a_driver_that_breaks_a_promise(
    mutant: Any, cut: str, name: str, boot: Boot
) -> None:
    persona = PERSONAS[name]
    if mutant is saved_early and name not in SAVING:
        pytest.skip("no startup configuration beside the running one")
    switch = boot(name, clock_factor=FASTER)
    outcome = Planned(switch, persona, getattr(persona, cut), driver=mutant(persona)).push()
    assert faults(switch, outcome) != []


@pytest.mark.slow
@pytest.mark.parametrize("name", PERSONAS)
def test_a_push_that_works_is_confirmed_and_saved(name: str, boot: Boot) -> None:
    persona = PERSONAS[name]
    switch = boot(name, clock_factor=10)
    outcome = Planned(switch, persona, persona.harmless).push()
    assert outcome.state is TargetState.CONFIRMED
    assert persona.marker in (outcome.text or "")
    did = [entry["action"] for entry in switch.entries()]
    assert did.count("confirm") == 1
    assert did.index("timer_armed") < did.index("change") < did.index("confirm")
    assert "revert" not in did


@pytest.mark.slow
@pytest.mark.parametrize("name", [one for one in PERSONAS if one not in TWO_STAGED])
def test_a_refused_line_takes_those_before_it_back(name: str, boot: Boot) -> None:
    persona = PERSONAS[name]
    switch = boot(name, clock_factor=1)
    planned = Planned(switch, persona, persona.wrong)
    assert planned.push().state is TargetState.REJECTED
    switch.until_listening()
    with connect(switch, persona) as session:
        assert session.call("get_config", retrieve="running")["running"] == planned.before


@pytest.mark.soak
@pytest.mark.parametrize("name", PERSONAS)
def test_a_hundred_pushes_that_cut_themselves_off_come_back(name: str, boot: Boot) -> None:
    assert cut(boot(name, clock_factor=FASTER), PERSONAS[name], 100) == []
