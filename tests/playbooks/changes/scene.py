"""A change that was approved and started on one simulated switch, and what may befall it."""

from __future__ import annotations

import base64
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hatang import clock, secrets
from hatang.drivers import hostkeys
from hatang.drivers.hostkeys import StoredHostKeys
from inventory.models import Device
from playbooks import changes
from playbooks.changes import jobs
from playbooks.changes.push import push
from tests.lab.simulators.conftest import Boot, boots
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch
from tests.playbooks.changes.planned import AT_ONCE, OneDevice
from tests.playbooks.records import device

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database

ROOT = Path(__file__).parents[3]
REVERT = 120
FASTER = 60  # our waiting and a switch's timer, where one has to run out
PLATFORMS = {"ios": "cisco_ios", "eos": "arista_eos"}
PORTS = {"ios": "ssh", "eos": "https"}
TEXTS = {
    "ios": "interface GigabitEthernet1/0/1\n description from-hatang\n",
    "eos": "interface Ethernet1\n   description from-hatang\n",
}


@dataclass
class Scene(OneDevice):
    """An approved and started change on one simulated switch."""

    switch: Switch
    database: Database
    data_dir: Path
    number: int

    def doomed(self, moment: str) -> list[str]:
        """Return the command of a worker that pushes, and at `moment` dies or stands still."""
        url = self.database.engine.url.render_as_string(hide_password=False)
        words = [str(self.data_dir), url, str(self.target.id), moment]
        return [sys.executable, "-m", "tests.playbooks.changes.dying", *words]

    def push_and_die(self, moment: str) -> None:
        done = subprocess.run(self.doomed(moment), cwd=ROOT, check=False)
        assert done.returncode == -signal.SIGKILL

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

    def start(
        persona: str, factor: float = 1.0, database: Database = sqlite_database, **extra: Any
    ) -> Scene:
        extra["clock_factor"] = factor
        if persona == "ios":
            (data_dir / "initial").write_text("archive\n path flash:archive\n")
            extra["initial_config"] = str(data_dir / "initial")
        switch = boot(persona, **extra)
        register(database, people[0], switch, persona)
        number = started(database, people, TEXTS[persona])
        return Scene(switch, database, data_dir, number)

    return start


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Our waiting and our clock run as fast as the switch's timer."""
    with clock.frozen(clock.now()) as hand:

        def wait(seconds: float) -> None:
            time.sleep(seconds / FASTER)
            hand.advance(seconds)

        monkeypatch.setattr(jobs, "push", partial(push, wait=wait))
        yield


def started(database: Database, people: tuple[Actor, Actor, Actor], text: str) -> int:
    """Return a change of the switch that was planned, approved and told to run."""
    _, engineer, approver = people
    with database.write() as session:
        draft = changes.Draft("T", "why", {"sw": text}, REVERT, rollout=AT_ONCE)
        number = changes.create(session, engineer, draft)
    digest = changes.plan(database, StoredHostKeys(database), engineer, number)
    with database.write() as session:
        changes.submit(session, engineer, number)
        changes.decide(session, approver, number, digest, approve=True)
        changes.execute(session, engineer, number)
    return number


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
