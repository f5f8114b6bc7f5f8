"""A change over twelve routers and four switches: a regression stops it, and only it is undone.

How often a device was changed is told by the device's own journal. The regression is the cable to
a commune's room, pulled while the wave of that commune's router is pushed: the way to the router
itself stays whole.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.changes import APPROVER, REQUESTER, Change, Journals, changed, journals, told
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.doors import Answer
    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab, pytest.mark.soak]

WORDS = "rolled out"
TEXTS = {
    "frr": f"interface eth2\n description {WORDS}\n",
    "cisco_ios": f"interface GigabitEthernet1/0/5\n description {WORDS}\n",
    "arista_eos": f"interface Ethernet2\n   description {WORDS}\n",
}
ROUTERS, SWITCHES = 12, 4
BATCH = 5
REVERT_SECONDS = 60
END_SECONDS = 420.0
RESUME = ("confirmed", "unchanged")


@dataclass
class Rolled:
    """The change, what its devices' journals held, and how it stood at each station."""

    change: Change
    names: list[str]
    before: Journals
    own: Answer | None = None
    stopped: Any = None
    journal: Journals = field(default_factory=dict)
    worse: str = ""
    ended: Any = None
    after: Journals = field(default_factory=dict)


def chosen(province: Province) -> dict[str, list[str]]:
    """Return twelve communes' routers and four switches, by platform."""
    found: dict[str, list[str]] = {}
    for row in sorted(province.devices.values(), key=lambda one: one.name):
        is_router = row.platform == "frr" and row.name.startswith("xa-")
        if is_router or row.platform in {"cisco_ios", "arista_eos"}:
            found.setdefault(row.platform, []).append(row.name)
    found["frr"] = found["frr"][:ROUTERS]
    left = SWITCHES
    for platform in ("cisco_ios", "arista_eos"):
        found[platform] = found[platform][:left]
        left -= len(found[platform])
    return found


def create(hatang: Installation, folder: Path, devices: dict[str, list[str]]) -> Change:
    folder.mkdir()
    change = Change(hatang, folder, REVERT_SECONDS)
    words = ["--revert-seconds", str(REVERT_SECONDS), "--canary", "1", "--batch", str(BATCH)]
    for platform, names in devices.items():
        file = folder / f"{platform}.conf"
        file.write_text(TEXTS[platform], encoding="utf-8")
        words += ["--text", f"{','.join(names)}={file}"]
    change.number = change.command("create", "A wide description", *words)["change"]
    change.compute()
    return change


def stands_still(change: Change) -> bool:
    shown = change.look()["change"]
    is_paused = bool(shown["is_paused"]) and not shown["phase"]
    return is_paused or bool(shown["finished_at"])


@pytest.fixture(scope="module")
def rolled(
    hatang: Installation, province: Province, tmp_path_factory: pytest.TempPathFactory
) -> Rolled:
    """Plan, approve, roll out into a regression, mend it, try again, export."""
    devices = chosen(province)
    names = [name for each in devices.values() for name in each]
    change = create(hatang, tmp_path_factory.mktemp("rollout") / "texts", devices)
    made = Rolled(change, names, journals(province, names))
    change.submit()
    made.own = change.approve(person=REQUESTER)
    change.approve(person=APPROVER).good()
    change.execute()
    in_second = eventually(lambda: change.look()["change"]["wave"] == 2, END_SECONDS)
    assert in_second, f"the second wave never began: {change.look()['change']}"
    second = [row for row in change.look()["targets"] if row["wave"] == 2]
    made.worse = next(row["device"] for row in second if row["device"].startswith("xa-"))
    assert eventually(lambda: change.look()["change"]["phase"] == "pushing", END_SECONDS)
    cable = f"{made.worse}--room-{made.worse}"
    province.command("break", cable)
    try:
        assert eventually(lambda: stands_still(change), END_SECONDS), told(change.look())
        made.stopped, made.journal = change.look(), journals(province, names)
    finally:
        province.command("heal", cable)
    change.command("retry", str(change.number))
    assert eventually(lambda: stands_still(change), END_SECONDS), told(change.look())
    made.ended, made.after = change.look(), journals(province, names)
    return made


def check_refused(answer: Answer | None) -> None:
    """Who asked for the change could not approve it."""
    hold(answer is not None and answer.status != 0, "the requester approved the own change")


def check_stopped(shown: Any, counts: dict[str, int], worse: str) -> None:
    """The wave with the regression was taken back, the one before stayed, none began after it."""
    waves: dict[int, set[str]] = {}
    for row in shown["targets"]:
        waves.setdefault(row["wave"], set()).add(row["device"])
    hold(shown["change"]["is_paused"], f"the change went on: {told(shown)}")
    reason = shown["change"]["pause_reason"]
    hold(f"room-{worse}" in reason or f"key-{worse}" in reason or worse in reason, reason)
    wrong = {
        name: count
        for wave, names in waves.items()
        for name in names
        if (count := counts[name]) != {1: 1, 2: 2}.get(wave, 0)
    }
    hold(not wrong, f"by their own journals these changed that often: {wrong}")


def check_ended(shown: Any, counts: dict[str, int]) -> None:
    """After the retry every device holds the change, and the canary was not touched again."""
    states = {row["state"] for row in shown["targets"]}
    hold(shown["change"]["state"] == "done" and states <= set(RESUME), str(told(shown)))
    canary = next(row["device"] for row in shown["targets"] if row["wave"] == 1)
    hold(counts[canary] == 1, f"the canary was changed {counts[canary]} times")


def check_bundle(hatang: Installation, file: Path, plan: str) -> None:
    """hatang and a plain ZIP reader find the evidence whole, of exactly the approved plan."""
    answer = hatang.hatang("change", "verify", str(file), "--format", "json", person=APPROVER)
    hold(answer.status == 0, answer.out)
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
    hold({"approvals.json", "health.json", "audit.json", "plan.json"} <= names, str(names))
    hold(answer.json()["plan_sha256"] == plan, "the bundle is of another plan")


def test_the_requester_does_not_approve(rolled: Rolled) -> None:
    check_refused(rolled.own)


def test_a_wave_with_a_regression_is_taken_back_and_no_other_begins(rolled: Rolled) -> None:
    check_stopped(rolled.stopped, changed(rolled.before, rolled.journal), rolled.worse)


def test_only_what_failed_is_tried_again_until_all_is_done(rolled: Rolled) -> None:
    check_ended(rolled.ended, changed(rolled.before, rolled.after))


def test_the_evidence_is_exported_and_read(
    rolled: Rolled, hatang: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "change.zip"
    rolled.change.command("export", str(rolled.change.number), "--out", str(file))
    check_bundle(hatang, file, rolled.change.plan)


def test_sabotage_a_rollout_that_nothing_stopped(rolled: Rolled) -> None:
    with turns_red():
        check_stopped(rolled.ended, changed(rolled.before, rolled.after), rolled.worse)


def test_sabotage_a_change_that_stands_still(rolled: Rolled) -> None:
    with turns_red():
        check_ended(rolled.stopped, changed(rolled.before, rolled.journal))


def test_sabotage_evidence_that_was_touched(
    rolled: Rolled, hatang: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "change.zip"
    rolled.change.command("export", str(rolled.change.number), "--out", str(file))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("more.json", "{}")
    with turns_red():
        check_bundle(hatang, file, rolled.change.plan)
