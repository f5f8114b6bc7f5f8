"""What is intended and what drifted, through the command: a table for people, JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cli import exits
from hatang import clock
from inventory import service as inventory
from playbooks import vault
from tests.cli.test_inventory import PROVINCE
from tests.playbooks.records import AT, SYSTEM, collected, reached

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow

BARE = "core-2"
MORE = f"  - {{name: {BARE}, site: dc, role: core, platform: frr, status: active}}\n"
RUNNING = "hostname core-1\nrouter bgp 65001\n neighbor 10.0.0.1 remote-as {peer}\nexit\n"
INTENDED = "router bgp 65001\n neighbor 10.0.0.1 remote-as {{ parameters.peer }}\n"
PEER = "65009"


@pytest.fixture
def drifting(hatang: Hatang, tmp_path: Path) -> Hatang:
    """Two routers of which the vault holds one, for which something else is intended."""
    path = tmp_path / "province.yaml"
    path.write_text(PROVINCE + MORE)
    template = tmp_path / "bgp.j2"
    template.write_text(INTENDED)
    with hatang.database.write() as session:
        plan = inventory.plan_import(session, SYSTEM, path)
        inventory.apply_import(session, SYSTEM, plan, "test")
    keep(hatang, "65002")
    words = ("drift", "intended", "set", "bgp", str(template), "--role", "core")
    ran = hatang(*words, "--set", f"peer={PEER}", "--as", "lan")
    assert ran.status == exits.OK, ran.err
    return hatang


def keep(hatang: Hatang, peer: str) -> None:
    """Let the vault see that core-1 has this neighbour."""
    with clock.frozen(AT), hatang.database.write() as session:
        core = reached(inventory.get_device(session, SYSTEM, "core-1"))
        vault.store(session, SYSTEM, core, collected(RUNNING.format(peer=peer)), source="backup")


def run(hatang: Hatang, *words: str) -> tuple[int, dict[str, int]]:
    """Compare when the configuration has just been seen."""
    with clock.frozen(AT):
        ran = hatang("drift", "run", *words, "--as", "lan")
    counted: dict[str, int] = json.loads(ran.out)
    return ran.status, counted


def listed(hatang: Hatang, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(hatang("drift", "list", *words, "--as", "lan").out)
    return found


def test_a_run_counts_and_fails_unless_all_are_in_line(drifting: Hatang) -> None:
    assert run(drifting) == (exits.FAILED, {"drifted": 1, "unknown": 1, "in_line": 0})
    keep(drifting, PEER)
    wanted = exits.OK, {"drifted": 0, "unknown": 0, "in_line": 1}
    assert run(drifting, "--devices", "core-1") == wanted


def test_what_drifted_is_listed_first_with_when_and_the_unknown_with_why(
    drifting: Hatang,
) -> None:
    run(drifting)
    drifted, unknown = listed(drifting)
    assert drifted["drifted_since"] == AT.isoformat(timespec="seconds")
    assert (unknown["device"], unknown["state"], unknown["reason"]) == (
        BARE,
        "unknown",
        "no_backup",
    )
    assert [row["device"] for row in listed(drifting, "--state", "unknown")] == [BARE]
    (group,) = listed(drifting, "--by", "site")
    assert (group["key"], group["drifted"], group["unknown"], group["in_line"]) == ("dc", 1, 1, 0)


def test_a_table_has_the_same_for_people(drifting: Hatang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    run(drifting)
    table = drifting("drift", "list", "--as", "lan", "--format", "table").out
    head, first, second = table.splitlines()
    assert head.split()[:3] == ["device", "intended", "state"]
    assert first.split()[:3] == ["core-1", "bgp", "drifted"]
    assert second.split()[:3] == [BARE, "bgp", "unknown"]
    assert "no_backup" in second


def test_a_device_is_shown_with_its_lines_and_its_past(drifting: Hatang) -> None:
    run(drifting)
    show = ("drift", "show", "core-1", "--as", "lan")
    (standing,) = json.loads(drifting(*show).out)["standings"]
    assert f"  neighbor 10.0.0.1 remote-as {PEER}" in standing["lines"].splitlines()
    table = drifting(*show, "--format", "table").out
    assert f"remote-as {PEER}" in table
    keep(drifting, PEER)
    run(drifting)
    shown = json.loads(drifting(*show).out)
    assert [row["ending"] for row in shown["past"]] == ["in_line"]
    assert shown["standings"][0]["lines"] == ""


def test_what_is_intended_is_listed_without_values_and_taken_back(drifting: Hatang) -> None:
    words = ("drift", "intended", "list", "--as", "lan")
    ran = drifting(*words)
    (row,) = json.loads(ran.out)
    assert (row["name"], row["parameters"], row["set_by"]) == ("bgp", ["peer"], "lan")
    assert row["selection"] == {"roles": ["core"]}
    assert PEER not in ran.out
    assert "bgp" in drifting(*words, "--format", "table").out
    run(drifting)
    assert drifting("drift", "intended", "remove", "bgp", "--as", "lan").status == exits.OK
    assert json.loads(drifting(*words).out) == []
    assert listed(drifting) == []


def test_a_template_that_cannot_be_read_and_who_may_not_are_refused(
    drifting: Hatang, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.j2"
    wrong.write_text("{% if %}")
    words = ("drift", "intended", "set", "ntp", str(wrong), "--role", "core")
    ran = drifting(*words, "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    assert "Traceback" not in ran.err
    assert drifting("drift", "list", "--as", "khach").status == exits.DENIED
    assert drifting("drift", "run", "--as", "minh").status == exits.DENIED
