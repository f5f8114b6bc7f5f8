"""Before a meeting: a carrier that remarks is found, and no change is pushed over what is booked.

Real: hatang's measurement, its reflector in two rooms, the kernel's routing between namespaces and
nftables that remarks on one way; and a change set through the command, pushed to the command line
of a switch. *Simulated*: that switch, and the bridge, which is a name here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.acceptance.changes import Change, changed, journals
from tests.acceptance.doors import BIN, ROOT, clean_environ, hatang_lab, run
from tests.acceptance.installation import Installation, initialised
from tests.acceptance.province import Province
from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.acceptance, pytest.mark.soak]

UID = "truoc-hop@tinh.test"
REMARKED, KEPT = "room-xa-01", "room-xa-02"
REFLECTOR = ROOT / "deploy" / "reflector" / "hatang-reflector.py"
PORT = 862
HERE, CARRIER, THERE = (f"{name}-{os.getpid()}" for name in ("here", "carrier", "there"))
NEAR, FAR = "10.254.1", "10.254.2"
ROOMS = {REMARKED: f"{FAR}.11", KEPT: f"{FAR}.12"}
WAYS = f"""
netns add {HERE}
netns add {CARRIER}
netns add {THERE}
link add near netns {HERE} type veth peer name near netns {CARRIER}
link add far netns {THERE} type veth peer name far netns {CARRIER}
-n {HERE} address add {NEAR}.2/24 dev near
-n {CARRIER} address add {NEAR}.1/24 dev near
-n {CARRIER} address add {FAR}.1/24 dev far
-n {THERE} address add {ROOMS[REMARKED]}/24 dev far
-n {THERE} address add {ROOMS[KEPT]}/24 dev far
-n {HERE} link set near up
-n {CARRIER} link set near up
-n {CARRIER} link set far up
-n {THERE} link set far up
-n {HERE} route add default via {NEAR}.1
-n {THERE} route add default via {FAR}.1
"""
RULES = f"""
table ip carrier {{
  chain passing {{
    type filter hook forward priority mangle;
    ip daddr {ROOMS[REMARKED]} udp dport {PORT} ip dscp set cs0
  }}
}}
"""
VIDEO_DSCP = 34  # AF41 (RFC 4594, 4.3): what a meeting's picture is marked with
SWITCH = "hub-1-sw-1"
TEXT = {SWITCH: "interface Ethernet2\n   description not now\n"}
REVERT_SECONDS = 60
LOOPBACK = f"127.{170 + os.getpid() % 50}.0.0/16"


def inventory(seeded: dict[str, Any]) -> dict[str, Any]:
    """Return the switches' inventory with two rooms behind one of them, and a bridge."""
    place = next(row["site"] for row in seeded["devices"] if row["name"] == SWITCH)
    centre = next(row for row in seeded["devices"] if row["name"] == "dc-sw-1")
    rooms = [
        {"code": code, "name": code, "site": place, "reflector": f"stamp://{address}:{PORT}"}
        for code, address in ROOMS.items()
    ]
    bridge = {"code": "mcu-1", "name": "MCU", "driver": "cms", "device": centre["name"],
              "url": f"https://{centre['primary_ip4']}:445", "capacity_ports": 20}  # fmt: skip
    return {**seeded, "rooms": rooms, "bridges": [bridge]}


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The lab's switches on loopback, which need no network of their own."""
    folder = tmp_path_factory.mktemp("switches")
    found = Province(folder / "lab", folder)
    words = ("--loopback", "--state", str(found.state))
    hatang_lab("up", "--prefix", LOOPBACK, "--only", "small", *words).good()
    try:
        found.seed()
        yield found
    finally:
        hatang_lab("down", "--purge", *words).good()


@pytest.fixture(scope="module")
def hatang(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A hatang with those switches, two rooms with a reflector, and a bridge."""
    made = initialised(tmp_path_factory.mktemp("hatang"))
    made.people()
    made.hatang("credential", "import", str(province.credentials)).good()
    file = made.folder / "inventory.yaml"
    file.write_text(yaml.safe_dump(inventory(province.seeded), allow_unicode=True))
    made.hatang("inventory", "import", str(file)).good()
    return made


def put(hatang: Installation, ahead: timedelta, *, cancelled: bool = False) -> None:
    """Write the meeting of both rooms down, `ahead` of now."""
    starts_at = datetime.now(UTC) + ahead
    wanted = {
        "uid": UID,
        "title": "Trước phiên họp",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        "bridge": "mcu-1",
        "call_kbps": 512,
        "is_cancelled": cancelled,
        "points": [{"room": room} for room in ROOMS],
    }
    file = hatang.folder / "meeting.yaml"
    file.write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    hatang.hatang("meeting", "put", str(file), person="lan").good()


@contextmanager
def ways() -> Iterator[None]:
    """Two rooms behind a carrier's router, each room with our reflector."""
    running: list[subprocess.Popen[str]] = []
    try:
        for line in WAYS.strip().splitlines():
            run(["ip", *line.split()]).good()
        inside(CARRIER, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for address in ROOMS.values():
            words = ["ip", "netns", "exec", THERE, "python3", str(REFLECTOR),
                     "--listen", f"{address}:{PORT}", "--allow", "10.0.0.0/8"]  # fmt: skip
            each = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=clean_environ())
            running.append(each)
            assert each.stdout is not None
            assert each.stdout.readline() == f"reflecting on {address}:{PORT}\n"
        yield
    finally:
        for each in running:
            each.terminate()
            each.wait(10)
        for name in (HERE, CARRIER, THERE):
            run(["ip", "netns", "delete", name])


def inside(namespace: str, *words: str) -> None:
    run(["ip", "netns", "exec", namespace, *words]).good()


Checks = dict[str, dict[str, Any]]


def looked(hatang: Installation) -> Checks:
    """Return what a look at the meeting says of each room's class of service."""
    words = ("meeting", "readiness", UID, "--format", "json")
    command = ["ip", "netns", "exec", HERE, *hatang.command_line(*words, person="lan")]
    checks = run(command, hatang.environ).json()["checks"]
    return {one["room"]: one for one in checks if one["check"] == "qos_dscp"}


@pytest.fixture(scope="module")
def found(hatang: Installation) -> tuple[Checks, Checks]:
    """What is found while the carrier remarks, and after it stopped."""
    if os.geteuid() != 0 or shutil.which("nft") is None:
        pytest.skip("ways of one's own need root and nftables")
    put(hatang, timedelta(minutes=10))
    with ways():
        inside(CARRIER, "nft", RULES)
        remarked = looked(hatang)
        inside(CARRIER, "nft", "delete", "table", "ip", "carrier")
        return remarked, looked(hatang)


def check_remarked(checks: Checks) -> None:
    """The one way on which the class is taken off is at risk, with what came; the other is good."""
    one, other = checks[REMARKED], checks[KEPT]
    hold(one["result"] == "warn", f"{REMARKED}: {one}")
    hold(one["measured"]["sent"] == VIDEO_DSCP, f"{REMARKED}: {one}")
    hold(one["measured"]["there"] == [0], f"{REMARKED}: {one}")
    hold("DSCP" in one["cause"], f"{REMARKED}: {one}")
    hold(other["result"] == "pass", f"{KEPT}: {other}")


def test_a_remarked_class_is_found_on_the_one_way(found: tuple[Checks, Checks]) -> None:
    check_remarked(found[0])


def test_sabotage_a_carrier_that_keeps_the_class(found: tuple[Checks, Checks]) -> None:
    assert {one["result"] for one in found[1].values()} == {"pass"}
    with turns_red():
        check_remarked(found[1])


@dataclass
class Tried:
    """A change that was tried while the meeting is near, and how the switch was after that."""

    status: int
    said: str
    state: str
    pushed: int


@contextmanager
def worker(hatang: Installation) -> Iterator[None]:
    """Let the process run that pushes."""
    command = [str(BIN / "hatang"), "worker", "--config", str(hatang.config)]
    with hatang.output.open("a") as out:
        each = subprocess.Popen(command, stdout=out, stderr=out, env=hatang.environ)
    try:
        yield
    finally:
        each.terminate()
        each.wait(60)


@pytest.fixture(scope="module")
def tried(
    hatang: Installation, province: Province, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Tried]:
    """The same change tried over the booked meeting, and after it was cancelled."""
    change = Change(hatang, tmp_path_factory.mktemp("tried"), REVERT_SECONDS)
    change.create("Not now", TEXT)
    change.compute()
    change.submit()
    change.approve().good()
    made = {}
    with worker(hatang):
        put(hatang, timedelta(seconds=30))
        made["booked"] = attempt(change, province)
        put(hatang, timedelta(seconds=30), cancelled=True)
        made["cancelled"] = attempt(change, province)
    return made


def attempt(change: Change, province: Province) -> Tried:
    before = journals(province, TEXT)
    words = ("change", "apply", str(change.number), "--wait", "90", "--format", "json")
    answer = change.hatang.hatang(*words, person="lan")
    pushed = changed(before, journals(province, TEXT))
    return Tried(answer.status, answer.err, change.state(), sum(pushed.values()))


def check_refused(tried: Tried) -> None:
    """Nothing was pushed over the meeting, and the refusal names it."""
    hold(tried.status != 0, f"exit status {tried.status}")
    hold("is booked from" in tried.said and "Trước phiên họp" in tried.said, tried.said)
    hold(tried.pushed == 0, f"the switch's journal has {tried.pushed} changes")
    hold(tried.state == "approved", f"the change is {tried.state}")


def test_a_change_over_a_booked_meeting_is_refused(tried: dict[str, Tried]) -> None:
    check_refused(tried["booked"])


def test_sabotage_a_meeting_that_was_cancelled(tried: dict[str, Tried]) -> None:
    assert tried["cancelled"].pushed == 1
    with turns_red():
        check_refused(tried["cancelled"])
