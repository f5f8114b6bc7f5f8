"""A part of a file: the chosen rows and what they need; what is wrong elsewhere stops nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.errors import InvalidInputError
from inventory import service
from inventory.choices import ElementKind
from inventory.planning import Ref, Terms
from tests.inventory.conftest import PROVINCE
from tests.inventory.whole import WHOLE

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.auth import Actor
    from hatang.db import Database
    from inventory.planning import ImportPlan

K = ElementKind


def plan_of(
    database: Database, actor: Actor, text: str, only: Collection[ElementKind | Ref]
) -> ImportPlan:
    with database.read() as session:
        return service.plan_import(session, actor, text, "part.yaml", terms=Terms(frozenset(only)))


def created(plan: ImportPlan) -> set[Ref]:
    return {row.ref for row in plan.created}


def test_a_kind_alone_is_taken(sqlite_database: Database, engineer: Actor) -> None:
    plan = plan_of(sqlite_database, engineer, PROVINCE, [K.UNIT])
    assert {ref.kind for ref in created(plan)} == {K.UNIT}
    assert not plan.dragged
    assert Ref(K.DEVICE, "core-1") in plan.left_out


def test_a_row_drags_what_it_refers_to_and_what_stands_inside_it(
    sqlite_database: Database, engineer: Actor
) -> None:
    plan = plan_of(sqlite_database, engineer, PROVINCE, [Ref(K.DEVICE, "core-1")])
    assert created(plan) == {
        Ref(K.UNIT, "tinh"),
        Ref(K.UNIT, "so-khcn"),
        Ref(K.SITE, "dc"),
        Ref(K.MANUFACTURER, "FRRouting"),
        Ref(K.DEVICE_TYPE, "FRRouting/lab-router"),
        Ref(K.DEVICE, "core-1"),
        Ref(K.INTERFACE, "core-1:eth1"),
        Ref(K.INTERFACE, "core-1:eth2"),
    }
    assert Ref(K.SITE, "dc") in plan.dragged
    assert Ref(K.DEVICE, "core-1") not in plan.dragged


@pytest.mark.usefixtures("province")
def test_what_the_inventory_has_is_not_dragged(database: Database, engineer: Actor) -> None:
    text = PROVINCE.replace('"Trung tâm dữ liệu"', '"Khác"').replace("serial: ABC123", "serial: X")
    plan = plan_of(database, engineer, text, [Ref(K.DEVICE, "rtr-02")])
    assert [row.ref for row in plan.changed] == [Ref(K.DEVICE, "rtr-02")]
    assert not plan.dragged


@pytest.mark.parametrize("bad", ["kind: comune", "kind: commune, colour: red"])
def test_a_fault_elsewhere_does_not_stop_the_chosen(
    sqlite_database: Database, engineer: Actor, bad: str
) -> None:
    text = PROVINCE.replace('name: "Xã Tân Lập", kind: commune', f'name: "Xã Tân Lập", {bad}')
    plan = plan_of(sqlite_database, engineer, text, [Ref(K.SITE, "dc")])
    assert Ref(K.SITE, "dc") in created(plan)
    with pytest.raises(InvalidInputError):
        plan_of(sqlite_database, engineer, text, [Ref(K.SITE, "xa-01-site")])


def test_what_is_chosen_and_not_there_is_said(sqlite_database: Database, engineer: Actor) -> None:
    with pytest.raises(InvalidInputError) as caught:
        plan_of(sqlite_database, engineer, PROVINCE, [Ref(K.DEVICE, "core-2")])
    (problem,) = caught.value.problems
    assert (problem.value, problem.fix) == ("device:core-2", "Did you mean 'core-1'?")


def test_a_plan_is_narrowed_and_applied(database: Database, engineer: Actor) -> None:
    with database.write() as session:
        whole = service.plan_import(session, engineer, WHOLE, "whole.yaml")
        part = service.narrow_import(session, engineer, whole, [K.UNIT, Ref(K.SITE, "hub")])
        service.apply_import(session, engineer, part, "test")
    with database.read() as session:
        sites = [row.slug for row in service.list_sites(session, engineer).items]
        rest = service.plan_import(session, engineer, WHOLE, "whole.yaml")
    assert sites == ["hub"]
    assert {row.ref for row in rest.created} == {row.ref for row in whole.created} - created(part)


def test_every_row_of_a_file_can_be_taken_alone(sqlite_database: Database, engineer: Actor) -> None:
    with sqlite_database.read() as session:
        whole = service.plan_import(session, engineer, WHOLE, "whole.yaml")
        for row in whole.created:
            part = service.narrow_import(session, engineer, whole, [row.ref])
            assert row.ref in created(part)
