"""A province drawn from a random seed is found whole, and moving one cable shows exactly that.

The lab's state and the truth about it lie in a folder that the discovering process cannot see: it
runs in a mount namespace where something empty lies over it.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.acceptance.doors import BIN, Answer, hatang_lab, run
from tests.acceptance.installation import Installation
from tests.acceptance.province import Province
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

SWITCH, SERVER = "dc-sw-1", "srv-dns"
PLACES = """\
version: 1
units: [{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province, parent: null}]
sites: [{slug: dc, name: "Trung tâm dữ liệu", unit: tinh, kind: datacentre}]
"""
HIDDEN = 'mount -t tmpfs none "$0" && exec "$@"'
HEARD_SECONDS = 90.0  # LLDP: every 10 s, forgotten after 40 s


@dataclass
class Unknown:
    """A lab nobody has seen, and a hatang that knows one site and one SNMP user of it."""

    hidden: Path
    province: Province
    hatang: Installation
    prefix: str
    seed: int
    failures: list[dict[str, str]] = field(default_factory=list)

    @property
    def known_as(self) -> str:
        """What a red proof says of the province: how to draw it again, and who did not answer."""
        return f"seed {self.seed}, the last run failed at {self.failures}"

    @cached_property
    def devices(self) -> set[tuple[str, str]]:
        """The truth: what each device calls itself, and its platform."""
        return {(row["name"], row["platform"]) for row in self.province.seeded["devices"]}

    @cached_property
    def cables(self) -> set[tuple[str, str]]:
        """The truth: the two ends of each cable, in order."""
        return {_ends(row["a"], row["b"]) for row in self.province.seeded["links"]}

    def called(self, node: str) -> str:
        """Return what a node of the lab calls itself."""
        address = self.province.facts["nodes"][node]["mgmt_ip"]
        rows = self.province.seeded["devices"]
        return next(str(row["name"]) for row in rows if row["primary_ip4"] == address)

    def discover(self, *words: str) -> dict[str, Any]:
        """Look for what is there, from the switch of the data centre, without seeing the truth."""
        seed = self.province.facts["nodes"][SWITCH]["mgmt_ip"]
        given = ("--seed", seed, "--within", self.prefix, "--credential", "lab-snmp", *words)
        command = [str(BIN / "hatang"), "discovery", "run", *given, "--format", "json"]
        command += ["--config", str(self.hatang.config), "--as", "admin"]
        found: dict[str, Any] = self.blindly(command).good().json()
        self.failures = found["failures"]
        return found

    def blindly(self, command: list[str]) -> Answer:
        """Run a command that cannot see the lab's state and the truth."""
        hiding = ["unshare", "--mount", "--propagation", "private", "sh", "-c", HIDDEN]
        return run([*hiding, str(self.hidden), *command], self.hatang.environ)

    def inbox(self, **filters: str) -> list[dict[str, Any]]:
        where = [word for name, value in filters.items() for word in ("--where", f"{name}={value}")]
        rows: list[dict[str, Any]] = self.hatang.json("inbox", "list", "--limit", "1000", *where)
        return rows

    def accept(self, kind: str, *words: str) -> None:
        self.hatang.hatang("inbox", "accept", "--where", f"kind={kind}", *words).good()

    def enrol_keys(self) -> None:
        """Accept one host key as the inbox showed it; enrol the others by a list, as a person has.

        The list is of the devices' own consoles: the truth, which discovery never saw.
        """
        row = self.inbox(kind="host_key")[0]
        self.hatang.hatang("inbox", "accept", str(row["id"]), "--digest", row["digest"]).good()
        keys = {one["name"]: one.get("host_keys", []) for one in self.province.seeded["devices"]}
        content = yaml.safe_load(self.hatang.hatang("inventory", "export").good().out)
        for device in content["devices"]:
            device["host_keys"] = keys[device["name"]]
        file = self.hatang.folder / "keys.yaml"
        file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        self.hatang.hatang("inventory", "import", str(file)).good()


def _ends(one: str, other: str) -> tuple[str, str]:
    first, second = sorted((one, other))
    return first, second


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unknown]:
    if os.geteuid() != 0:
        pytest.skip("the lab needs root")
    if hatang_lab("status").status == 0:
        pytest.skip("another lab is up on this machine, and a random one is needed")
    hidden = tmp_path_factory.mktemp("hidden")
    seed = int(os.environ.get("HATANG_TEST_SEED") or random.SystemRandom().randrange(2**31))
    prefix = f"10.{random.Random(seed).randint(100, 239)}.0.0/16"
    words = ("--prefix", prefix, "--seed", str(seed), "--only", "scrambled")
    try:
        hatang_lab("up", *words, "--state", str(hidden), seconds=600).good()
        province = Province(hidden, hidden)
        province.seed()
        made = Installation(tmp_path_factory.mktemp("discovering"))
        made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
        made.hatang("init", person="").good()
        made.hatang("credential", "import", str(province.credentials)).good()
        places = made.folder / "places.yaml"
        places.write_text(PLACES, encoding="utf-8")
        made.hatang("inventory", "import", str(places)).good()
        yield Unknown(hidden, province, made, prefix, seed)
    finally:
        hatang_lab("down", "--purge").good()


@pytest.fixture(scope="module")
def found(unknown: Unknown) -> dict[str, Any]:
    """What the first run said; its findings wait in the inbox."""
    return unknown.discover()


@pytest.fixture(scope="module")
def accepted(unknown: Unknown, found: dict[str, Any]) -> Unknown:
    """The same, with everything that was found accepted, keys too."""
    assert found["devices"]
    unknown.accept("new_device", "--set", "site=dc", "--set", "role=switch")
    unknown.accept("new_cable")
    unknown.discover()
    unknown.enrol_keys()
    return unknown


def check_everything_is_found(unknown: Unknown) -> None:
    """Every router, switch, server, UPS and cable of the truth is proposed, and nothing else."""
    rows = unknown.inbox()
    devices = {
        (row["element"], row["observed"].get("platform"))
        for row in rows
        if row["kind"] == "new_device"
    }
    cables = {
        _ends(row["observed"]["a"], row["observed"]["b"])
        for row in rows
        if row["kind"] == "new_cable"
    }
    for what, wanted, seen in (
        ("devices", unknown.devices, devices),
        ("cables", unknown.cables, cables),
    ):
        wrong = {"missing": sorted(wanted - seen), "invented": sorted(seen - wanted)}
        hold(wanted == seen, f"{unknown.known_as}, {what}: {wrong}")


def check_exactly_one_moved(unknown: Unknown, old: str, new: str) -> None:
    """The inbox holds one row: the cable of the server, from its old port to its new one.

    A switch of the lab loses its port with the cable that is pulled out, so that the agent calls
    it disabled from then on: that the freed port is not as intended is true, and passed over.
    """
    freed = ("field", f"{unknown.called(SWITCH)}:{old}", "enabled")
    rows = [r for r in unknown.inbox() if (r["kind"], r["element"], r["field"]) != freed]
    shown = [(row["kind"], row["element"], row["field"], row["observed"]) for row in rows]
    hold(len(rows) == 1, f"{unknown.known_as}: the inbox holds {shown}")
    row, switch, server = rows[0], unknown.called(SWITCH), unknown.called(SERVER)
    far = f"{server}:eth1"
    before, after = _ends(f"{switch}:{old}", far), _ends(f"{switch}:{new}", far)
    hold(row["kind"] == "moved_cable", f"{unknown.known_as}: it is {shown}")
    hold(_ends(*row["intended"].values()) == before, f"it was at {row['intended']}")
    hold(_ends(row["observed"]["a"], row["observed"]["b"]) == after, f"it is {row['observed']}")


def test_the_truth_is_out_of_sight(unknown: Unknown) -> None:
    truth = str(unknown.province.inventory)
    assert run(["cat", truth]).status == 0
    assert unknown.blindly(["cat", truth]).status != 0


def test_sabotage_a_run_that_goes_one_step_only(
    unknown: Unknown, figures: Callable[[str], None]
) -> None:
    unknown.discover("--limit", "depth=1")
    figures(f"seed {unknown.seed}: {len(unknown.devices)} devices, {len(unknown.cables)} cables")
    with turns_red():
        check_everything_is_found(unknown)


def test_every_device_and_cable_of_an_unknown_province_is_found(
    unknown: Unknown, found: dict[str, Any], figures: Callable[[str], None]
) -> None:
    figures(f"{found['asked']} addresses asked, {found['devices']} devices read")
    check_everything_is_found(unknown)


def test_what_was_accepted_differs_no_longer(accepted: Unknown) -> None:
    accepted.discover()
    rows = [(row["kind"], row["element"], row["field"]) for row in accepted.inbox()]
    hold(rows == [], f"{accepted.known_as}: the inbox holds {rows}")


def test_sabotage_no_cable_was_moved(accepted: Unknown) -> None:
    with turns_red():
        check_exactly_one_moved(accepted, "old", "new")


def test_moving_one_cable_shows_exactly_that(accepted: Unknown) -> None:
    said = accepted.province.command("move", f"{SWITCH}--{SERVER}").out
    old, _, new = said.strip().partition(": ")[2].partition(" -> ")
    name = accepted.called(SERVER)

    def is_heard() -> bool:
        near = accepted.province.inside(SWITCH, "lldpcli", "show", "neighbors")
        far = accepted.province.inside(SERVER, "lldpcli", "show", "neighbors")
        return name in near and accepted.called(SWITCH) in far

    assert eventually(is_heard, HEARD_SECONDS)
    accepted.discover()
    check_exactly_one_moved(accepted, old, new)
