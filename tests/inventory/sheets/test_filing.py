"""What we write reads back as nothing to do, and runs nothing where it is opened."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.auth import Actor, Role
from hatang.errors import DeniedError, InvalidInputError
from hatang.formulas import is_formula
from inventory import service
from inventory.choices import ElementKind
from inventory.planning import Prune, Terms
from inventory.sheets.filing import quoted
from inventory.sheets.forms import forms, sections
from inventory.sheets.values import unquoted
from tests.inventory.conftest import PROVINCE
from tests.inventory.whole import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

pytestmark = pytest.mark.slow

LANGUAGES = ("vi", "en")
HOSTILE = """\
version: 1
units:
  - {code: t, name: "=cmd|'/c calc'!A1", kind: province, aliases: ["+1", "a, b"]}
  - {code: u, name: "'=1+1", kind: unit, parent: t}
  - {code: v, name: "@SUM(1)", kind: commune, parent: t, aliases: [one, "-2", Tổng cộng]}
  - {code: w, name: "Ghi chú: *", kind: ward, parent: t, valid_from: 2025-07-01}
  - {code: "0012", name: "Tổng cộng", kind: ward, parent: t}
sites:
  - {slug: s, name: "1. Các sở", unit: u, kind: hub, address: "-  'x", latitude: 16.463713}
  - {slug: "46", name: "46", unit: v, kind: commune, people: 0, phone: "+84 234 3822222"}
devices:
  - name: d
    site: s
    role: ups
    platform: linux
    primary_ip4: 10.0.0.1
    serial: "0012"
    credentials: {ssh: a, snmp: b}
    ports: {ssh: 2222}
    interfaces: [{name: "1/1", description: "=x"}, {name: eth0}]
rooms: [{code: r, name: Café Zürich, site: s, contact_phone: "0234 3822222"}]
"""


@pytest.fixture(params=[PROVINCE, HOSTILE, WHOLE], ids=["plain", "hostile", "whole"])
def loaded(request: pytest.FixtureRequest, load: Callable[[str], ImportPlan]) -> ImportPlan:
    return load(request.param)


def planned(database: Database, actor: Actor, data: bytes, name: str) -> ImportPlan:
    source = service.open_source(data, name)
    with database.read() as session:
        return service.plan_import(session, actor, source, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exported_workbook_plans_nothing(
    database: Database, engineer: Actor, loaded: ImportPlan, language: str
) -> None:
    assert loaded.created
    with database.read() as session:
        data = service.export_workbook(session, engineer, language)
    plan = planned(database, engineer, data, "out.xlsx")
    assert (plan.created, plan.changed) == ((), ())
    assert {row.kind for row in plan.unchanged} == {row.kind for row in loaded.created}


# One engine: what a CSV reads of the database, the workbook above reads on both.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exported_csv_plans_nothing(
    database: Database, engineer: Actor, loaded: ImportPlan, language: str
) -> None:
    kinds = {row.kind for row in loaded.created}
    for section, kind in sections().items():
        if kind.kind not in kinds:
            continue
        with database.read() as session:
            data = service.export_csv(session, engineer, language, section)
        plan = planned(database, engineer, data, f"{section}.csv")
        assert (section, plan.created, plan.changed) == (section, (), ())
        assert kind.kind in {row.kind for row in plan.unchanged}


def test_no_exported_cell_can_run(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(HOSTILE)
    with database.read() as session:
        data = service.export_workbook(session, engineer, "vi")
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert not [text for text in texts if is_formula(text)]
    assert "f" not in {cell.data_type for cell in cells}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_template_plans_nothing(
    database: Database, engineer: Actor, province: ImportPlan, language: str
) -> None:
    assert province.created
    with database.read() as session:
        data = service.write_template(session, engineer, language)
    plan = planned(database, engineer, data, "template.xlsx")
    assert plan.is_empty
    assert plan.reading is not None
    assert {table.section for table in plan.reading.tables} == set(sections())
    assert {one.what for one in plan.reading.skipped} == {"sheet"}


def test_the_template_has_a_column_for_every_field_and_offers_choices(
    database: Database, engineer: Actor, province: ImportPlan
) -> None:
    assert province.created
    with database.read() as session:
        data = service.write_template(session, engineer, "vi")
    book = openpyxl.load_workbook(io.BytesIO(data))
    units = book["Đơn vị"]
    assert units.max_column == len(forms("units"))
    offered = {str(one.sqref): one for one in units.data_validations.dataValidation}
    kind, parent = offered["C2:C5000"], offered["D2:D5000"]
    assert kind.showErrorMessage
    assert not parent.showErrorMessage  # a reference may also be new
    lists = [[cell.value for cell in column if cell.value] for column in
             book["Danh mục giá trị"].iter_cols()]  # fmt: skip
    assert lists[0][:3] == ["cấp tỉnh", "sở ban ngành", "xã"]
    assert lists[1] == ["so-khcn", "tinh", "xa-01", "xa-02"]


def test_a_filled_template_is_imported(
    database: Database, engineer: Actor, province: ImportPlan
) -> None:
    assert province.created
    with database.read() as session:
        data = service.write_template(session, engineer, "vi")
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["Đơn vị"]
    for column, text in enumerate(("xa-03", "Xã Mới", "xã", "tinh"), 1):
        sheet.cell(2, column, text)
    out = io.BytesIO()
    book.save(out)
    plan = planned(database, engineer, out.getvalue(), "template.xlsx")
    assert [(row.key, row.fields["kind"].after) for row in plan.created] == [("xa-03", "commune")]


def test_only_chosen_sections_are_exported(
    database: Database, engineer: Actor, province: ImportPlan
) -> None:
    assert province.created
    with database.read() as session:
        data = service.export_workbook(session, engineer, "en", ["sites"])
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == ["Sites"]


def test_an_unknown_section_is_named(database: Database, engineer: Actor) -> None:
    with database.read() as session, pytest.raises(InvalidInputError, match="'devices'"):
        service.export_csv(session, engineer, "vi", "device")


def test_who_sees_a_part_exports_nothing_whole(sqlite_database: Database) -> None:
    actor = Actor(6, "commune engineer", frozenset({Role.ENGINEER}), frozenset({1}))
    with sqlite_database.read() as session, pytest.raises(DeniedError):
        service.export_workbook(session, actor, "vi")


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_quoting_is_undone_by_reading(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert not is_formula(quoted(text))


def test_nothing_is_pruned_by_a_workbook_with_hidden_parts(
    database: Database, engineer: Actor, province: ImportPlan
) -> None:
    assert province.created
    with database.read() as session:
        data = service.export_workbook(session, engineer, "en")
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book["Sites"]
    sheet.row_dimensions[sheet.max_row].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    source = service.open_source(buffer.getvalue(), "out.xlsx")
    terms = Terms(prune=Prune("tinh", frozenset({ElementKind.SITE})))
    with database.read() as session, pytest.raises(InvalidInputError) as caught:
        service.plan_import(session, engineer, source, "out.xlsx", terms=terms)
    assert {problem.message for problem in caught.value.problems} == {"is hidden"}
