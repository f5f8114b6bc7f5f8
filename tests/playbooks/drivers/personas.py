"""Simulated devices that push tests cut off, and the pushes that do it."""

from __future__ import annotations

import hashlib
import re
import select
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.drivers.napalm import NapalmOptions, open_napalm
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import SshLogin, Target
from playbooks.changes.push import Order, Outcome, hash_diff, push
from playbooks.choices import TargetState
from playbooks.drivers.comware import ComwareDriver
from playbooks.drivers.fortios import FortiOsDriver
from playbooks.drivers.nxos import NxosDriver
from playbooks.drivers.routeros import RouterOsDriver
from playbooks.drivers.vrp import VrpDriver
from playbooks.drivers.xr import XrDriver
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch

if TYPE_CHECKING:
    from hatang.drivers.napalm import NapalmSession

SECONDS: Final = 60
# A minute of the device's timer lasts three seconds, and so does a minute of ours: a broken driver
# is judged by the same clocks as a good one.
FASTER: Final = 20
WAIT_SECONDS: Final = 0.2


@dataclass(frozen=True)
class Persona:
    """A kind of device: its driver, harmless lines, and two ways to cut oneself off.

    `port_off` ends the session at once; `service_off` leaves it and lets nobody else in.
    """

    name: str
    driver: type
    harmless: str
    marker: str
    port_off: str
    service_off: str
    wrong: str
    seconds: int = SECONDS


PERSONAS = {
    one.name: one
    for one in (
        Persona(
            "vrp",
            VrpDriver,
            "interface 10GE1/0/1\n description new\n",
            "description new",
            "interface MEth0/0/0\n shutdown\n",
            "undo stelnet server enable\n",
            "interface 10GE1/0/1\n descriptio new\n bogus 1\n",
        ),
        Persona(
            "comware",
            ComwareDriver,
            "interface GigabitEthernet1/0/1\n description new\n",
            "description new",
            "interface M-GigabitEthernet0/0/0\n shutdown\n",
            "undo stelnet server enable\n",
            "interface GigabitEthernet1/0/1\n description new\n bogus 1\n",
        ),
        Persona(
            "nxos",
            NxosDriver,
            "interface Ethernet1/1\n  description new\n",
            "description new",
            "interface mgmt0\n  shutdown\n",
            "no feature ssh\n",
            "interface Ethernet1/1\n  description new\n  bogus 1\n",
            seconds=2 * SECONDS,
        ),
        Persona(
            "iosxr",
            XrDriver,
            "interface GigabitEthernet0/0/0/1\n description new\n",
            "description new",
            "interface MgmtEth0/RP0/CPU0/0\n shutdown\n",
            "no ssh server v2\n",
            "interface GigabitEthernet0/0/0/1\n descriptio new\n bogus 1\n",
        ),
        Persona(
            "routeros",
            RouterOsDriver,
            '/ip address\nadd address=10.9.9.1/24 interface=ether1 comment="new one"\n',
            "new one",
            "/interface ethernet set [ find default-name=ether1 ] disabled=yes\n",
            "/ip service set ssh disabled=yes\n",
            "/ip address add address=10.9.9.1/24\n/ip address add bogus=1\n",
        ),
        Persona(
            "fortios",
            FortiOsDriver,
            'config system interface\nedit "port1"\nset alias "new one"\nnext\nend\n',
            "new one",
            'config system interface\nedit "mgmt"\nset status down\nnext\nend\n',
            'config system interface\nedit "mgmt"\nset allowaccess ping\nnext\nend\n',
            'config system interface\nedit "port1"\nset alias "new"\nset bogus 1\nnext\nend\n',
        ),
    )
}


class Keys:
    """Fills HostKeys with the switch's own key."""

    def __init__(self, switch: Switch) -> None:
        kind, data = switch.host_key.split()[:2]
        self._key = PublicKey(kind, data)

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        return [self._key]


class Watch:
    """Fills Guard."""

    def hold(self) -> None:
        """Nobody takes the device."""

    def arm(self) -> datetime:
        return clock.now()


def connect(
    switch: Switch, persona: Persona, commit_id: str = "hatang-1-abcd", driver: type | None = None
) -> NapalmSession:
    target = Target(persona.name, LISTEN, switch.port)
    options = NapalmOptions(
        driver or persona.driver,
        timeout_seconds=10,
        optional_args={"commit_id": commit_id},
    )
    return open_napalm(target, SshLogin(USERNAME, PASSWORD), Keys(switch), options)


def identify(text: str) -> str:
    stable = re.sub(r"(?m)^#.*\n", "", text)
    return hashlib.sha256(stable.encode()).hexdigest()


@dataclass
class Planned:
    """A push as a plan leaves it: what stood before, and what the device says will differ."""

    switch: Switch
    persona: Persona
    text: str
    driver: type | None = None
    commit_id: str = "hatang-1-abcd"
    diff: str = field(default="", init=False)
    before: str = field(default="", init=False)

    def __post_init__(self) -> None:
        with connect(self.switch, self.persona) as session:
            self.before = session.call("get_config", retrieve="running")["running"]
            session.call("load_merge_candidate", config=self.text)
            self.diff = session.call("compare_config")
            session.call("discard_config")

    def push(self) -> Outcome:
        order = Order(
            rendered=self.text,
            diff_sha256=hash_diff(self.diff),
            before_identity=identify(self.before),
            revert_seconds=self.persona.seconds,
            started_at=clock.now(),
            commit_id=self.commit_id,
            username=USERNAME,
        )
        opened = partial(connect, self.switch, self.persona, self.commit_id, driver=self.driver)
        with clock.frozen(datetime(2026, 11, 28, 2, 0, tzinfo=UTC)) as hand:

            def wait(_seconds: float) -> None:
                select.select([], [], [], WAIT_SECONDS)
                hand.advance(WAIT_SECONDS * FASTER)

            return push(order, opened, identify, Watch(), wait=wait)


def faults(switch: Switch, outcome: Outcome, since: int = 0) -> list[str]:
    """What is wrong with a push that cut itself off, by the device's own journal from there on."""
    found = [] if outcome.state is TargetState.REVERTED else [f"the push says {outcome.state}"]
    if not switch.listening():
        found.append("nobody can log in")
    did = [entry["action"] for entry in switch.entries()[since:]]
    if "timer_armed" not in did or did.index("timer_armed") > did.index("change"):
        found.append("no timer ran when the change came in")
    if "save" in did:
        found.append("it was saved before it was confirmed")
    return found
