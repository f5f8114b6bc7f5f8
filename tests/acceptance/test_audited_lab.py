"""The whole lab is audited: routers, switches, servers and hatang itself; a fix is seen to help.

The switches' command lines are simulated. With HATANG_SAMPLES the reports are written there.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.changes import APPROVER, REQUESTER
from tests.acceptance.installation import Installation
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.site import APART

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab, pytest.mark.soak]

AUDITOR = "truc"
MENDED, LEFT, RULE = "hub-1", "hub-2", "LOG-01"
AGAIN_SECONDS = 120.0  # so soon a changed device is judged again
CHANGE_SECONDS = 240.0
PLATFORMS = {"frr", "cisco_ios", "arista_eos", "linux"}
JUDGED = {"pass", "fail"}
OF_SERVERS = "LNX-01"


@dataclass
class Audited:
    """The running hatang, the lab, and what the first audit found."""

    made: Installation
    province: Province
    first: list[dict[str, Any]]
    seconds: float


@pytest.fixture(scope="module")
def audited(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """A hatang with the lab's inventory, which has collected and judged everything once."""
    made = Installation(tmp_path_factory.mktemp("audited"))
    made.configure(APART)
    try:
        made.start()
        made.people()
        made.hatang("credential", "import", str(province.credentials)).good()
        made.hatang("inventory", "import", str(province.inventory)).good()
        made.hatang("backup", "run", person=REQUESTER)
        began = time.monotonic()
        made.hatang("baseline", "run", person=REQUESTER)
        seconds = time.monotonic() - began
        rows = made.json("baseline", "show", person=AUDITOR)
        yield Audited(made, province, rows, seconds)
    finally:
        made.stop()


def check_judged(audited: Audited, platform: str, findings: list[dict[str, Any]]) -> None:
    """Every device of the platform that has a login was judged: some rules pass or fail."""
    names = {
        row["name"]
        for row in audited.province.seeded["devices"]
        if row["platform"] == platform and {"ssh", "https"} & set(row.get("credentials", {}))
    }
    hold(bool(names), f"the lab has no {platform}")
    judged = {row["device"] for row in findings if row["verdict"] in JUDGED}
    hold(names <= judged, f"not judged: {sorted(names - judged)}")


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_kind_of_device_is_judged(
    audited: Audited, platform: str, figures: Callable[[str], None]
) -> None:
    check_judged(audited, platform, audited.first)
    of = {row["name"] for row in audited.province.seeded["devices"] if row["platform"] == platform}
    found = [row for row in audited.first if row["device"] in of]
    counts = Counter(row["verdict"] for row in found)
    figures(f"{len({row['device'] for row in found})} devices: {dict(sorted(counts.items()))}")


def test_sabotage_the_servers_were_never_asked(audited: Audited) -> None:
    servers = {row["name"] for row in audited.province.seeded["devices"] if row["role"] == "server"}
    with turns_red():
        check_judged(audited, "linux", [r for r in audited.first if r["device"] not in servers])


def test_a_server_is_judged_by_what_its_sshd_says(audited: Audited) -> None:
    rows = [r for r in audited.first if r["rule_id"] == OF_SERVERS and r["verdict"] in JUDGED]
    lines = {text for row in rows for _number, text in row["evidence"]["excerpt"]}
    hold("# command: sshd -T" in lines, f"no server's sshd is cited: {lines}")


def itself(made: Installation) -> dict[str, str]:
    rows = made.json("baseline", "self", person=AUDITOR)
    return {row["rule_id"]: row["verdict"] for row in rows}


def test_hatang_judges_itself_minutes_after_its_start(
    audited: Audited, figures: Callable[[str], None]
) -> None:
    made = audited.made
    asked = ("baseline", "self", "--format", "json")
    by_itself = eventually(lambda: made.hatang(*asked, person=AUDITOR).status == 0, 720.0)
    hold(by_itself, "after twelve minutes nobody judged it")
    found = itself(made)
    hold(found["HTG-06"] == "pass", f"its audit log: {found['HTG-06']}")
    hold(found["HTG-15"] == "fail", f"that it is a lab: {found['HTG-15']}")
    hold(found["HTG-13"] == "unknown", f"a backup that nobody named: {found['HTG-13']}")
    figures(f"{dict(sorted(Counter(found.values()).items()))}")


def verdict(made: Installation, device: str) -> str:
    words = ("baseline", "show", "--device", device, "--rule", RULE)
    (row,) = made.json(*words, person=AUDITOR)
    return str(row["verdict"])


def check_mended(made: Installation, device: str) -> None:
    shown = verdict(made, device)
    hold(shown == "pass", f"{RULE} on {device} is {shown}")


@pytest.fixture(scope="module")
def mended(audited: Audited) -> tuple[Installation, float]:
    """The rule's own fix went through a change set; seconds until it was judged anew."""
    made = audited.made
    hold(verdict(made, MENDED) == "fail", "there is nothing to mend")
    number = str(made.json("baseline", "fix", MENDED, RULE, person=REQUESTER)["change"])
    plan = made.json("change", "plan", number, person=REQUESTER)["change"]["plan_sha256"]
    made.json("change", "submit", number, person=REQUESTER)
    made.hatang("change", "approve", number, "--plan", plan, person=APPROVER).good()
    made.json("change", "apply", number, "--wait", "0", person=REQUESTER)

    def ended() -> bool:
        return bool(made.ask(f"/api/v1/changes/{number}").json()["change"]["finished_at"])

    hold(eventually(ended, CHANGE_SECONDS), "the change never ended")
    began = time.monotonic()
    eventually(lambda: verdict(made, MENDED) == "pass", AGAIN_SECONDS)
    return made, time.monotonic() - began


def test_a_fix_through_a_change_set_turns_the_re_test_to_pass(
    mended: tuple[Installation, float], figures: Callable[[str], None]
) -> None:
    made, seconds = mended
    check_mended(made, MENDED)
    cases = made.json("baseline", "cases", "--device", MENDED, person=REQUESTER)
    closed = {row["rule_id"]: row["closed_at"] for row in cases}
    hold(bool(closed.get(RULE)), f"its case is open: {closed.get(RULE)}")
    figures(f"judged anew {seconds:.0f} s after the change ended")


def test_sabotage_a_device_that_nobody_mended(mended: tuple[Installation, float]) -> None:
    with turns_red():
        check_mended(mended[0], LEFT)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_reports_are_written_in_both_languages(
    mended: tuple[Installation, float], tmp_path: Path, language: str
) -> None:
    made, folder = mended[0], Path(os.environ.get("HATANG_SAMPLES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    words = ("--language", language)
    for form in ("pdf", "docx"):
        out = str(folder / f"audit-of-the-lab.{language}.{form}")
        report = ("baseline", "report", "--out", out, "--by", "device", "--verdict", "fail")
        made.hatang(*report, *words, person=AUDITOR).good()
        out = str(folder / f"audit-of-hatang.{language}.{form}")
        made.hatang("baseline", "self", "--out", out, *words, person=AUDITOR).good()
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    hold(len(sizes) >= 4 and min(sizes.values()) > 4_000, f"too small: {sizes}")
