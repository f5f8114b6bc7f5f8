"""An ordinary day, told by people at their doors and by the devices themselves.

A change that cuts its own way is sent first: while the devices' own timers run, the day goes on.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.changes import (
    APPROVER,
    REQUESTER,
    Change,
    Journals,
    changed,
    journals,
    told,
)
from tests.acceptance.red import POLL_SECONDS, eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

WORDS = "an ordinary day"
ROUTERS = "xa-01,xa-02,xa-03"
GOOD = {
    ROUTERS: f"interface eth2\n description {WORDS}\n",
    "dc-sw-1": f"interface GigabitEthernet1/0/5\n description {WORDS}\n",
    "hub-1-sw-1": f"interface Ethernet2\n   description {WORDS}\n",
}
CUTTING = {
    "xa-04": "interface eth1\n shutdown\n",
    "hub-3-sw-1": "interface Vlan1\n shutdown\n",
}
CHANGED = (*ROUTERS.split(","), "dc-sw-1", "hub-1-sw-1")
CUT, LEFT_OUT = ("xa-04", "hub-3-sw-1"), "xa-07"
REVERT_SECONDS = 60  # the least there is: IOS counts whole minutes
BACK_SECONDS = 150.0
SERVERS, SPARED = ("srv-dns", "srv-mail"), "srv-sip"
BANNER = "Property of a state agency"
BRIDGE, MEETING = "mcu-1", "ngay-thuong@tinh.test"
ROOMS = ("room-xa-01", "room-xa-02", "room-xa-03")
COMMAND_LINES = ("frr", "cisco_ios", "arista_eos")
RULES = 80


def planned(hatang: Installation, folder: Path, title: str, texts: dict[str, str]) -> Change:
    """Return a change whose devices said what would change; `folder` is made."""
    folder.mkdir()
    made = Change(hatang, folder, REVERT_SECONDS)
    made.create(title, texts)
    made.compute()
    return made


@dataclass
class Sent:
    """A change on its way, what the devices' journals held before, and how both were at its end."""

    change: Change
    before: Journals
    shown: Any = None
    after: Journals = field(default_factory=dict)


@pytest.fixture(scope="module")
def cutting(
    hatang: Installation, province: Province, tmp_path_factory: pytest.TempPathFactory
) -> Sent:
    """A change under way that shuts the only way to a router and to a switch."""
    folder = tmp_path_factory.mktemp("cutting") / "texts"
    change = planned(hatang, folder, "Cuts its own way", CUTTING)
    before = journals(province, CUT)
    change.submit()
    change.approve().good()
    change.execute()
    return Sent(change, before)


@pytest.fixture(scope="module")
def good(
    cutting: Sent,
    hatang: Installation,
    province: Province,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sent:
    """A change on three routers and two switches, planned and not approved."""
    assert cutting.change.number
    before = journals(province, (*CHANGED, LEFT_OUT))
    folder = tmp_path_factory.mktemp("good") / "texts"
    change = planned(hatang, folder, "A description", GOOD)
    return Sent(change, before, change.look())


@pytest.fixture(scope="module")
def done(good: Sent, province: Province) -> Sent:
    """The same after a second person's approval and the push."""
    good.change.submit()
    own = good.change.approve(person=REQUESTER)
    assert own.status != 0, "the requester approved the own change"
    good.change.approve(person=APPROVER).good()
    good.change.execute(wait=120)
    return Sent(good.change, good.before, good.change.look(), journals(province, good.before))


def check_computed(shown: Any, devices: tuple[str, ...]) -> None:
    """Each device computed a difference, in which the new text stands."""
    computed = {
        name: group["diff"]
        for group in shown["groups"]
        for name in group["devices"]
        if WORDS in group["diff"]
    }
    hold(set(computed) == set(devices), f"only {sorted(computed)} computed a difference")


def test_the_devices_compute_the_difference_and_nothing_is_changed_yet(
    good: Sent, province: Province
) -> None:
    check_computed(good.shown, CHANGED)
    counts = changed(good.before, journals(province, good.before))
    hold(not any(counts.values()), f"changed by a plan: {counts}")


def check_confirmed(shown: Any, counts: dict[str, int]) -> None:
    """The change is done and confirmed on every device, each changed once by its own journal."""
    states = {target["state"] for target in shown["targets"]}
    good = shown["change"]["state"] == "done" and states == {"confirmed"}
    hold(good, f"the change is {shown['change']['state']}: {told(shown)}")
    wrong = {name: count for name, count in counts.items() if count != 1}
    hold(not wrong, f"by their own journals these changed that often: {wrong}")


def test_an_approved_change_is_confirmed_on_routers_and_switches(
    done: Sent, province: Province
) -> None:
    counts = changed(done.before, done.after)
    check_confirmed(done.shown, {name: counts[name] for name in CHANGED})
    for name in ROUTERS.split(","):
        running = province.inside(name, "vtysh", "-c", "show running-config")
        hold(f"description {WORDS}" in running, f"{name} does not hold what was pushed")


def test_sabotage_a_device_the_change_never_reached(done: Sent) -> None:
    with turns_red():
        check_confirmed(done.shown, changed(done.before, done.after))


def test_sabotage_a_plan_of_what_is_there_already(
    done: Sent, hatang: Installation, tmp_path: Path
) -> None:
    assert done.after
    again = planned(hatang, tmp_path / "texts", "The same again", {"xa-01": GOOD[ROUTERS]})
    with turns_red():
        check_computed(again.look(), ("xa-01",))


@dataclass
class Followed:
    """What a run's command told, and whether events could be read while the run was going on."""

    events: list[str]
    were_live: bool
    answer: Any


def follow(hatang: Installation, number: int, folder: Path) -> Followed:
    """Start an approved run by the command, and read its events by the API until it ends."""
    words = ("playbook", "start", str(number), "--format", "json")
    line = hatang.command_line(*words, person=REQUESTER)
    out, err = folder / "out", folder / "err"
    were_live = False
    with (
        out.open("wb") as stdout,
        err.open("wb") as stderr,
        subprocess.Popen(line, stdout=stdout, stderr=stderr, env=hatang.environ) as process,
    ):
        while process.poll() is None:
            were_live = were_live or are_live(hatang, number)
            time.sleep(POLL_SECONDS)
    events = [each for each in err.read_text().splitlines() if "runner_on_" in each]
    return Followed(events, were_live, json.loads(out.read_text()))


def are_live(hatang: Installation, number: int) -> bool:
    """Return whether the run has told of a device and is still going on after that."""
    path = f"/api/v1/runs/{number}"
    told_of = any(event["device"] for event in hatang.ask(f"{path}/events").json()["items"])
    return bool(told_of) and bool(hatang.ask(path).json()["state"] == "running")


@pytest.fixture(scope="module")
def played(
    cutting: Sent, hatang: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Followed:
    """The banner playbook on two servers, approved by a second person and followed."""
    assert cutting.change.number
    words = ("playbook", "run", "login-banner", "--devices", ",".join(SERVERS))
    asked = hatang.json(*words, person=REQUESTER)
    approve = ("playbook", "approve", str(asked["id"]), "--plan", asked["plan_sha256"])
    own = hatang.hatang(*approve, person=REQUESTER)
    assert own.status != 0, "the requester approved the own run"
    hatang.hatang(*approve, person=APPROVER).good()
    return follow(hatang, asked["id"], tmp_path_factory.mktemp("run"))


def check_followed(found: Followed) -> None:
    """Events of both servers were told, and could be read while the run was going on."""
    hold(found.answer["state"] == "successful", str(found.answer))
    silent = [name for name in SERVERS if not any(name in line for line in found.events)]
    hold(not silent, f"no event of {silent}")
    hold(found.were_live, "no event could be read before the run had ended")


def check_banner(province: Province, servers: tuple[str, ...]) -> None:
    """The servers themselves hold the banner, and sshd shows it."""
    for name in servers:
        text = province.inside(
            name, "sh", "-c", "cat /etc/issue.net; grep ^Banner /etc/ssh/sshd_config||:"
        )
        hold(BANNER in text and "Banner /etc/issue.net" in text, f"{name} holds no banner: {text}")


def test_a_playbook_runs_on_two_servers_with_live_events(
    played: Followed, province: Province, figures: Callable[[str], None]
) -> None:
    figures(f"{len(played.events)} events of the playbook")
    check_followed(played)
    check_banner(province, SERVERS)


def test_sabotage_events_read_after_the_end(played: Followed, hatang: Installation) -> None:
    late = are_live(hatang, played.answer["id"])
    with turns_red():
        check_followed(Followed(played.events, late, played.answer))


def test_sabotage_a_server_the_playbook_never_reached(played: Followed, province: Province) -> None:
    assert played.events
    with turns_red():
        check_banner(province, (*SERVERS, SPARED))


@pytest.fixture(scope="module")
def meeting(cutting: Sent, hatang: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A meeting of three communes, an hour from now."""
    assert cutting.change.number
    starts = datetime.now(UTC) + timedelta(hours=1)
    wanted = {
        "uid": MEETING,
        "title": "Giao ban ngày thường",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
        "bridge": BRIDGE,
        "points": [{"room": room, "required": True} for room in ROOMS],
    }
    file = tmp_path_factory.mktemp("meeting") / "meeting.yaml"
    file.write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    hatang.hatang("meeting", "put", str(file), person=REQUESTER).good()
    return MEETING


def check_bridge(hatang: Installation) -> None:
    """The bridge itself says that it is up."""
    answer = hatang.hatang("bridge", "status", BRIDGE, "--format", "json", person=REQUESTER)
    states = {row["bridge"]: row["state"] for row in answer.json()}
    hold(states == {BRIDGE: "up"} and answer.status == 0, f"exit status {answer.status}: {states}")


def check_ready(hatang: Installation, uid: str) -> None:
    """Every point of the meeting was looked at now, and will work."""
    words = ("meeting", "readiness", uid, "--format", "json")
    answer = hatang.hatang(*words, person=REQUESTER)
    verdict = answer.json()["verdict"]
    points = {row["room"]: row["verdict"] for row in verdict["points"]}
    hold(set(points) == set(ROOMS), f"looked at {sorted(points)}")
    is_ready = verdict["verdict"] == "ready" and verdict["ready"] == verdict["total"] == len(ROOMS)
    hold(is_ready and answer.status == 0, f"{verdict['verdict']}: {points}, {verdict['causes']}")


def test_the_bridge_is_up_and_the_meeting_ready(hatang: Installation, meeting: str) -> None:
    check_bridge(hatang)
    check_ready(hatang, meeting)


@pytest.fixture
def stopped(province: Province) -> Iterator[None]:
    """The bridge's own process stands still."""
    tell = "kill -{} $(pidof janus)"
    province.inside("srv-bridge", "sh", "-c", tell.format("STOP"))
    yield
    province.inside("srv-bridge", "sh", "-c", tell.format("CONT"))


@pytest.mark.usefixtures("stopped")
def test_sabotage_the_bridge_stands_still(hatang: Installation, meeting: str) -> None:
    with turns_red():
        check_bridge(hatang)
    with turns_red():
        check_ready(hatang, meeting)


def check_came_back(shown: Any, before: Journals, after: Journals) -> None:
    """Nobody confirmed: by their own journals the devices changed, and took it back themselves."""
    states = {target["device"]: target["state"] for target in shown["targets"]}
    hold(set(states.values()) == {"reverted"}, f"{shown['change']['state']}: {told(shown)}")
    counts = changed(before, after)
    wrong = {name: counts[name] for name in states if counts[name] != 2}
    hold(not wrong, f"not one change and one change back: {wrong}")


def test_a_change_that_cut_its_own_way_came_back_by_itself(
    cutting: Sent, province: Province
) -> None:
    ended = eventually(cutting.change.ended, BACK_SECONDS)
    cutting.shown = cutting.change.look()
    hold(ended, f"the change never ended: {told(cutting.shown)}")
    check_came_back(cutting.shown, cutting.before, journals(province, CUT))
    back = eventually(lambda: not province.silent() & set(CUT), BACK_SECONDS)
    hold(back, f"silent: {province.silent()}")


def test_sabotage_a_change_that_stayed(done: Sent) -> None:
    with turns_red():
        check_came_back(done.shown, done.before, done.after)


def asked(hatang: Installation, text: str, *words: str) -> list[dict[str, Any]]:
    """Return the groups of equal answers to a read-only command."""
    groups: list[dict[str, Any]] = hatang.json("command", "run", text, *words, person=REQUESTER)
    return groups


def check_everyone_answers_once(groups: list[dict[str, Any]], wanted: set[str]) -> None:
    """Each device stands in one group, and no two groups hold the same answer."""
    counts = Counter(name for group in groups for name in group["devices"])
    hold(set(counts) == wanted, f"missing or too many: {set(counts) ^ wanted}")
    hold(set(counts.values()) == {1}, f"more than once: {counts.most_common(3)}")
    outputs = Counter(group["output"] for group in groups)
    hold(set(outputs.values()) == {1}, "equal answers stand in different groups")


def check_agreed(groups: list[dict[str, Any]]) -> None:
    """All gave one answer."""
    hold(len(groups) == 1, f"{len(groups)} different answers")


def test_one_command_on_all_groups_equal_answers(
    cutting: Sent, hatang: Installation, province: Province
) -> None:
    assert cutting.shown, "a device may still be cut off"
    rows = province.devices.values()
    wanted = {row.name for row in rows if row.platform in COMMAND_LINES}
    check_everyone_answers_once(asked(hatang, "show version"), wanted)
    routers = {row.name for row in rows if row.platform == "frr"}
    alike = asked(hatang, "show ip forwarding", "--devices", ",".join(sorted(routers)))
    check_everyone_answers_once(alike, routers)
    check_agreed(alike)


def test_sabotage_a_command_that_each_answers_differently(
    cutting: Sent, hatang: Installation
) -> None:
    assert cutting.shown
    groups = asked(hatang, "show interface brief", "--devices", ROUTERS)
    with turns_red():
        check_agreed(groups)
    with turns_red():
        check_everyone_answers_once(groups[:1], set(ROUTERS.split(",")))


@dataclass
class Judged:
    """What the audit found, and the newest version of each configuration it was found in."""

    findings: list[dict[str, Any]]
    digests: dict[str, str]
    texts: dict[str, str]


@pytest.fixture(scope="module")
def judged(cutting: Sent, hatang: Installation, province: Province) -> Judged:
    """Everything collected and audited; the texts of a router and a switch."""
    assert cutting.shown
    collected = hatang.json("vault", "collect", person=REQUESTER)
    rows = province.seeded["devices"]
    wanted = {
        row["name"]
        for row in rows
        if row["platform"] in COMMAND_LINES or "ssh" in row.get("credentials", {})
    }
    assert {row["device"] for row in collected} == wanted
    hatang.hatang("baseline", "run", person=REQUESTER).good()
    findings = hatang.json("baseline", "show", person=REQUESTER)
    digests, texts = {}, {}
    for name in ("xa-01", "dc-sw-1"):
        newest = hatang.json("vault", "list", "--device", name, "--limit", "1", person=REQUESTER)[0]
        digests[name] = newest["digest"]
        texts[name] = hatang.hatang("vault", "show", str(newest["id"]), person=REQUESTER).good().out
    return Judged(findings, digests, texts)


def check_evidence(finding: dict[str, Any], digest: str, text: str) -> None:
    """The finding names the hash of exactly this text, and cites its lines as they stand there."""
    evidence, lines = finding["evidence"], text.splitlines()
    hold(evidence["sha256"] == digest, "it was found in another version")
    made = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    ended = hashlib.sha256(("\n".join(lines) + "\n").encode()).hexdigest()
    hold(digest in {made, ended}, "the hash is not of the text that is shown")
    cited = evidence["excerpt"]
    hold(bool(cited), "no line is cited")
    wrong = [number for number, line in cited if lines[number - 1 : number] != [line]]
    hold(not wrong, f"the text holds something else at {wrong}")


def cited(judged: Judged, device: str) -> list[dict[str, Any]]:
    rows = [row for row in judged.findings if row["device"] == device]
    return [row for row in rows if row["evidence"]["lines"]]


def test_configurations_are_judged_by_every_rule_with_hash_and_line(
    judged: Judged, province: Province
) -> None:
    assert len({row["rule_id"] for row in judged.findings}) == RULES
    for name, text in judged.texts.items():
        found = cited(judged, name)
        hold(bool(found), f"no finding on {name} cites a line")
        for finding in found:
            check_evidence(finding, judged.digests[name], text)
    line = cited(judged, "xa-01")[0]["evidence"]["excerpt"][0][1]
    running = province.inside("xa-01", "vtysh", "-c", "show running-config")
    hold(line in running.splitlines(), f"the router does not hold {line!r}")


def test_sabotage_evidence_of_another_device_or_line(judged: Judged) -> None:
    finding = cited(judged, "xa-01")[0]
    with turns_red():
        check_evidence(finding, judged.digests["dc-sw-1"], judged.texts["dc-sw-1"])
    shifted = [[number + 1, line] for number, line in finding["evidence"]["excerpt"]]
    moved = {**finding, "evidence": {**finding["evidence"], "excerpt": shifted}}
    with turns_red():
        check_evidence(moved, judged.digests["xa-01"], judged.texts["xa-01"])
