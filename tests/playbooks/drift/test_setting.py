"""Who may say how devices are to be, for which devices, and what is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang.audit import AuditEntry
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from playbooks import changes, drift
from playbooks.changes import Selection
from playbooks.drift import By, IntendedDraft
from playbooks.models import IntendedConfiguration
from tests.playbooks.drift.scene import DRIFTED, IN_LINE, TEMPLATE, Scene

if TYPE_CHECKING:
    from playbooks.access import Access

pytestmark = pytest.mark.slow

SECRET = "hunter2-of-a-parameter"
READERS = {Role.ENGINEER, Role.APPROVER, Role.AUDITOR, Role.ADMIN}
WRITERS = {Role.ENGINEER, Role.ADMIN}


def draft(*names: str, name: str = "bgp", **parameters: str) -> IntendedDraft:
    given = parameters or {"peer": "65009"}
    return IntendedDraft(name, TEMPLATE, given, Selection(names=names, roles=()))


def one(role: Role, *accesses: Access) -> Actor:
    """Return a person with one role over the devices' units alone, or over everything."""
    scopes = frozenset(access.scope_id for access in accesses) if accesses else None
    return Actor(9, "nga", frozenset({role}), scopes)


@pytest.mark.parametrize("role", list(Role))
def test_only_engineers_say_what_is_intended_and_only_readers_of_the_vault_see_drift(
    scene: Scene, role: Role
) -> None:
    scene.keep(scene.router(), DRIFTED)
    scene.intend("r1")
    scene.check()
    actor = one(role)
    if role in WRITERS:
        assert scene.set(draft("r1"), actor)
    else:
        with pytest.raises(DeniedError):
            scene.set(draft("r1"), actor)
        with pytest.raises(DeniedError), scene.database.write() as session:
            drift.remove_intended(session, actor, "bgp")
    with scene.database.read() as session:
        if role in READERS:
            assert len(drift.list_drifts(session, actor).items) == 1
            assert drift.of_device(session, actor, "r1").standings
            assert drift.totals(session, actor).drifted == 1
        else:
            for ask in (drift.list_drifts, drift.list_intended, drift.totals):
                with pytest.raises(DeniedError):
                    ask(session, actor)
            with pytest.raises(DeniedError):
                drift.of_device(session, actor, "r1")


def test_a_person_of_one_unit_sees_its_devices_and_counts_alone(scene: Scene) -> None:
    first, second = scene.router(), scene.router("r2")
    scene.keep(first, DRIFTED)
    scene.keep(second, DRIFTED)
    scene.intend("r1", "r2")
    scene.check()
    auditor = one(Role.AUDITOR, first)
    assert [row.device for row in scene.rows(auditor)] == ["r1"]
    with scene.database.read() as session:
        assert drift.totals(session, auditor).drifted == 1
        assert [row.key for row in drift.counts(session, auditor, By.UNIT)] == ["u-r1"]
        with pytest.raises(NotFoundError):
            drift.of_device(session, auditor, "r2")
        (row,) = drift.list_intended(session, auditor)
        assert row.selection == {"names": ["r1"]}


def test_what_an_engineer_of_one_unit_intends_reaches_no_device_of_another(scene: Scene) -> None:
    access = scene.router()
    scene.keep(access, DRIFTED)
    hubs = IntendedDraft("bgp", TEMPLATE, {"peer": "65009"}, Selection(roles=("hub",)))
    scene.set(hubs, one(Role.ENGINEER, access))
    scene.keep(scene.router("r2"), DRIFTED)
    scene.check()
    assert [row.device for row in scene.rows()] == ["r1"]


def test_units_that_are_reached_one_by_one_are_set_one_by_one(scene: Scene) -> None:
    accesses = scene.router(), scene.router("r2")
    with pytest.raises(InvalidInputError, match="one by one"):
        scene.set(draft("r1", "r2"), one(Role.ENGINEER, *accesses))


def test_an_engineer_of_one_unit_neither_takes_nor_ends_what_is_set_above_them(
    scene: Scene,
) -> None:
    access = scene.router()
    scene.intend("r1")
    own = one(Role.ENGINEER, access)
    with pytest.raises(ConflictError):
        scene.set(draft("r1"), own)
    with pytest.raises(DeniedError), scene.database.write() as session:
        drift.remove_intended(session, own, "bgp")


def test_everything_wrong_is_told_at_once(scene: Scene) -> None:
    wrong = IntendedDraft(
        "", "{% if %}", {"key": "a\nb"}, Selection(names=("nobody",), sites=("nowhere",))
    )
    with pytest.raises(InvalidInputError) as caught:
        scene.set(wrong)
    assert [problem.field for problem in caught.value.problems] == [
        "name",
        "key",
        "sites",
        "devices",
        "text",
    ]
    with scene.database.read() as session:
        assert drift.list_intended(session, scene.engineer) == []


def test_setting_and_removing_are_audited_without_a_value(scene: Scene) -> None:
    scene.router()
    scene.set(draft("r1", key=SECRET, peer="65009"))
    with scene.database.write() as session:
        drift.remove_intended(session, scene.engineer, "bgp")
    with scene.database.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        told = [(entry.action, entry.detail) for entry in entries if "drift." in entry.action]
    assert [action for action, _ in told] == ["drift.set-intended", "drift.remove-intended"]
    assert "'key', 'peer'" in str(told)
    assert SECRET not in str(told)


def test_what_was_set_is_sealed_and_of_parameters_the_names_are_shown(scene: Scene) -> None:
    scene.router()
    scene.set(draft("r1", key=SECRET))
    with scene.database.read() as session:
        (shown,) = drift.list_intended(session, scene.engineer)
        row = session.scalars(select(IntendedConfiguration)).one()
        columns = {key: str(value) for key, value in vars(row).items()}
    assert shown.parameters == ("key",)
    assert SECRET not in str(columns) + str(shown)


def test_a_name_that_was_removed_can_be_set_again(scene: Scene) -> None:
    scene.keep(scene.router(), IN_LINE)
    number = scene.intend("r1")
    with scene.database.write() as session:
        drift.remove_intended(session, scene.engineer, "bgp")
    scene.hour = 1
    assert scene.intend("r1") == number
    assert scene.check() == {"in_line": 1}


def test_what_drifted_is_proposed_as_a_draft_and_nothing_more(scene: Scene) -> None:
    scene.keep(scene.router(), DRIFTED)
    scene.intend("r1")
    wanted = changes.Wanted("Back", changes.Stored("bgp"), Selection(names=("r1",)), "drifted")
    with scene.database.read() as session:
        made = changes.drafted(session, scene.engineer, wanted)
    assert made.origin["intended"] == "bgp"
    with scene.database.write() as session:
        number = changes.create(session, scene.engineer, made)
        assert changes.get_change(session, scene.engineer, number).change.state == "draft"


def test_of_two_intended_configurations_a_device_counts_by_the_worse(scene: Scene) -> None:
    scene.keep(scene.router(), DRIFTED)
    scene.intend("r1")
    scene.set(IntendedDraft("name", "hostname r1\n", {}, Selection(names=("r1",))))
    assert scene.check() == {"drifted": 1, "in_line": 1}
    with scene.database.read() as session:
        found = drift.totals(session, scene.engineer)
        groups = drift.counts(session, scene.engineer, By.INTENDED)
    assert (found.drifted, found.unknown, found.in_line) == (1, 0, 0)
    assert [(row.key, row.drifted, row.in_line) for row in groups] == [
        ("bgp", 1, 0),
        ("name", 0, 1),
    ]
