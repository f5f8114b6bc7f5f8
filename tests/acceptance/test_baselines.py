"""What was seen of a switch can be proven a year later, and what fails is allowed for a time only.

The switches are simulated, and so is the year: the hands of hatang's one clock are moved.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.doors import Answer, http, run
from tests.acceptance.installation import settled
from tests.acceptance.red import hold, turns_red
from tests.acceptance.serving import serving
from tests.acceptance.switch import PASSWORD, USER, Switch, listening

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance]

REFUSED, DENIED, INVALID = 1, 4, 6
BOTH = "son"  # may ask for waivers and approve them, but not his own
CRITICAL = "SVC-02"
YEAR = 366
CLEAN = """\
hostname {name}
service password-encryption
enable secret 9 $9$abcdefgh
username ops privilege 15 secret 9 $9$abcdefgh
aaa new-model
aaa authentication login default group tacacs+ local
no ip http server
no ip http secure-server
{line}
ip ssh version 2
ip ssh server algorithm encryption aes256-ctr
ip ssh server algorithm kex ecdh-sha2-nistp256
ip ssh server algorithm mac hmac-sha2-256
ip access-list standard 10
 permit 192.0.2.0 0.0.0.255
logging host 192.0.2.5
ntp server 192.0.2.7
ntp server 192.0.2.8
interface GigabitEthernet0/1
 shutdown
line vty 0 4
 access-class 10 in
 transport input ssh
end
"""
SWITCHES = {
    name: Switch(name, f"FOC0000X00{number}", f"127.0.1.{number}")
    for number, name in enumerate(("sw-life", "sw-gate", "sw-own", "sw-new"), 1)
}
UNREAD = {
    "sw-cut": ("hostname sw-cut\nline vty 0 4\n transport input ssh\n", "truncated"),
    "sw-binary": ("hostname sw-binary\n" + "\ufffd" * 64 + "\nend\n", "binary"),
    "sw-other": ("set system host-name sw-other\nset system services ssh\nend\n", "not_understood"),
}
PLACES = """\
version: 1
units: [{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}]
sites: [{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}]
devices:
"""
ROW = """\
  - name: {one.name}
    site: dc
    role: switch
    platform: cisco_ios
    status: {status}
    primary_ip4: {one.address}
    ports: {{ssh: {one.port}}}
    credentials: {{ssh: ops}}
    host_keys: ["{one.host_key}"]
"""
# Runs the command with the hands moved so many days on.
MOVED = """\
import sys
from datetime import timedelta
from cli import entry
from hatang import clock

days = int(sys.argv.pop(1))
with clock.frozen(clock.now() + timedelta(days=days)):
    entry.main()
"""
WAITING = ("sw-gate", "sw-new")
ODD = {
    name: Switch(name, f"FOC0000X01{number}", f"127.0.2.{number}", configuration=text)
    for number, (name, (text, _)) in enumerate(UNREAD.items(), 1)
}


def places(made: Installation, waiting: tuple[str, ...] = WAITING) -> str:
    """Write the inventory down: what is `waiting` is staged, everything else in operation."""
    rows = [
        ROW.format(one=one, status="staged" if one.name in waiting else "active")
        for one in (*SWITCHES.values(), *ODD.values())
    ]
    path = made.folder / "places.yaml"
    path.write_text(PLACES + "".join(rows), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def hatang(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Switches with Smart Install left on, collected and judged, some before their operation."""
    made = settled(tmp_path_factory.mktemp("baselines"))
    password = str(made.folder / "password")
    words = ("user", "create", BOTH, "--role", "engineer", "--role", "approver")
    made.hatang(*words, "--password-file", password).good()
    secrets = made.folder / "ops.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(
        f'[credentials.ops]\nkind = "ssh"\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
    )
    made.hatang("credential", "import", str(secrets)).good()
    for one in SWITCHES.values():
        one.configuration = CLEAN.format(name=one.name, line="vstack")
    judged = [name for name in SWITCHES if name != "sw-new"] + list(UNREAD)
    with listening(*SWITCHES.values(), *ODD.values()):
        made.hatang("inventory", "import", places(made)).good()
        made.hatang("backup", "run", "--devices", ",".join(judged), person="lan").good()
    made.hatang("baseline", "run", "--devices", ",".join(judged), person="lan").good()
    return made


def ask_waiver(made: Installation, device: str, *, person: str, days: int = 30) -> tuple[str, str]:
    """Ask for a waiver of the critical finding; returns its number and its hash."""
    words = ("--reason", "no window", "--measure", "ACL", "--days", str(days))
    number = made.json("baseline", "waive", device, CRITICAL, *words, person=person)["waiver"]
    rows = made.json("baseline", "waivers", "--device", device, person=person)
    return str(number), next(row["sha256"] for row in rows if row["id"] == number)


def decide(made: Installation, asked: tuple[str, str], person: str) -> Answer:
    number, sha256 = asked
    return made.hatang("baseline", "decide", number, "--sha256", sha256, "--approve", person=person)


def verdict(made: Installation, device: str, days: int = 0) -> str:
    """Return how the auditor is shown the critical finding, so many days from now."""
    words = ("baseline", "show", "--device", device, "--rule", CRITICAL, "--format", "json")
    _program, *rest = made.command_line(*words, person="truc")
    answer = run([sys.executable, "-c", MOVED, str(days), *rest], made.environ)
    (row,) = answer.good().json()
    return str(row["verdict"])


@pytest.fixture(scope="module")
def proof(hatang: Installation) -> tuple[Path, str]:
    """A bundle of the judged switches, and the fingerprint told by another way."""
    path = hatang.folder / "proof.zip"
    hatang.hatang("baseline", "bundle", "--out", str(path), person="truc").good()
    return path, str(hatang.json("baseline", "key", person="truc")["key"])


def verified(path: Path, key: str, days: int = 0) -> Answer:
    """Verify a bundle as somebody without an installation, and where that can be, a network."""
    alone = ["unshare", "--net"] if os.geteuid() == 0 else []
    words = ["baseline", "verify", str(path), "--key", key]
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(path.parent)}
    return run([*alone, sys.executable, "-c", MOVED, str(days), *words], environ)


def changed(path: Path, prefix: str, *, by: int = 1) -> Path:
    """Return a copy of the bundle in which one byte of a file is another, by so much."""
    with zipfile.ZipFile(path) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    name = next(name for name in sorted(files) if name.startswith(prefix))
    data = bytearray(files[name])
    data[len(data) // 2] ^= by
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for one, text in (files | {name: bytes(data)}).items():
            bundle.writestr(one, text)
    copy = path.with_name(f"changed-{prefix.strip('/')}-{by}.zip")
    copy.write_bytes(stream.getvalue())
    return copy


def check_whole(answer: Answer) -> None:
    hold(answer.status == 0, f"the bundle is refused: {answer.out}{answer.err}")


def check_refused(answer: Answer, prefix: str) -> None:
    """Exit status 1, and the file that was touched is named."""
    hold(answer.status == REFUSED, f"exit status {answer.status}: {answer.out}{answer.err}")
    hold(prefix in answer.out, f"{prefix} is not named: {answer.out}")


def by_openssl(path: Path) -> int:
    """Return the exit status of the command that the bundle explains, run in its directory."""
    folder = path.with_suffix("")
    with zipfile.ZipFile(path) as bundle:
        bundle.extractall(folder)
    text = (folder / "README.txt").read_text(encoding="utf-8")
    command = next(line for line in text.splitlines() if "openssl pkeyutl" in line)
    return subprocess.run(
        command, shell=True, cwd=folder, check=False, capture_output=True
    ).returncode


def test_a_bundle_is_verified_offline(proof: tuple[Path, str]) -> None:
    check_whole(verified(*proof))
    hold(by_openssl(proof[0]) == 0, "openssl and sha256sum refuse it")


@pytest.mark.parametrize("prefix", ["texts/", "sealed/"])
def test_a_bundle_of_which_one_byte_changed_is_refused(
    proof: tuple[Path, str], prefix: str
) -> None:
    path, key = proof
    touched = changed(path, prefix)
    check_refused(verified(touched, key), prefix)
    hold(by_openssl(touched) != 0, "openssl and sha256sum take it")


def test_sabotage_no_byte_changed(proof: tuple[Path, str]) -> None:
    path, key = proof
    with turns_red():
        check_refused(verified(changed(path, "texts/", by=0), key), "texts/")


def denials(made: Installation, person: str) -> list[dict[str, Any]]:
    """Return what was denied to a person, as the auditor reads it over the API."""
    token = made.hatang("token", "create", "audit", "--role", "auditor", person="truc").good().out
    with serving(made):
        words = f"?actor={person}&outcome=denied&limit=100"
        answer = http(made.url("api", f"/api/v1/audit-log{words}"), token=token.strip())
    hold(answer.status == 200, f"the auditor gets {answer.status}: {answer.body[:300]!r}")
    found: list[dict[str, Any]] = answer.json()["items"]
    return [row for row in found if row["actor"] == person and row["outcome"] == "denied"]


def check_refused_and_logged(made: Installation, answer: Answer) -> None:
    """Exit status 4, the waiver waits on, and the record says who tried."""
    hold(answer.status == DENIED, f"exit status {answer.status}: {answer.out}{answer.err}")
    states = {row["state"] for row in made.json("baseline", "waivers", "--device", "sw-own")}
    hold("approved" not in states, f"it is {states}")
    hold(bool(denials(made, BOTH)), "the log has no denial")


def test_ones_own_waiver_is_refused_and_logged(hatang: Installation) -> None:
    asked = ask_waiver(hatang, "sw-own", person=BOTH)
    check_refused_and_logged(hatang, decide(hatang, asked, BOTH))


def test_sabotage_another_one_asked(hatang: Installation) -> None:
    asked = ask_waiver(hatang, "sw-own", person="lan")
    with turns_red():
        check_refused_and_logged(hatang, decide(hatang, asked, BOTH))


def check_reopened(made: Installation, days: int) -> None:
    """What was waived counts again, without anybody's doing."""
    shown = verdict(made, "sw-life", days)
    hold(shown == "fail", f"after {days} days it is {shown}")


@pytest.fixture(scope="module")
def allowed(hatang: Installation, proof: tuple[Path, str]) -> Installation:
    """A switch with a waiver for half a year, approved by another person."""
    asked = ask_waiver(hatang, "sw-life", person="lan", days=180)
    decide(hatang, asked, "hoa").good()
    hold(verdict(hatang, "sw-life") == "waived", "it is not waived")
    return hatang


def test_a_year_later_the_bundle_holds_and_the_waiver_has_reopened(
    allowed: Installation, proof: tuple[Path, str]
) -> None:
    check_whole(verified(*proof, days=YEAR))
    check_reopened(allowed, YEAR)


def test_sabotage_the_clock_was_not_moved(allowed: Installation) -> None:
    with turns_red():
        check_reopened(allowed, 0)


def go_live(made: Installation, device: str) -> Answer:
    waiting = tuple(name for name in WAITING if name != device)
    return made.hatang("inventory", "import", places(made, waiting))


def check_kept_out(answer: Answer) -> None:
    """Nothing is applied, and the critical finding is named."""
    hold(answer.status == INVALID, f"exit status {answer.status}: {answer.out}{answer.err}")
    hold(CRITICAL in answer.err, f"{CRITICAL} is not named: {answer.err}")


def test_nothing_goes_live_with_a_critical_finding_until_it_is_waived(
    hatang: Installation,
) -> None:
    check_kept_out(go_live(hatang, "sw-gate"))
    decide(hatang, ask_waiver(hatang, "sw-gate", person="lan"), "hoa").good()
    answer = go_live(hatang, "sw-gate")
    hold(answer.status == 0, f"a waived finding stands in the way: {answer.out}{answer.err}")


def check_unaudited(answer: Answer) -> None:
    """Nothing is applied, and it is said that nobody judged it and how to."""
    hold(answer.status == INVALID, f"exit status {answer.status}: {answer.out}{answer.err}")
    hold("never audited" in answer.err, f"it is not said why: {answer.err}")
    hold("hatang baseline run --devices sw-new" in answer.err, f"no way out: {answer.err}")


def test_nothing_goes_live_unaudited_until_it_was_judged(hatang: Installation) -> None:
    check_unaudited(go_live(hatang, "sw-new"))
    new = SWITCHES["sw-new"]
    new.configuration = CLEAN.format(name=new.name, line="no vstack")
    with listening(new):
        hatang.hatang("backup", "run", "--devices", "sw-new", person="lan").good()
    hatang.hatang("baseline", "run", "--devices", "sw-new", person="lan").good()
    answer = go_live(hatang, "sw-new")
    hold("never audited" not in answer.err, f"judged, it is still refused: {answer.err}")
    hold(CRITICAL not in answer.err, f"a fault that was put right is held against it: {answer.err}")


def test_sabotage_a_switch_that_was_judged(hatang: Installation) -> None:
    with turns_red():
        check_unaudited(go_live(hatang, "sw-gate"))


@pytest.fixture(scope="module")
def shown(hatang: Installation) -> dict[str, tuple[str, str]]:
    """Verdict and reason of the critical rule, by device."""
    rows = hatang.json("baseline", "show", "--rule", CRITICAL, person="truc")
    return {row["device"]: (row["verdict"], row["reason"]) for row in rows}


def check_unknown(shown: dict[str, tuple[str, str]], device: str, reason: str) -> None:
    """It is neither a pass nor a failure, and it is said why."""
    told = shown.get(device)
    hold(told == ("unknown", reason), f"{device} is judged {told}")


@pytest.mark.parametrize(("device", "reason"), [(name, why) for name, (_, why) in UNREAD.items()])
def test_what_cannot_be_read_is_unknown_with_the_reason(
    shown: dict[str, tuple[str, str]], device: str, reason: str
) -> None:
    check_unknown(shown, device, reason)


def test_sabotage_a_configuration_that_can_be_read(shown: dict[str, tuple[str, str]]) -> None:
    hold("sw-own" in shown, "it was not judged at all")
    with turns_red():
        check_unknown(shown, "sw-own", "truncated")
