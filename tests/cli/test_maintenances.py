"""Announced work through the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cli import exits
from hatang.auth import Actor
from inventory import service as inventory
from inventory.models import Site
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


def test_a_notice_is_announced_only_by_the_digest_of_what_was_shown(
    hatang: Hatang, tmp_path: Path
) -> None:
    file = tmp_path / "thong-bao.txt"
    file.write_text("Mất điện tại Trung tâm Bắc, từ 8h đến 9h ngày 04/12/2099", encoding="utf-8")
    with hatang.database.write() as session:
        session.scalars(select(Site).where(Site.slug == "dc")).one().name = "Trung tâm Bắc"
    read = ("maintenance", "notice", str(file), "--as", "lan")
    shown = hatang(*read)
    assert [each["key"] for each in json.loads(shown.out)["points"]] == ["dc"]
    assert listed(hatang) == []
    digest = shown.err.split("--confirm ")[1].split()[0]
    assert hatang(*read, "--confirm", "0" * 12).status != exits.OK
    assert hatang(*read, "--confirm", digest).status == exits.OK
    (row,) = listed(hatang)
    assert row["source"] == "notice"


def test_work_comes_again_as_often_as_its_dry_run_says(hatang: Hatang) -> None:
    again = (
        *("maintenance", "repeat", "core-1", "--on", "sat", "--week", "2", "--at", "22:00"),
        *("--first", "2099-01-01", "--until", "2099-06-30", "--reason", "vá lỗi", "--as", "lan"),
    )
    plan = json.loads(hatang(*again, "--dry-run").out)
    assert len(plan["windows"]) == 6
    assert listed(hatang) == []
    series = json.loads(hatang(*again).out)
    assert len(listed(hatang)) == 6
    assert hatang("maintenance", "end-series", str(series["id"]), "--as", "lan").status == exits.OK
    assert listed(hatang) == []


@pytest.mark.parametrize("wrong", [("--on", "someday", "--at", "22:00"), ("--at", "late")])
def test_a_wrong_day_or_hour_is_refused_with_its_fix(
    hatang: Hatang, wrong: tuple[str, ...]
) -> None:
    ran = hatang(
        *("maintenance", "repeat", "core-1", "--until", "2099-06-30", "--reason", "x"),
        *wrong,
        *("--as", "lan"),
    )
    assert ran.status == exits.INVALID_INPUT
