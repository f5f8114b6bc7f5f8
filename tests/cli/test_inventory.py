"""The inventory through the command: plan, import, look, export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cli import exits
from tests.inventory.sheets.building import xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

pytestmark = pytest.mark.slow

PROVINCE = """\
version: 1
units:
  - {code: tinh, name: "Tỉnh", kind: province, parent: null}
sites:
  - {slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}
devices:
  - {name: core-1, site: dc, role: core, platform: frr, primary_ip4: 10.9.0.1, status: active}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "province.yaml"
    path.write_text(PROVINCE)
    return path


def test_a_plan_changes_nothing(hatang: Hatang, file: Path) -> None:
    plan = json.loads(hatang("inventory", "plan", str(file), "--as", "lan").out)
    assert plan["created"] >= 3
    assert json.loads(hatang("device", "list", "--as", "lan").out) == []


def test_exactly_the_plan_is_applied(hatang: Hatang, file: Path) -> None:
    plan = json.loads(hatang("inventory", "plan", str(file), "--as", "lan").out)
    words = ("inventory", "import", str(file), "--plan", plan["sha256"], "--as", "lan")
    assert hatang(*words).status == exits.OK
    (device,) = json.loads(hatang("device", "list", "--as", "lan").out)
    assert device["name"] == "core-1"
    assert hatang(*words).status == exits.INVALID_INPUT  # that plan is done


def test_a_bad_file_is_refused_with_all_its_errors_and_applies_nothing(
    hatang: Hatang, file: Path
) -> None:
    wrong = "  - {name: core-2, site: nowhere, role: core, platform: frr, status: active}\n"
    file.write_text(PROVINCE.replace("10.9.0.1", "10.9.0") + wrong)
    ran = hatang("inventory", "import", str(file), "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    for seen in ("province.yaml:7", "primary_ip4", "province.yaml:8", "nowhere"):
        assert seen in ran.err
    assert "Traceback" not in ran.err
    assert json.loads(hatang("site", "list", "--as", "lan").out) == []


def test_what_is_exported_imports_unchanged(hatang: Hatang, file: Path) -> None:
    hatang("inventory", "import", str(file), "--as", "lan")
    file.write_text(hatang("inventory", "export", "--as", "lan").out)
    plan = json.loads(hatang("inventory", "plan", str(file), "--as", "lan").out)
    assert (plan["created"], plan["changed"]) == (0, 0)


def test_a_device_nobody_measured_is_unknown(hatang: Hatang, file: Path) -> None:
    hatang("inventory", "import", str(file), "--as", "lan")
    told = json.loads(hatang("device", "show", "core-1", "--as", "lan").out)
    assert told["state"] == "unknown"
    fields = {one["field"]: one["verdict"] for one in told["fields"]}
    assert fields["platform"] == "unobserved"
    table = hatang("site", "list", "--format", "table", "--as", "lan").out
    assert "Trung tâm" in table
    assert "unknown" in table


def test_a_file_or_device_that_is_not_there(hatang: Hatang) -> None:
    assert hatang("inventory", "plan", "x.yaml", "--as", "lan").status == exits.NOT_FOUND
    assert hatang("device", "show", "x", "--as", "lan").status == exits.NOT_FOUND


def test_who_may_only_look_imports_nothing(hatang: Hatang, file: Path) -> None:
    assert hatang("inventory", "import", str(file), "--as", "hoa").status == exits.DENIED


@pytest.mark.parametrize(("lab", "status"), [("true", exits.OK), ("false", exits.INVALID_INPUT)])
def test_a_device_on_loopback_is_taken_in_the_lab_profile_only(
    hatang: Hatang, file: Path, monkeypatch: pytest.MonkeyPatch, lab: str, status: int
) -> None:
    monkeypatch.setenv("HATANG_LAB", lab)
    file.write_text(PROVINCE.replace("10.9.0.1", "127.9.0.1"))
    assert hatang("inventory", "plan", str(file), "--as", "lan").status == status
    assert hatang("inventory", "import", str(file), "--as", "lan").status == status


def test_a_part_is_imported_and_taken_back(hatang: Hatang, file: Path) -> None:
    part = ("inventory", "import", str(file), "--only", "site:dc", "--as", "lan")
    assert hatang(*part).status == exits.OK
    assert json.loads(hatang("device", "list", "--as", "lan").out) == []
    (row,) = json.loads(hatang("inventory", "history", "--as", "lan").out)
    assert (row["verb"], row["filename"]) == ("import", "province.yaml")
    shown = json.loads(hatang("inventory", "undo", str(row["id"]), "--dry-run", "--as", "lan").out)
    assert shown["removed"] == 2
    undone = hatang("inventory", "undo", str(row["id"]), "--plan", shown["sha256"], "--as", "lan")
    assert undone.status == exits.OK
    assert json.loads(hatang("site", "list", "--as", "lan").out) == []


def test_pruning_needs_a_scope_and_shows_what_goes(hatang: Hatang, file: Path) -> None:
    hatang("inventory", "import", str(file), "--as", "lan")
    file.write_text(PROVINCE.replace("core-1", "core-2").replace("10.9.0.1", "10.9.0.2"))
    alone = hatang("inventory", "plan", str(file), "--prune", "--as", "lan")
    assert alone.status == exits.INVALID_INPUT
    words = ("inventory", "import", str(file), "--prune", "--scope", "tinh", "--as", "lan")
    done = json.loads(hatang(*words).out)
    assert [(one["do"], one["key"]) for one in done["rows"]] == [
        ("create", "core-2"),
        ("remove", "core-1"),
    ]
    (device,) = json.loads(hatang("device", "list", "--as", "lan").out)
    assert device["name"] == "core-2"


def test_a_kind_that_is_none_is_refused(hatang: Hatang, file: Path) -> None:
    ran = hatang("inventory", "plan", str(file), "--only", "devise", "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    assert "Did you mean device?" in ran.err


WORKBOOK = xlsx(
    [["DANH SÁCH XÃ"], ["Mã xã", "Tên xã", "Ghi chú"], ["xa-1", "Xã Một", "x"], [None, "Tổng cộng"]]
)


def test_a_workbooks_plan_tells_repairs_and_what_is_left_out(
    hatang: Hatang, tmp_path: Path
) -> None:
    path = tmp_path / "xa.xlsx"
    path.write_bytes(WORKBOOK)
    shared = ("--as", "lan", "--format", "table")
    shown = hatang("inventory", "import", str(path), "--dry-run", *shared).out
    for words in ("create  unit  xa-1", "commune", "a total", "is no part of the inventory"):
        assert words in shown
    assert hatang("inventory", "import", str(path), "--as", "lan").status == exits.OK
    again = json.loads(hatang("inventory", "import", str(path), "--dry-run", "--as", "lan").out)
    assert (again["rows"], again["workbook"]["tables"][0]["section"]) == ([], "units")


def test_an_export_is_written_by_its_name(hatang: Hatang, file: Path, tmp_path: Path) -> None:
    hatang("inventory", "import", str(file), "--as", "lan")
    for name, more in (("a.xlsx", ()), ("a.csv", ("--section", "devices")), ("a.yaml", ())):
        path = tmp_path / name
        words = ("inventory", "export", "--out", str(path), *more, "--as", "lan")
        assert hatang(*words).status == exits.OK
        plan = json.loads(hatang("inventory", "plan", str(path), "--as", "lan").out)
        assert (plan["created"], plan["changed"]) == (0, 0)


@pytest.mark.parametrize(
    "words",
    [
        ("--out", "a.docx"),
        ("--out", "a.csv"),
        ("--section", "devices"),
        ("--out", "a.xlsx", "--language", "fr"),
    ],
)
def test_an_export_that_makes_no_sense_is_refused(hatang: Hatang, words: tuple[str, ...]) -> None:
    assert hatang("inventory", "export", *words, "--as", "lan").status == exits.USAGE


def test_the_template_imports_as_nothing(hatang: Hatang, file: Path, tmp_path: Path) -> None:
    hatang("inventory", "import", str(file), "--as", "lan")
    path = tmp_path / "template.xlsx"
    hatang("inventory", "template", "--out", str(path), "--language", "en", "--as", "lan")
    plan = json.loads(hatang("inventory", "plan", str(path), "--as", "lan").out)
    assert plan["rows"] == []


def test_elements_of_any_kind_are_listed_and_shown(hatang: Hatang, file: Path) -> None:
    more = (
        'racks: [{site: dc, name: R1}, {site: dc, name: R2}]\ncontacts: [{code: a, name: "Huế"}]\n'
    )
    file.write_text(PROVINCE + more)
    hatang("inventory", "import", str(file), "--as", "lan")
    words = ("inventory", "list", "racks", "--filter", "name=R2", "--as", "lan")
    (rack,) = json.loads(hatang(*words).out)
    assert (rack["key"], rack["site"], rack["u_height"]) == ("dc/R2", "dc", 42)
    (person,) = json.loads(hatang("inventory", "list", "contacts", "--search", "hue",
                                  "--as", "lan").out)  # fmt: skip
    assert person["name"] == "Huế"
    shown = json.loads(hatang("inventory", "show", "racks", "dc/R1", "--as", "lan").out)
    assert shown["name"] == "R1"
    table = hatang("inventory", "list", "racks", "--limit", "1", "--as", "lan", "--format", "table")
    assert "1 rows from 1, of 2" in table.out


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("list", "rack"), exits.NOT_FOUND),
        (("list", "racks", "--filter", "colour=red"), exits.INVALID_INPUT),
        (("list", "endpoints", "--filter", "credential=x"), exits.INVALID_INPUT),
        (("show", "racks", "dc/R9"), exits.NOT_FOUND),
    ],
)
def test_a_kind_field_or_element_that_is_none_is_named(
    hatang: Hatang, words: tuple[str, ...], status: int
) -> None:
    ran = hatang("inventory", *words, "--as", "lan")
    assert ran.status == status
    assert "Traceback" not in ran.err
