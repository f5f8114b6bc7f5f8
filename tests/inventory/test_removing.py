"""Pruning removes what a file of a scope no longer has; an import can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from sqlalchemy import func, select

from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from inventory import service
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS
from inventory.models import Device, Field, Unit
from inventory.planning import Prune, Ref, Terms
from inventory.rows import Query
from tests.inventory.conftest import PROVINCE
from tests.inventory.whole import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

K = ElementKind
RTR_02 = (
    "  - {name: rtr-02, site: xa-02-site, role: commune-router, platform: cisco_ios,"
    " serial: ABC123}\n"
)
LINK_02 = '  - {a: "core-1:eth2", b: "rtr-02:eth0"}\n'


def pruned(database: Database, actor: Actor, text: str, prune: Prune) -> ImportPlan:
    with database.write() as session:
        plan = service.plan_import(session, actor, text, "pruned.yaml", terms=Terms(prune=prune))
        return service.apply_import(session, actor, plan, "test")


def problems_of(database: Database, actor: Actor, text: str, prune: Prune) -> list[str]:
    with database.read() as session, pytest.raises(InvalidInputError) as caught:
        service.plan_import(session, actor, text, "pruned.yaml", terms=Terms(prune=prune))
    return [str(problem) for problem in caught.value.problems]


def exported(database: Database, actor: Actor) -> str:
    with database.read() as session:
        return service.export_yaml(session, actor)


@pytest.mark.usefixtures("province")
def test_what_a_scope_no_longer_has_goes_with_its_parts(
    database: Database, engineer: Actor
) -> None:
    text = PROVINCE.replace(RTR_02, "").replace(LINK_02, "")
    plan = pruned(database, engineer, text, Prune("tinh"))
    assert {row.ref for row in plan.removed} >= {
        Ref(K.DEVICE, "rtr-02"),
        Ref(K.INTERFACE, "rtr-02:eth0"),
        Ref(K.LINK, "core-1:eth2 -- rtr-02:eth0"),
    }
    assert {row.kind for row in plan.removed} == {K.DEVICE, K.INTERFACE, K.LINK}
    with database.read() as session:
        assert session.scalar(select(Device.id).where(Device.name == "rtr-02")) is None


@pytest.mark.usefixtures("province")
def test_nothing_outside_the_scope_or_the_kinds_goes(database: Database, engineer: Actor) -> None:
    text = "version: 1\nunits: [{code: tinh, name: T, kind: province}]\n"
    with database.read() as session:
        plan = service.plan_import(
            session, engineer, text, terms=Terms(prune=Prune("xa-01", frozenset({K.ROOM})))
        )
        assert [row.ref for row in plan.removed] == [Ref(K.ROOM, "room-xa-01")]
        elsewhere = service.plan_import(
            session, engineer, text, terms=Terms(prune=Prune("xa-02", frozenset({K.ROOM})))
        )
        assert not elsewhere.removed


@pytest.mark.usefixtures("province")
def test_what_is_still_named_is_kept(database: Database, engineer: Actor) -> None:
    text = PROVINCE.replace(RTR_02, "").replace(LINK_02, "")
    devices = Prune("tinh", frozenset({K.DEVICE}))
    found = problems_of(database, engineer, text, devices)
    assert any("is still the b of link core-1:eth2 -- rtr-02:eth0" in one for one in found)
    no_server = yaml.safe_load(PROVINCE)
    no_server["devices"] = [one for one in no_server["devices"] if one["name"] != "srv-portal"]
    for section in ("services", "bridges", "registrars"):
        del no_server[section]
    found = problems_of(database, engineer, yaml.safe_dump(no_server), Prune("tinh"))
    assert any("device ('srv-portal'): is still the runs_on of service dns" in one for one in found)


@pytest.mark.usefixtures("province")
def test_a_scope_that_is_none_is_refused(database: Database, engineer: Actor) -> None:
    (problem,) = problems_of(database, engineer, PROVINCE, Prune("xa-03"))
    assert "names no unit. Did you mean 'xa-0" in problem


@pytest.mark.usefixtures("province")
def test_what_was_observed_of_it_goes_too(database: Database, engineer: Actor) -> None:
    with database.write() as session:
        device = service.get_device(session, engineer, "rtr-02")
        service.record_observation(session, K.DEVICE, device.id, {"name": "x"}, "snmp")
    text = PROVINCE.replace(RTR_02, "").replace(LINK_02, "")
    pruned(database, engineer, text, Prune("tinh"))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Field)) == 0


@pytest.mark.usefixtures("province")
def test_units_go_with_their_scopes(database: Database, engineer: Actor) -> None:
    document = yaml.safe_load(PROVINCE)
    text = yaml.safe_dump(document)
    extra = yaml.safe_dump(
        {
            "version": 1,
            "units": [
                {"code": "x", "name": "X", "kind": "unit", "parent": "tinh"},
                {"code": "y", "name": "Y", "kind": "unit", "parent": "x"},
            ],
        }
    )
    with database.write() as session:
        plan = service.plan_import(session, engineer, extra)
        service.apply_import(session, engineer, plan, "test")
    plan = pruned(database, engineer, text, Prune("tinh", frozenset({K.UNIT})))
    assert {row.key for row in plan.removed} == {"x", "y"}
    with database.read() as session:
        codes = set(session.scalars(select(Unit.code)))
    assert codes == {"tinh", "so-khcn", "xa-01", "xa-02"}


@pytest.mark.slow
def test_an_import_into_nothing_is_taken_back_to_nothing(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(WHOLE)
    with database.write() as session:
        (row,) = service.list_imports(session, engineer).items
        service.undo_import(session, engineer, row.id, "test")
    with database.read() as session:
        for kind in KINDS.values():
            assert service.list_elements(session, engineer, kind.kind).total == 0, kind.kind


def test_an_undoing_is_taken_back_to_the_same(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(WHOLE)
    before = exported(database, engineer)
    with database.write() as session:
        service.undo_import(session, engineer, 1, "test")
        service.undo_import(session, engineer, 2, "test")
    assert exported(database, engineer) == before
    with database.read() as session:
        rows = service.list_imports(session, engineer, Query(sort="id")).items
    assert [(one.verb, one.undoes, one.undone_by) for one in rows] == [
        ("import", None, 2),
        ("undo", 1, 3),
        ("undo", 2, None),
    ]


@pytest.mark.usefixtures("province")
def test_a_change_and_a_pruning_are_taken_back(database: Database, engineer: Actor) -> None:
    before = exported(database, engineer)
    text = PROVINCE.replace(RTR_02, "").replace(LINK_02, "").replace("people: 25", "people: 26")
    pruned(database, engineer, text, Prune("tinh"))
    with database.write() as session:
        newest = service.list_imports(session, engineer, Query(sort="-id")).items[0]
        plan = service.plan_undo(session, engineer, newest.id)
        done = service.undo_import(session, engineer, newest.id, "test", plan.sha256)
    assert done == plan
    assert (newest.counts["changed"], newest.counts["removed"]) == (1, 4)
    assert exported(database, engineer) == before


@pytest.mark.usefixtures("province")
def test_a_later_change_of_the_same_field_is_named(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE.replace("people: 25", "people: 26"))
    load(PROVINCE.replace("people: 25", "people: 27"))
    with database.read() as session, pytest.raises(InvalidInputError) as caught:
        service.plan_undo(session, engineer, 2)
    (problem,) = caught.value.problems
    assert (problem.field, problem.value) == ("site xa-01-site people", "27")


@pytest.mark.usefixtures("province")
def test_a_later_change_of_another_field_does_not_matter(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE.replace("people: 25", "people: 26"))
    load(PROVINCE.replace("people: 25", "people: 26, phone: '1'"))
    with database.write() as session:
        service.undo_import(session, engineer, 2, "test")
        (site,) = service.list_sites(session, engineer, Query({"slug": "xa-01-site"})).items
    assert site.people == 25


@pytest.mark.usefixtures("province")
def test_what_others_came_to_need_is_not_taken_back(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load("version: 1\nunits: [{code: x, name: X, kind: unit, parent: tinh}]")
    load("version: 1\nsites: [{slug: s, name: S, kind: hub, unit: x}]")
    with database.read() as session, pytest.raises(InvalidInputError) as caught:
        service.plan_undo(session, engineer, 2)
    assert [problem.message for problem in caught.value.problems] == ["is still the unit of site s"]


@pytest.mark.usefixtures("province")
def test_an_import_is_taken_back_once(database: Database, engineer: Actor) -> None:
    with database.write() as session:
        service.undo_import(session, engineer, 1, "test")
        with pytest.raises(ConflictError):
            service.undo_import(session, engineer, 1, "test")
        with pytest.raises(NotFoundError):
            service.undo_import(session, engineer, 99, "test")


@pytest.mark.usefixtures("province")
def test_who_sees_a_part_sees_no_history(sqlite_database: Database) -> None:
    part = Actor(9, "part", frozenset({Role.ENGINEER}), frozenset({1}))
    with sqlite_database.read() as session:
        with pytest.raises(DeniedError):
            service.list_imports(session, part)
        with pytest.raises(DeniedError):
            service.plan_undo(session, part, 1)


def test_the_log_says_which_file_it_was(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE)
    with database.read() as session:
        (row,) = service.list_imports(session, engineer).items
    assert (row.filename, row.source, row.applied_by) == ("province.yaml", "test", "engineer")
    assert row.file_sha256 is not None
    assert row.counts["created"] > 20
