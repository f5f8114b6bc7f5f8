"""kill -9 in a push to simulated switches: each is changed once, and nobody else's commit kept."""

from __future__ import annotations

import base64
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from napalm import get_network_driver
from sqlalchemy import select

from hatang import secrets
from hatang.drivers import hostkeys
from hatang.drivers.hostkeys import StoredHostKeys
from inventory.models import Device
from playbooks import changes
from playbooks.changes import jobs
from playbooks.choices import ChangeState, TargetState
from playbooks.models import Change, ChangeTarget
from tests.lab.simulators.conftest import Boot, boots
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch
from tests.lab.simulators.test_ios_napalm import driver as ios_login
from tests.playbooks.changes.planned import AT_ONCE
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
REVERT = 120
PLATFORMS = {"ios": "cisco_ios", "eos": "arista_eos"}
PORTS = {"ios": "ssh", "eos": "https"}
TEXTS = {
    "ios": "interface GigabitEthernet1/0/1\n description from-hatang\n",
    "eos": "interface Ethernet1\n   description from-hatang\n",
}
FOREIGN = "hostname of-another\n"


@dataclass
class Scene:
    """An approved and started change on one simulated switch."""

    switch: Switch
    database: Database
    data_dir: Path
    number: int

    @property
    def target(self) -> ChangeTarget:
        with self.database.read() as session:
            found = select(ChangeTarget).where(ChangeTarget.change_id == self.number)
            return session.scalars(found).one()

    @property
    def state(self) -> str:
        with self.database.read() as session:
            return session.get_one(Change, self.number).state

    def push_and_die(self, moment: str) -> None:
        url = self.database.engine.url.render_as_string(hide_password=False)
        words = [str(self.data_dir), url, str(self.target.id), moment]
        command = [sys.executable, "-m", "tests.playbooks.changes.dying", *words]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    def push(self) -> str:
        return jobs._push(self.database, self.target.id)


Play = Callable[..., Scene]


@pytest.fixture
def boot(tmp_path: Path) -> Iterator[Boot]:
    yield from boots(tmp_path)


@pytest.fixture
def people(admin: Actor, engineer: Actor, approver: Actor) -> tuple[Actor, Actor, Actor]:
    return admin, engineer, approver


@pytest.fixture
def play(
    boot: Boot,
    sqlite_database: Database,
    data_dir: Path,
    people: tuple[Actor, Actor, Actor],
) -> Play:
    """Start a change on a switch of a persona; its timer runs `factor` times as fast."""
    database = sqlite_database
    admin, engineer, approver = people

    def start(persona: str, factor: float = 1.0) -> Scene:
        extra: dict[str, Any] = {"clock_factor": factor}
        if persona == "ios":
            (data_dir / "initial").write_text("archive\n path flash:archive\n")
            extra["initial_config"] = str(data_dir / "initial")
        switch = boot(persona, **extra)
        register(database, admin, switch, persona)
        with database.write() as session:
            texts = {"sw": TEXTS[persona]}
            draft = changes.Draft("T", "why", texts, REVERT, rollout=AT_ONCE)
            number = changes.create(session, engineer, draft)
        digest = changes.plan(database, StoredHostKeys(database), engineer, number)
        with database.write() as session:
            changes.submit(session, engineer, number)
            changes.decide(session, approver, number, digest, approve=True)
            changes.execute(session, engineer, number)
        return Scene(switch, database, data_dir, number)

    return start


def register(database: Database, admin: Actor, switch: Switch, persona: str) -> None:
    """Write the switch into the inventory, with its keys and a login."""
    login = {"username": USERNAME, "password": PASSWORD}
    with database.write() as session:
        access = device(session, "sw", PLATFORMS[persona])
        row = session.get_one(Device, access.device_id)
        row.primary_ip4 = LISTEN
        row.ports = {PORTS[persona]: switch.port, "ssh": switch.port}
        row.credentials = {"ssh": "ops", "https": "ops"}
        secrets.put(session, admin, "ops", "ssh", login)
        line = switch.host_key
        if persona == "eos":
            pem = Path(switch.settings["certificate"]).read_text()
            der = base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode()
            line = f"{hostkeys.CERTIFICATE} {der}"
        key = hostkeys.parse_key(line)
        hostkeys.enrol(session, LISTEN, switch.port, [key], "test")


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
