"""Before a meeting: a carrier that remarks is found, and no change is pushed over what it uses.

Real: the province's routers and ways, nftables that remark on one of them, our reflector in two
rooms, a router that would be changed.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.acceptance.changes import Change, changed, journals
from tests.acceptance.doors import BIN, ROOT, clean_environ
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

UID = "truoc-hop@tinh.test"
REMARKED, KEPT = "room-xa-01", "room-xa-02"
REFLECTOR = ROOT / "deploy" / "reflector" / "hatang-reflector.py"
PORT = 862
RULES = """
table ip carrier {{
  chain out {{
    type filter hook forward priority mangle;
    ip daddr {address} udp dport 862 ip dscp set cs0
  }}
}}
"""
TEXT = {"xa-03": "interface eth2\n description not now\n"}
REVERT_SECONDS = 60


def addresses(province: Province) -> dict[str, str]:
    rows = {row["code"]: row["sip_uri"] for row in province.seeded["rooms"]}
    return {room: rows[room].split("@")[1].split(":")[0] for room in (REMARKED, KEPT)}


@pytest.fixture(scope="module")
def reflectors(province: Province) -> Iterator[None]:
    """Our reflector in both rooms."""
    running = []
    for room, address in addresses(province).items():
        words = [str(BIN / "hatang-lab"), "exec", room, "--", "python3", str(REFLECTOR),
                 "--listen", f"{address}:{PORT}", "--allow", "10.0.0.0/8"]  # fmt: skip
        out = subprocess.PIPE
        running.append(subprocess.Popen(words, stdout=out, text=True, env=clean_environ()))
    try:
        for each in running:
            assert each.stdout is not None
            each.stdout.readline()
        yield
    finally:
        for each in running:
            each.terminate()
            each.wait(10)


@pytest.fixture(scope="module")
def meeting(
    hatang: Installation,
    province: Province,
    reflectors: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """A meeting of three communes that runs in five minutes."""
    folder = tmp_path_factory.mktemp("before")
    rows = dict(province.seeded)
    own = addresses(province)
    rows["rooms"] = [
        {**row, "reflector": f"stamp://{own[row['code']]}:{PORT}"} if row["code"] in own else row
        for row in rows["rooms"]
    ]
    inventory = folder / "inventory.yaml"
    inventory.write_text(yaml.safe_dump(rows, allow_unicode=True), encoding="utf-8")
    hatang.hatang("inventory", "import", str(inventory)).good()
    put(hatang, folder, timedelta(minutes=10))
    return UID


def put(hatang: Installation, folder: Path, ahead: timedelta, *, cancelled: bool = False) -> None:
    starts_at = datetime.now(UTC) + ahead
    wanted = {
        "uid": UID,
        "title": "Trước phiên họp",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        "bridge": "mcu-1",
        "call_kbps": 512,
        "is_cancelled": cancelled,
        "points": [{"room": room} for room in (REMARKED, KEPT, "room-xa-03")],
    }
    file = folder / "meeting.yaml"
    file.write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    hatang.hatang("meeting", "put", str(file), person="lan").good()


def looked(hatang: Installation) -> dict[str, dict[str, Any]]:
    """Return the DSCP check by room."""
    words = ("meeting", "readiness", UID, "--format", "json")
    checks = hatang.hatang(*words, person="lan").json()["checks"]
    return {one["room"]: one for one in checks if one["check"] == "qos_dscp"}


@dataclass
class Ways:
    """What was found while the carrier remarks, and after it stopped."""

    remarked: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def found(hatang: Installation, province: Province, meeting: str) -> Ways:
    assert meeting
    text = RULES.format(address=addresses(province)[REMARKED])
    province.inside("hub-1", "sh", "-c", f"echo '{text}' | nft -f -")
    made = Ways()
    try:
        made.remarked = looked(hatang)
    finally:
        province.inside("hub-1", "nft", "delete", "table", "ip", "carrier")
    made.kept = looked(hatang)
    return made


def check_remarked(checks: dict[str, dict[str, Any]]) -> None:
    """The one way on which the class is taken off is at risk, with what came; the other is good."""
    one, other = checks[REMARKED], checks[KEPT]
    hold(one["result"] == "warn", f"{REMARKED}: {one['result']} ({one['cause']})")
    hold(one["measured"]["there"] == [0], f"arrived: {one['measured']}")
    hold("DSCP" in one["cause"], f"the cause: {one['cause']}")
    hold(other["result"] == "pass", f"{KEPT}: {other['result']}, {other['measured']}")


def test_a_remarked_class_is_found_on_the_one_way(found: Ways) -> None:
    check_remarked(found.remarked)


def test_sabotage_a_carrier_that_keeps_the_class(found: Ways) -> None:
    with turns_red():
        check_remarked(found.kept)


@dataclass
class Tried:
    """A change that was tried while the meeting is near, and how the router was after that."""

    status: int
    said: str
    state: str
    pushed: int


@pytest.fixture(scope="module")
def tried(
    hatang: Installation, province: Province, found: Ways, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Tried]:
    """The same change tried over the booked meeting, and after it was cancelled."""
    assert found.kept
    folder = tmp_path_factory.mktemp("tried")
    change = Change(hatang, folder, REVERT_SECONDS)
    change.create("Not now", TEXT)
    change.compute()
    change.submit()
    change.approve().good()
    made = {}
    put(hatang, folder, timedelta(seconds=30))
    made["booked"] = attempt(change, province, until="approved")
    put(hatang, folder, timedelta(seconds=30), cancelled=True)
    made["cancelled"] = attempt(change, province, until="done")
    return made


def attempt(change: Change, province: Province, until: str) -> Tried:
    before = journals(province, TEXT)
    words = ("change", "apply", str(change.number), "--wait", "0", "--format", "json")
    answer = change.hatang.hatang(*words, person="lan")
    if until == "done":
        eventually(change.ended, 90)
    pushed = changed(before, journals(province, TEXT))
    return Tried(answer.status, answer.err, change.state(), sum(pushed.values()))


def check_refused(tried: Tried) -> None:
    """Nothing was pushed over the meeting, and the refusal names it."""
    hold(tried.status != 0, f"exit status {tried.status}")
    hold("booked" in tried.said, f"said: {tried.said}")
    hold(tried.pushed == 0, f"the router's journal has {tried.pushed} changes")
    hold(tried.state == "approved", f"the change is {tried.state}")


def test_a_change_over_a_booked_meeting_is_refused(tried: dict[str, Tried]) -> None:
    check_refused(tried["booked"])


def test_sabotage_a_meeting_that_was_cancelled(tried: dict[str, Tried]) -> None:
    with turns_red():
        check_refused(tried["cancelled"])
