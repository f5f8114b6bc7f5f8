"""Reorganising through the command: planned, approved by another, applied; the past remains."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

PROVINCE = """\
version: 1
units:
  - {code: tinh, name: "Tỉnh", kind: province, parent: null}
  - {code: xa-01, name: "Xã Đông Ba", kind: commune, parent: tinh}
  - {code: xa-02, name: "Xã Tây Lộc", kind: commune, parent: tinh}
sites:
  - {slug: s-1, name: "Một", unit: xa-01, kind: commune}
"""
MERGE = """\
version: 1
title: Sắp xếp
effective_on: 2025-07-01
units: [{code: p-moi, name: Phường Mới, kind: ward, parent: tinh}]
reorganise: [{merge: [xa-01, xa-02], into: p-moi}]
"""


@pytest.fixture
def merge(hatang: Hatang, tmp_path: Path) -> Path:
    province = tmp_path / "province.yaml"
    province.write_text(PROVINCE)
    assert hatang("inventory", "import", str(province), "--as", "lan").status == exits.OK
    path = tmp_path / "merge.yaml"
    path.write_text(MERGE)
    return path


def answer(hatang: Hatang, *words: str, person: str = "lan") -> Any:
    ran = hatang("unit", *words, "--as", person)
    assert ran.status == exits.OK, ran.err
    return json.loads(ran.out)


def codes(hatang: Hatang, *words: str) -> set[str]:
    return {row["code"] for row in answer(hatang, "list", *words)}


@pytest.mark.slow
def test_the_whole_way(hatang: Hatang, merge: Path) -> None:
    plan = answer(hatang, "reorganise", "plan", str(merge))
    assert plan["counts"]["dissolved"] == 2
    words = ("submit", str(merge), "--reason", "nghị quyết", "--plan", plan["sha256"])
    number = str(answer(hatang, "reorganise", *words)["reorganisation"])
    assert hatang("unit", "reorganise", "apply", number, "--as", "lan").status == exits.CONFLICT
    given = ("--plan", plan["sha256"])
    own = hatang("unit", "reorganise", "approve", number, *given, "--as", "lan")
    assert own.status == exits.DENIED
    answer(hatang, "reorganise", "approve", number, *given, person="hoa")
    answer(hatang, "reorganise", "apply", number)
    assert codes(hatang) == {"tinh", "p-moi"}
    assert codes(hatang, "--as-of", "2025-06-30") == {"tinh", "xa-01", "xa-02"}
    now, old = answer(hatang, "find", "dong ba")
    assert now["predecessors"] == ["xa-01", "xa-02"]
    assert old["successors"] == ["p-moi"]
    (row,) = answer(hatang, "reorganise", "list")
    assert (row["state"], row["approval"]) == ("applied", "approved")


def test_a_wrong_file_is_told_with_its_lines(hatang: Hatang, merge: Path) -> None:
    merge.write_text(MERGE.replace("xa-02", "xa-20"))
    ran = hatang("unit", "reorganise", "plan", str(merge), "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    assert "merge.yaml:5: merge ('xa-20'): names no unit. Did you mean 'xa-02'?" in ran.err


def test_another_plan_than_the_read_one_is_not_filed(hatang: Hatang, merge: Path) -> None:
    words = ("reorganise", "submit", str(merge), "--reason", "x", "--plan", "0" * 64)
    assert hatang("unit", *words, "--as", "lan").status == exits.INVALID_INPUT
    assert answer(hatang, "reorganise", "list") == []
