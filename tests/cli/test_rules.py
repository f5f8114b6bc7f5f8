"""Rules through the command: listed, and checked before they load."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

GOOD = "groups: [{name: g, rules: [{alert: Mine, expr: up == 0}]}]\n"
BAD = GOOD.replace("up == 0", "up ==")


def test_a_good_file_is_counted(hatang: Hatang, tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text(GOOD)
    assert json.loads(hatang("rule", "check", str(path)).out) == [{"file": str(path), "rules": 1}]


def test_a_bad_file_is_named_with_group_rule_and_line(hatang: Hatang, tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text(BAD)
    done = hatang("rule", "check", str(path))
    assert f"{path}:1: group “g”, rule 1 “Mine”: expr" in done.err
    assert done.status == exits.INVALID_INPUT


def test_rules_are_listed_by_topic(hatang: Hatang) -> None:
    rows = json.loads(hatang("rule", "list", "--topic", "circuits", "--as", "lan").out)
    assert {row["topic"] for row in rows} == {"circuits"}
    assert "CircuitOutboundNearlyFull" in {row["name"] for row in rows}
