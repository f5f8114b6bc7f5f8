"""PostgreSQL is killed in the middle of a wave and comes back: nothing is lost, nothing done twice.

A real worker pushes to simulated switches, whose own journals say what happened to them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests import postgres
from tests.acceptance.changes import Change
from tests.acceptance.doors import ROOT
from tests.acceptance.installation import Installation
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.serving import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.acceptance, pytest.mark.soak]

PORT, USERNAME, PASSWORD = 18022, "ops", "bench-password"  # of bench.changes.fleet

SWITCHES = 9  # the last has no part in the change
TEXT = "interface GigabitEthernet1/0/1\n description through the crash\n"
REVERT_SECONDS = 120
AWAY_SECONDS = 3.0
END_SECONDS = 240.0
PLACES = """\
version: 1
province: {code: "99", name: "Tỉnh Thử"}
units: [{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}]
sites: [{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}]
devices:
"""


def name(number: int) -> str:
    return f"sw-{number:03}"


def address(number: int) -> str:
    return f"127.9.0.{number + 1}"


@dataclass(frozen=True)
class Switches:
    """Simulated switches in one process, each with a journal of its own below `folder`."""

    folder: Path
    host_key: str

    def actions(self, number: int) -> Counter[str]:
        path = self.folder / f"switch-{number}.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return Counter(json.loads(line)["action"] for line in lines)

    def counted(self, action: str) -> dict[str, int]:
        return {name(number): self.actions(number)[action] for number in range(SWITCHES)}

    def inventory(self) -> str:
        rows = (
            f"  - {{name: {name(number)}, site: dc, role: switch, platform: cisco_ios, "
            f"primary_ip4: {address(number)}, ports: {{ssh: {PORT}}}, credentials: {{ssh: all}}, "
            f'host_keys: ["{self.host_key}"]}}\n'
            for number in range(SWITCHES)
        )
        return PLACES + "".join(rows)


@contextmanager
def switched_on(folder: Path) -> Iterator[Switches]:
    folder.mkdir()
    command = (sys.executable, "-m", "bench.changes.fleet", str(SWITCHES), str(folder))
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Switches(folder, process.stdout.readline().strip())
    finally:
        process.terminate()
        process.communicate(timeout=30)


@dataclass(frozen=True)
class Crashed:
    """The change after the crash, and what the switches' journals hold then."""

    change: Any
    switches: Switches
    verified: int
    seconds: float


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashed]:
    """Plan, approve, apply; kill the server while switches hold what nobody confirmed yet."""
    if not postgres.installed():
        pytest.skip(postgres.MISSING)
    folder = tmp_path_factory.mktemp("crash")
    with postgres.serving(durable=True) as server, switched_on(folder / "switches") as switches:
        made = Installation(folder / "hatang")
        urls = server.cluster.create(), server.cluster.create()
        made.configure(
            f'database.url = "{urls[0]}"\njobs.database_url = "{urls[1]}"\n'
            'prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"'
        )
        change = approved(made, switches, folder)
        with Worker(made):
            change.command("apply", str(change.number), "--wait", "0")
            assert eventually(lambda: is_half_way(switches), END_SECONDS), "nobody was seen pushing"
            server.crash()
            began = time.monotonic()
            time.sleep(AWAY_SECONDS)
            server.start()
            ended = eventually(lambda: bool(change.show()["change"]["finished_at"]), END_SECONDS)
            assert ended, change.show()
            seconds = time.monotonic() - began
        verified = made.hatang("audit-log", "verify", person="truc").status
        yield Crashed(change.show(), switches, verified, seconds)


def is_half_way(switches: Switches) -> bool:
    armed, kept = switches.counted("timer_armed"), switches.counted("confirm")
    return sum(armed.values()) > sum(kept.values())


def approved(made: Installation, switches: Switches, folder: Path) -> Change:
    """Return an approved change of one wave over all switches but the last."""
    made.hatang("init", person="").good()
    made.people()
    places, secrets = folder / "places.yaml", folder / "secrets.toml"
    places.write_text(switches.inventory(), encoding="utf-8")
    secrets.touch(mode=0o600)
    secrets.write_text(
        f"[credentials.all]\nkind = 'ssh'\nusername = '{USERNAME}'\npassword = '{PASSWORD}'\n"
    )
    made.hatang("credential", "import", str(secrets)).good()
    made.hatang("inventory", "import", str(places)).good()
    change = Change(made, folder, REVERT_SECONDS)
    text = folder / "text.conf"
    text.write_text(TEXT)
    names = ",".join(name(number) for number in range(SWITCHES - 1))
    words = ("--snippet", str(text), "--devices", names, "--canary", "0", "--batch", "0")
    change.number = change.command("create", "Through the crash", *words)["change"]
    change.compute()
    change.submit()
    change.approve().good()
    return change


def check_once_each(found: Crashed, names: list[str]) -> None:
    """Each switch was changed once and confirmed once, by its own journal; hatang says the same."""
    for action, wanted in (("change", 1), ("confirm", 1), ("revert", 0)):
        counted = found.switches.counted(action)
        wrong = {each: counted[each] for each in names if counted[each] != wanted}
        hold(not wrong, f"{action}: {wrong}")
    states = {target["device"]: target["state"] for target in found.change["targets"]}
    hold(states == dict.fromkeys(names, "confirmed"), f"told: {states}")
    hold(found.change["change"]["state"] == "done", str(found.change["change"]))
    hold(found.verified == 0, "the audit log is not whole")


def test_a_database_that_is_killed_in_a_wave_loses_nothing(
    crashed: Crashed, figures: Callable[[str], None]
) -> None:
    figures(f"done {crashed.seconds:.0f} s after the kill, {AWAY_SECONDS:.0f} s of it without it")
    check_once_each(crashed, [name(number) for number in range(SWITCHES - 1)])


def test_sabotage_a_switch_the_change_never_reached(crashed: Crashed) -> None:
    with turns_red():
        check_once_each(crashed, [name(number) for number in range(SWITCHES)])
