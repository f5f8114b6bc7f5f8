"""Announced work through the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cli import exits
from hatang.auth import Actor
from inventory import service as inventory
from tests.cli.test_inventory import PROVINCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

SYSTEM = Actor.system("test")
WORK = ("maintenance", "announce", "core-1", "--reason", "thay nguồn")


@pytest.fixture(autouse=True)
def _core(hatang: Hatang, tmp_path: Path) -> None:
    path = tmp_path / "province.yaml"
    path.write_text(PROVINCE)
    with hatang.database.write() as session:
        plan = inventory.plan_import(session, SYSTEM, path)
        inventory.apply_import(session, SYSTEM, plan, "test")


def listed(hatang: Hatang, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        hatang("maintenance", "list", *words, "--as", "lan").out
    )
    return found


def test_work_is_announced_listed_and_ended(hatang: Hatang) -> None:
    row = json.loads(hatang(*WORK, "--hours", "4", "--as", "lan").out)
    assert [each["id"] for each in listed(hatang)] == [row["id"]]
    assert hatang("maintenance", "end", str(row["id"]), "--as", "lan").status == exits.OK
    assert listed(hatang) == []
    assert len(listed(hatang, "--all")) == 1


def test_a_dry_run_shows_the_elements_and_changes_nothing(hatang: Hatang) -> None:
    plan = json.loads(hatang(*WORK, "--dry-run", "--as", "lan").out)
    assert [each.partition(":")[0] for each in plan["elements"]] == ["device"]
    assert listed(hatang) == []
    row = json.loads(hatang(*WORK, "--as", "lan").out)
    ran = hatang("maintenance", "end", str(row["id"]), "--dry-run", "--as", "lan")
    assert ran.status == exits.OK
    assert len(listed(hatang)) == 1


def test_too_long_a_work_is_refused_in_one_sentence(hatang: Hatang) -> None:
    ran = hatang(*WORK, "--hours", "800", "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    assert "more than 30 days" in ran.err
    assert "Traceback" not in ran.err


def test_who_may_not_announce_is_denied(hatang: Hatang) -> None:
    assert hatang(*WORK, "--as", "hoa").status == exits.DENIED
