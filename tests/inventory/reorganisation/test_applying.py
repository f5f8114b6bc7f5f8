"""Applied in the database: who sees what, what old words find, and the past as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import approval, clock
from hatang.auth import Actor, Role
from hatang.auth.actor import Grant
from hatang.auth.models import User, UserRole
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from inventory import service
from inventory.choices import ElementKind
from inventory.models import Circuit, Device, Field, Site, Unit
from inventory.reorganisation.history import UnitName
from inventory.rows import Query
from inventory.service import reorganising
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hatang.db import Database
    from inventory.planning import ImportPlan

DAY = date(2027, 1, 1)
BEFORE, AFTER = date(2026, 12, 31), date(2027, 1, 2)
MERGE = """\
version: 1
title: Sắp xếp hai xã
effective_on: 2027-01-01
basis: Nghị quyết thử nghiệm
units: [{code: xa-moi, name: Xã Hương Lập, kind: commune, parent: tinh}]
reorganise: [{merge: [xa-01, xa-02], into: xa-moi}]
"""

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("province", "today")]


@pytest.fixture
def today() -> Iterator[clock.Hand]:
    with clock.frozen(datetime(2026, 11, 22, 8, tzinfo=UTC)) as hand:
        yield hand


def file(database: Database, engineer: Actor, text: str = MERGE) -> int:
    with database.write() as session:
        return reorganising.file_reorganisation(
            session, engineer, text, "merge.yaml", reason="nghị quyết"
        )


def approve(database: Database, actor: Actor, number: int, sha256: str = "") -> None:
    with database.write() as session:
        shown = reorganising.get_reorganisation(session, actor, number)
        reorganising.decide_reorganisation(
            session, actor, number, sha256 or shown.sha256, approve=True
        )


def apply(database: Database, actor: Actor, number: int, on: date = AFTER) -> None:
    with database.write() as session:
        reorganising.apply_reorganisation(session, actor, number, on)


@pytest.fixture
def merged(database: Database, engineer: Actor, approver: Actor) -> int:
    number = file(database, engineer)
    approve(database, approver, number)
    apply(database, engineer, number)
    return number


def test_nothing_is_applied_before_another_person_approved(
    database: Database, engineer: Actor
) -> None:
    number = file(database, engineer)
    with pytest.raises(ConflictError, match="no approval"):
        apply(database, engineer, number)
    with database.read() as session:
        assert session.scalar(select(Unit).where(Unit.code == "xa-moi")) is None


def test_who_filed_it_never_approves(database: Database, engineer: Actor) -> None:
    number = file(database, engineer)
    same = Actor(engineer.id, engineer.name, frozenset({Role.APPROVER}), None)
    with pytest.raises(DeniedError):
        approve(database, same, number)


def test_an_approver_of_a_part_does_not_decide_on_the_province(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    number = file(database, engineer)
    with database.read() as session:
        scope_id = session.scalar(select(Unit.scope_id).where(Unit.code == "xa-01"))
        sha256 = reorganising.get_reorganisation(session, engineer, number).sha256
    partial = Actor(9, "phong", approver.roles, frozenset({scope_id or 0}))
    with pytest.raises(DeniedError), database.write() as session:
        reorganising.decide_reorganisation(session, partial, number, sha256, approve=True)


def test_what_changed_since_the_approval_is_not_applied(
    database: Database, engineer: Actor, approver: Actor, load: Callable[[str], ImportPlan]
) -> None:
    number = file(database, engineer)
    approve(database, approver, number)
    load("version: 1\nsites: [{slug: late, name: Muộn, unit: xa-01, kind: commune}]")
    with pytest.raises(ConflictError, match="changed since"):
        apply(database, engineer, number)
    with database.read() as session:
        assert reorganising.get_reorganisation(session, engineer, number).is_stale


def test_it_waits_for_its_day_and_is_then_applied_by_itself(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    number = file(database, engineer)
    approve(database, approver, number)
    with pytest.raises(ConflictError, match="2027-01-01"):
        apply(database, engineer, number, BEFORE)
    assert reorganising.apply_due(database, BEFORE) == {"applied": 0, "refused": 0}
    assert reorganising.apply_due(database, DAY) == {"applied": 1, "refused": 0}
    assert reorganising.apply_due(database, AFTER) == {"applied": 0, "refused": 0}
    with database.read() as session:
        assert reorganising.get_reorganisation(session, engineer, number).state == "applied"


def test_the_daily_round_leaves_alone_what_nobody_approved(
    database: Database, engineer: Actor
) -> None:
    file(database, engineer)
    assert reorganising.apply_due(database, AFTER) == {"applied": 0, "refused": 0}


def test_one_that_became_stale_spoils_no_other(
    database: Database, engineer: Actor, approver: Actor, load: Callable[[str], ImportPlan]
) -> None:
    stale = file(database, engineer)
    other = file(
        database,
        engineer,
        "version: 1\ntitle: Đổi tên\neffective_on: 2027-01-01\n"
        "reorganise: [{rename: so-khcn, name: Sở Số}]",
    )
    for number in (stale, other):
        approve(database, approver, number)
    load("version: 1\nsites: [{slug: late, name: Muộn, unit: xa-01, kind: commune}]")
    assert reorganising.apply_due(database, AFTER) == {"applied": 1, "refused": 1}


def test_everything_below_follows_to_the_new_scope(
    database: Database, engineer: Actor, merged: int
) -> None:
    assert merged
    with database.read() as session:
        new = session.scalars(select(Unit).where(Unit.code == "xa-moi")).one()
        scopes = {
            *session.scalars(select(Site.scope_id).where(Site.unit_id == new.id)),
            *session.scalars(select(Device.scope_id).where(Device.name.like("rtr-%"))),
            *session.scalars(select(Circuit.scope_id)),
        }
        assert scopes == {new.scope_id}
        local = Actor(7, "xa", frozenset({Role.VIEWER}), frozenset({new.scope_id}))
        rows = service.list_devices(session, local).items
        assert {row.name for row in rows} == {"rtr-01", "rtr-02", "ups-01"}


def test_observations_follow_their_element(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    with database.write() as session:
        device = service.get_device(session, engineer, "rtr-01")
        service.record_observation(
            session, ElementKind.DEVICE, device.id, {"serial": "seen"}, "snmp"
        )
    number = file(database, engineer)
    approve(database, approver, number)
    apply(database, engineer, number)
    with database.read() as session:
        new = session.scalar(select(Unit.scope_id).where(Unit.code == "xa-moi"))
        assert session.scalars(select(Field.scope_id)).one() == new


def test_roles_follow_and_a_role_held_twice_is_held_once(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    with database.write() as session:
        user = User(name="xã", created_at=clock.now())
        session.add(user)
        session.flush()
        for code in ("xa-01", "xa-02"):
            scope_id = session.scalars(select(Unit.scope_id).where(Unit.code == code)).one()
            row = UserRole(
                user_id=user.id, role="viewer", scope_id=scope_id, granted_by="admin",
                granted_at=clock.now(),
            )  # fmt: skip
            session.add(row)
    number = file(database, engineer)
    with database.read() as session:
        plan = reorganising.get_reorganisation(session, engineer, number).plan
        assert plan is not None
        assert {sight.gained for sight in plan.sights} == {("xa-01-site",), ("xa-02-site",)}
    approve(database, approver, number)
    apply(database, engineer, number)
    with database.read() as session:
        new = session.scalar(select(Unit.scope_id).where(Unit.code == "xa-moi"))
        assert list(session.scalars(select(UserRole.scope_id))) == [new]


def test_a_role_in_the_new_unit_sees_the_records_of_the_old(
    database: Database, engineer: Actor, merged: int
) -> None:
    assert merged
    with database.read() as session:
        scopes = dict(session.execute(select(Unit.code, Unit.scope_id)).all())
        local = Actor(
            7,
            "xa",
            frozenset({Role.VIEWER}),
            frozenset({scopes["xa-moi"]}),
            frozenset({Grant(Role.VIEWER, scopes["xa-moi"])}),
        )
        found = {row.code for row in service.list_units(session, local).items}
    assert found == {"xa-moi", "xa-01", "xa-02"}


def test_old_codes_and_names_find_the_unit_and_who_follows_it(
    database: Database, engineer: Actor, merged: int
) -> None:
    assert merged
    with database.read() as session:
        by_code = reorganising.find_units(session, engineer, "xa-02")
        by_name = reorganising.find_units(session, engineer, "hue dong")
        (new,) = reorganising.find_units(session, engineer, "huong lap")
        listed = service.list_units(session, engineer, Query(search="hue dong")).items
    assert by_code == by_name
    now, old = by_code  # who goes on comes first
    assert (now.unit.code, old.unit.code) == ("xa-moi", "xa-02")
    assert [one.code for one in old.successors] == ["xa-moi"]
    assert old.unit.valid_to == BEFORE
    assert [one.code for one in new.predecessors] == ["xa-01", "xa-02"]
    assert {row.code for row in listed} == {"xa-moi", "xa-02"}


def test_a_former_name_of_a_renamed_unit_finds_it(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    text = (
        "version: 1\ntitle: Đổi tên\neffective_on: 2027-01-01\n"
        "reorganise: [{rename: xa-02, name: Xã Thuận An, code: xa-ta}]"
    )
    number = file(database, engineer, text)
    approve(database, approver, number)
    apply(database, engineer, number)
    with database.read() as session:
        for words in ("xa-02", "Huế Đông", "thuan an", "xa-ta"):
            (found,) = reorganising.find_units(session, engineer, words)
            assert found.unit.code == "xa-ta"
            assert found.former == (UnitName("xa-02", "Xã Huế Đông"),)
        past = reorganising.units_as_of(session, engineer, BEFORE)
    assert "xa-02" in {row.code for row in past}


def test_the_past_shows_the_past(database: Database, engineer: Actor, merged: int) -> None:
    assert merged
    with database.read() as session:
        before = {row.code for row in reorganising.units_as_of(session, engineer, BEFORE)}
        after = {row.code for row in reorganising.units_as_of(session, engineer, DAY)}
        kind = ElementKind.SITE
        then = reorganising.owners_as_of(session, engineer, kind, BEFORE)
        now = reorganising.owners_as_of(session, engineer, kind, DAY)
        parents = {
            row.code: row.parent for row in reorganising.units_as_of(session, engineer, BEFORE)
        }
    assert before == {"tinh", "so-khcn", "xa-01", "xa-02"}
    assert after == {"tinh", "so-khcn", "xa-moi"}
    assert then == {"dc": "so-khcn", "xa-01-site": "xa-01", "xa-02-site": "xa-02"}
    assert now == {"dc": "so-khcn", "xa-01-site": "xa-moi", "xa-02-site": "xa-moi"}
    assert parents["xa-01"] == "tinh"


def test_the_export_of_afterwards_imports_unchanged(
    database: Database, engineer: Actor, merged: int
) -> None:
    assert merged
    with database.read() as session:
        text = service.export_yaml(session, engineer)
        assert service.plan_import(session, engineer, text, "again.yaml").is_empty


def test_a_withdrawn_one_is_never_applied(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    number = file(database, engineer)
    approve(database, approver, number)
    with database.write() as session:
        reorganising.withdraw_reorganisation(session, engineer, number)
    with pytest.raises(ConflictError, match="withdrawn"):
        apply(database, engineer, number)
    with database.read() as session:
        shown = reorganising.get_reorganisation(session, engineer, number)
        assert shown.approval == approval.State.VOIDED
    assert reorganising.apply_due(database, AFTER)["applied"] == 0


def test_an_applied_one_is_not_applied_again(
    database: Database, engineer: Actor, merged: int
) -> None:
    with pytest.raises(ConflictError, match="applied"):
        apply(database, engineer, merged)


def test_a_number_that_is_not_there_is_told(database: Database, engineer: Actor) -> None:
    with database.read() as session, pytest.raises(NotFoundError):
        reorganising.get_reorganisation(session, engineer, 77)


def test_a_part_of_the_province_does_not_plan(database: Database) -> None:
    partial = Actor(5, "xa", frozenset({Role.ENGINEER}), frozenset({1}))
    with database.read() as session, pytest.raises(DeniedError):
        reorganising.plan_reorganisation(session, partial, MERGE, "merge.yaml")


def test_a_file_from_before_does_not_undo_it(
    database: Database, engineer: Actor, merged: int, today: clock.Hand
) -> None:
    assert merged
    today.advance(60 * 86_400)  # into the year that the reorganisation began
    with database.read() as session, pytest.raises(InvalidInputError) as caught:
        service.plan_import(session, engineer, PROVINCE, "old.yaml")
    told = {(one.field, one.value) for one in caught.value.problems}
    assert told == {("unit", "xa-01"), ("unit", "xa-02"), ("parent", "xa-01"), ("parent", "xa-02")}
    assert all("xa-moi" in one.fix for one in caught.value.problems)


def test_who_follows_is_told_within_reach_only(
    database: Database, engineer: Actor, approver: Actor
) -> None:
    text = (
        "version: 1\ntitle: Chia xã\neffective_on: 2027-01-01\n"
        "units: [{code: mot, name: Một, kind: commune, parent: tinh},\n"
        "        {code: hai, name: Hai, kind: commune, parent: tinh}]\n"
        "reorganise: [{split: xa-01, into: [{unit: mot, rest: true}, {unit: hai}]}]"
    )
    number = file(database, engineer, text)
    approve(database, approver, number)
    apply(database, engineer, number)
    with database.read() as session:
        reach = session.scalars(select(Unit.scope_id).where(Unit.code == "mot")).one()
        local = Actor(7, "xa", frozenset({Role.VIEWER}), frozenset({reach}))
        found = reorganising.find_units(session, local, "xa-01")
    assert {one.unit.code for one in found} == {"mot", "xa-01"}
    assert {after.code for one in found for after in one.successors} == {"mot"}
