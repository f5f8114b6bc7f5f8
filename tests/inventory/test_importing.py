"""Import: shown whole, applied whole, and a second time nothing is left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from hatang.audit.models import AuditEntry
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError
from hatang.events.models import Event
from hatang.scope.models import ScopeClosure
from inventory import service
from inventory.choices import ElementKind
from inventory.models import Device, Link, Site, Unit
from inventory.planning import Difference, Ref
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 42 + "Q"


def plan_of(database: Database, actor: Actor, text: str) -> ImportPlan:
    with database.read() as session:
        return service.plan_import(session, actor, text, "again.yaml")


def test_a_plan_writes_nothing(database: Database, engineer: Actor) -> None:
    plan = plan_of(database, engineer, PROVINCE)
    assert len(plan.created) > 20
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Device)) == 0


@pytest.mark.usefixtures("province")
def test_the_second_import_finds_everything_unchanged(database: Database, engineer: Actor) -> None:
    plan = plan_of(database, engineer, PROVINCE)
    assert plan.is_empty
    assert not plan.absent
    assert Ref(ElementKind.DEVICE, "core-1") in plan.unchanged


@pytest.mark.usefixtures("province")
def test_a_change_is_shown_by_field_and_applied(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    text = PROVINCE.replace("serial: ABC123", "serial: XYZ789")
    (row,) = load(text).changed
    assert (row.key, row.fields) == ("rtr-02", {"serial": Difference("ABC123", "XYZ789")})
    assert plan_of(database, engineer, text).is_empty


@pytest.mark.usefixtures("province")
def test_what_the_file_does_not_say_stays(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    plan = load(
        "version: 1\ndevices: [{name: core-1, site: dc, role: core, platform: frr, serial: S1}]"
    )
    assert Ref(ElementKind.DEVICE, "rtr-01") in plan.absent
    with database.read() as session:
        device = service.get_device(session, engineer, "core-1")
    assert (device.serial, device.primary_ip4) == ("S1", "10.250.0.1")


@pytest.mark.usefixtures("province")
def test_null_clears_a_field(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE.replace("primary_ip4: 10.250.0.1", "primary_ip4: null"))
    with database.read() as session:
        assert service.get_device(session, engineer, "core-1").primary_ip4 is None


@pytest.mark.usefixtures("province")
def test_a_plan_over_a_changed_base_is_refused(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    plan = plan_of(database, engineer, PROVINCE.replace("ABC123", "MINE"))
    load(PROVINCE.replace("ABC123", "THEIRS"))
    with pytest.raises(ConflictError), database.write() as session:
        service.apply_import(session, engineer, plan, "test")
    with database.read() as session:
        assert service.get_device(session, engineer, "rtr-02").serial == "THEIRS"


@pytest.mark.usefixtures("province")
def test_a_change_elsewhere_does_not_spoil_a_plan(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    plan = plan_of(
        database,
        engineer,
        "version: 1\nproviders: [{name: VNPT, hotline: '1'}]",
    )
    load(PROVINCE.replace("ABC123", "THEIRS"))
    with database.write() as session:
        service.apply_import(session, engineer, plan, "test")


@pytest.mark.usefixtures("province")
def test_an_import_leaves_one_audit_entry_and_one_event(
    database: Database, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE)  # empty: announces nothing
    with database.read() as session:
        (entry,) = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "inventory.import")
        )
        (event,) = session.scalars(select(Event).where(Event.topic == "inventory.changed"))
    assert entry.actor == "engineer"
    assert "core-1" in event.payload["devices"]


@pytest.mark.usefixtures("province")
def test_units_carry_the_tree_of_scopes(database: Database) -> None:
    with database.read() as session:
        scope_of = {unit.code: unit.scope_id for unit in session.scalars(select(Unit))}
        pairs = set(session.execute(select(ScopeClosure.ancestor_id, ScopeClosure.descendant_id)))
    assert (scope_of["tinh"], scope_of["xa-01"]) in pairs
    assert (scope_of["so-khcn"], scope_of["xa-01"]) not in pairs


@pytest.mark.usefixtures("province")
def test_a_site_that_changes_unit_takes_everything_on_it_along(
    database: Database, load: Callable[[str], ImportPlan]
) -> None:
    load(PROVINCE.replace("unit: xa-01, kind: commune", "unit: xa-02, kind: commune"))
    with database.read() as session:
        target = session.scalar(select(Unit.scope_id).where(Unit.code == "xa-02"))
        of_site = session.scalar(select(Site.scope_id).where(Site.slug == "xa-01-site"))
        of_device = session.scalar(select(Device.scope_id).where(Device.name == "rtr-01"))
        of_links = set(session.scalars(select(Link.scope_id)))
    assert {of_site, of_device} | of_links == {target}


@pytest.mark.usefixtures("province")
def test_a_unit_that_moves_takes_its_scope_along(
    database: Database, load: Callable[[str], ImportPlan]
) -> None:
    load(
        PROVINCE.replace(
            '"Xã Tân Lập", kind: commune, parent: tinh', '"X", kind: commune, parent: xa-02'
        )
    )
    with database.read() as session:
        scope_of = {unit.code: unit.scope_id for unit in session.scalars(select(Unit))}
        above = select(ScopeClosure.depth).where(
            ScopeClosure.ancestor_id == scope_of["xa-02"],
            ScopeClosure.descendant_id == scope_of["xa-01"],
        )
        assert session.scalar(above) == 1


@pytest.mark.usefixtures("province")
def test_a_cable_with_swapped_ends_is_the_same_cable(database: Database, engineer: Actor) -> None:
    swapped = '{b: "core-1:eth2", a: "rtr-02:eth0"}'
    text = PROVINCE.replace('{a: "core-1:eth2", b: "rtr-02:eth0"}', swapped)
    assert text != PROVINCE
    assert plan_of(database, engineer, text).is_empty


def test_host_keys_are_enrolled_once_and_never_replaced(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    row = "{name: a, site: s, role: core, platform: frr, primary_ip4: 10.0.0.1, host_keys: [%s]}"
    base = (
        "version: 1\nunits: [{code: u, name: U, kind: province}]\n"
        "sites: [{slug: s, name: S, unit: u, kind: hub}]\ndevices:\n  - "
    )
    load(base + row % f'"{KEY} comment"')
    assert plan_of(database, engineer, base + row % f'"{KEY}"').is_empty
    with pytest.raises(InvalidInputError) as caught:
        plan_of(database, engineer, base + row % f'"{OTHER_KEY}"')
    assert [problem.field for problem in caught.value.problems] == ["host_keys"]


@pytest.mark.parametrize(
    "actor",
    [
        Actor(5, "viewer", frozenset({Role.VIEWER}), None),
        Actor(6, "commune engineer", frozenset({Role.ENGINEER}), frozenset({1})),
    ],
    ids=lambda actor: actor.name,
)
def test_who_may_not_write_the_whole_province_may_not_plan(
    sqlite_database: Database, actor: Actor
) -> None:
    with pytest.raises(DeniedError), sqlite_database.read() as session:
        service.plan_import(session, actor, PROVINCE)


@pytest.mark.usefixtures("province")
def test_an_export_is_found_unchanged(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        text = service.export_yaml(session, engineer)
    plan = plan_of(database, engineer, text)
    assert plan.is_empty
    assert not plan.absent
