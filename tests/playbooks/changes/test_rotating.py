"""Another login for a simulated switch: the old one stays until the new one has been used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import blobs, secrets
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import DeniedError, InvalidInputError
from inventory.models import Device
from playbooks import changes
from playbooks.changes import jobs, rotating
from playbooks.changes.rotating import credential_of
from playbooks.choices import ChangeState, TargetState
from playbooks.models import Change, ChangeTarget
from tests.lab.simulators.conftest import Boot, boots
from tests.lab.simulators.switch import USERNAME
from tests.playbooks.changes.planned import AT_ONCE
from tests.playbooks.changes.scene import REVERT, Scene, register
from tests.playbooks.records import device

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database

NEW = "a-new-password-4711"
CHOSEN = changes.Selection(names=("sw",))


def keep(
    database: Database, admin: Actor, name: str, password: str, username: str = USERNAME
) -> None:
    with database.write() as session:
        secrets.put(session, admin, name, "ssh", {"username": username, "password": password})


def held(database: Database) -> dict[str, str]:
    with database.read() as session:
        return dict(session.scalars(select(Device).where(Device.name == "sw")).one().credentials)


@pytest.fixture
def boot(tmp_path: Path) -> Iterator[Boot]:
    yield from boots(tmp_path)


@pytest.fixture
def people(admin: Actor, engineer: Actor, approver: Actor) -> tuple[Actor, Actor, Actor]:
    return admin, engineer, approver


@pytest.fixture
def factor() -> float:
    """Return how many times as fast the switch's timer runs."""
    return 1.0


@pytest.fixture
def scene(
    boot: Boot,
    factor: float,
    sqlite_database: Database,
    data_dir: Path,
    people: tuple[Actor, Actor, Actor],
) -> Scene:
    """An approved change of an IOS switch's login, begun."""
    admin, engineer, approver = people
    initial = data_dir / "initial"
    initial.write_text("archive\n path flash:archive\n")
    switch = boot("ios", clock_factor=factor, initial_config=str(initial))
    register(sqlite_database, admin, switch, "ios")
    keep(sqlite_database, admin, "ops-new", NEW)
    with sqlite_database.read() as session:
        wanted = changes.Wanted(
            "New login", changes.Rotation("ops-new"), CHOSEN, "why", REVERT, rollout=AT_ONCE
        )
        draft = changes.drafted(session, engineer, wanted)
    with sqlite_database.write() as session:
        number = changes.create(session, engineer, draft)
    digest = changes.plan(sqlite_database, StoredHostKeys(sqlite_database), engineer, number)
    with sqlite_database.write() as session:
        changes.submit(session, engineer, number)
        changes.decide(session, approver, number, digest, approve=True)
        changes.execute(session, engineer, number)
    return Scene(switch, sqlite_database, data_dir, number)


@pytest.mark.slow
def test_the_device_is_opened_with_the_new_login_once_that_was_proven(scene: Scene) -> None:
    assert held(scene.database)["ssh"] == "ops"
    assert scene.push() == TargetState.CONFIRMED
    assert held(scene.database)["ssh"] == "ops-new"
    counted = scene.switch.actions()
    assert (counted["change"], counted["confirm"], counted["login_failed"]) == (1, 1, 0)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["armed", "sent", "confirmed"])
def test_a_rotation_goes_on_wherever_the_worker_died(scene: Scene, moment: str) -> None:
    scene.push_and_die(moment)
    assert held(scene.database)["ssh"] == "ops"
    assert scene.push() == TargetState.CONFIRMED
    assert held(scene.database)["ssh"] == "ops-new"
    assert scene.switch.actions()["change"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("factor", [30.0])
def test_a_login_that_does_not_open_the_device_is_taken_back(scene: Scene, admin: Actor) -> None:
    keep(scene.database, admin, "ops-new", "another-than-was-planned")
    assert scene.push() == TargetState.REVERTED
    assert scene.state == ChangeState.ROLLED_BACK
    assert held(scene.database)["ssh"] == "ops"
    assert NEW not in str(scene.switch.entries()[-1])


@pytest.mark.slow
def test_rolled_back_the_device_is_opened_with_the_old_login(scene: Scene, engineer: Actor) -> None:
    scene.push()
    with scene.database.write() as session:
        changes.roll_back(session, engineer, scene.number)
    jobs._push(scene.database, scene.target.id, 2)
    assert scene.target.state == TargetState.REVERTED
    assert held(scene.database)["ssh"] == "ops"


@pytest.mark.slow
def test_neither_secret_stands_anywhere_it_could_be_read(scene: Scene, engineer: Actor) -> None:
    scene.push()
    with scene.database.read() as session:
        shown = changes.get_change(session, engineer, scene.number)
        change = session.get_one(Change, scene.number)
        target = session.scalars(select(ChangeTarget)).one()
        assert NEW in blobs.get(session, target.rendered).decode()
        told = f"{shown} {change.origin} {target.detail}"
    evidence = changes.bundle(scene.database, engineer, scene.number)
    assert NEW not in told
    assert NEW.encode() not in evidence
    files = [path for path in scene.data_dir.rglob("*") if path.is_file()]
    assert not [path for path in files if NEW.encode() in path.read_bytes()]


@pytest.fixture
def router(sqlite_database: Database, admin: Actor) -> Database:
    with sqlite_database.write() as session:
        for name, platform in (("sw", "cisco_ios"), ("fr", "frr")):
            access = device(session, name, platform)
            session.get_one(Device, access.device_id).credentials = {"ssh": "ops"}
    keep(sqlite_database, admin, "ops", "the-old-one-4711")
    return sqlite_database


@pytest.mark.parametrize(
    ("name", "password", "told"),
    [
        ("fr", NEW, "no lines that give frr a login"),
        ("sw", "the-old-one-4711", "which is the same login"),
        ("sw", "with a blank", "holds a blank"),
    ],
)
def test_a_login_that_cannot_be_rotated_is_refused_before_anything_is_touched(
    router: Database, people: tuple[Actor, Actor, Actor], name: str, password: str, told: str
) -> None:
    admin, engineer, _ = people
    keep(router, admin, "ops-new", password)
    wanted = changes.Wanted("T", changes.Rotation("ops-new"), changes.Selection(names=(name,)))
    with router.read() as session, pytest.raises(InvalidInputError, match=told):
        changes.drafted(session, engineer, wanted)


def test_a_credential_that_is_not_there_is_named(router: Database, engineer: Actor) -> None:
    wanted = changes.Wanted("T", changes.Rotation("gone"), CHOSEN)
    with router.read() as session, pytest.raises(InvalidInputError, match="no such credential"):
        changes.drafted(session, engineer, wanted)


def test_who_reaches_one_unit_sends_no_credential_of_the_province(
    router: Database, admin: Actor, engineer: Actor
) -> None:
    keep(router, admin, "ops-new", NEW)
    with router.read() as session:
        own = session.scalars(select(Device.scope_id).where(Device.name == "sw")).one()
        local = replace(engineer, scope_ids=frozenset({own}))
        wanted = changes.Wanted("T", changes.Rotation("ops-new"), CHOSEN)
        with pytest.raises(DeniedError, match="of the whole province"):
            changes.drafted(session, local, wanted)


def test_another_user_is_added_beside_the_old_one_which_the_change_remembers(
    router: Database, people: tuple[Actor, Actor, Actor]
) -> None:
    admin, engineer, _ = people
    keep(router, admin, "ops-new", NEW, "ops2")
    wanted = changes.Wanted("T", changes.Rotation("ops-new"), CHOSEN)
    with router.read() as session:
        draft = changes.drafted(session, engineer, wanted)
    assert draft.texts == {"sw": f"username ops2 privilege 15 secret 0 {NEW}\n"}
    assert list(draft.origin["left"].values()) == [USERNAME]


def test_another_user_is_refused_where_hatang_could_not_remove_the_old_one(
    router: Database, people: tuple[Actor, Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, engineer, _ = people
    keep(router, admin, "ops-new", NEW, "ops2")
    monkeypatch.setattr(rotating, "REMOVES", "nothing-like-it")
    wanted = changes.Wanted("T", changes.Rotation("ops-new"), CHOSEN)
    with router.read() as session, pytest.raises(InvalidInputError, match="take a user away"):
        changes.drafted(session, engineer, wanted)


def test_a_rotation_that_would_close_another_way_to_the_device_is_refused(
    router: Database, people: tuple[Actor, Actor, Actor]
) -> None:
    admin, engineer, _ = people
    keep(router, admin, "ops-new", NEW)
    keep(router, admin, "api", "the-old-one-4711")
    with router.write() as session:
        chosen = session.scalars(select(Device).where(Device.name == "sw")).one()
        chosen.credentials = {"ssh": "ops", "https": "api"}
    wanted = changes.Wanted("T", changes.Rotation("ops-new"), CHOSEN)
    with router.read() as session, pytest.raises(InvalidInputError, match="opened by https as"):
        changes.drafted(session, engineer, wanted)


def rotated(database: Database, admin: Actor, engineer: Actor) -> int:
    keep(database, admin, "ops-new", NEW)
    wanted = changes.Wanted("T", changes.Rotation("ops-new"), CHOSEN, "why")
    with database.read() as session:
        draft = changes.drafted(session, engineer, wanted)
    with database.write() as session:
        return changes.create(session, engineer, draft)


def test_a_device_that_was_renamed_is_still_known_by_its_old_login(
    router: Database, admin: Actor, engineer: Actor
) -> None:
    number = rotated(router, admin, engineer)
    with router.write() as session:
        chosen = session.scalars(select(Device).where(Device.name == "sw")).one()
        chosen.name = "sw-renamed"
        change = session.get_one(Change, number)
        assert credential_of(change, chosen.id, is_back=True) == "ops"


def test_under_which_name_a_login_is_kept_stands_in_no_change(
    router: Database, admin: Actor, engineer: Actor
) -> None:
    number = rotated(router, admin, engineer)
    with router.read() as session:
        assert changes.get_change(session, engineer, number).spread.origin == {}


def test_who_may_not_write_credentials_rotates_none(router: Database, approver: Actor) -> None:
    wanted = changes.Wanted("T", changes.Rotation("ops"), CHOSEN)
    with router.read() as session, pytest.raises(DeniedError):
        changes.drafted(session, approver, wanted)
