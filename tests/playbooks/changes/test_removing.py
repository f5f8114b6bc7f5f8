"""The old user stays until the new one is proven, and leaves by a change of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from hatang import clock, secrets
from hatang.db import types
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import ConflictError, DeniedError, DriverError, InvalidInputError, Reason
from inventory import service as inventory
from inventory.models import Device
from playbooks import changes
from playbooks.access import open_driver, prepare
from playbooks.changes import jobs
from playbooks.changes.removing import require_removable
from playbooks.choices import Intent, TargetState
from playbooks.models import Change, ChangeTarget
from playbooks.pace import Pace
from tests.lab.simulators.conftest import Boot, boots
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch
from tests.playbooks.changes.planned import AT_ONCE, approved
from tests.playbooks.changes.scene import REVERT, Scene, register
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access

NEW = "a-new-password-4711"
OLD_LINE = f"username {USERNAME} privilege 15 secret 0 {PASSWORD}\n"
BOTH = f"hostname sw\n{OLD_LINE}username ops2 privilege 15 secret 0 x\n"


@dataclass
class Province:
    """A province with people and a second login, in which changes are made as people make them."""

    database: Database
    data_dir: Path
    admin: Actor
    engineer: Actor
    approver: Actor

    def started(self, source: changes.Source, *names: str) -> int:
        """Return a change that was drafted, planned, approved and told to run."""
        db, chosen = self.database, changes.Selection(names=names)
        wanted = changes.Wanted("T", source, chosen, "why", REVERT, rollout=AT_ONCE)
        with db.read() as session:
            draft = changes.drafted(session, self.engineer, wanted)
        with db.write() as session:
            number = changes.create(session, self.engineer, draft)
        # One after the other: two names may stand for one switch.
        digest = changes.plan(db, StoredHostKeys(db), self.engineer, number, pace=Pace(1))
        with db.write() as session:
            changes.submit(session, self.engineer, number)
            changes.decide(session, self.approver, number, digest, approve=True)
            changes.execute(session, self.engineer, number)
        return number

    def push(self, number: int) -> dict[str, str]:
        """Push every device of a change; returns the state of each."""
        with self.database.read() as session:
            targets = select(ChangeTarget.id, Device.name).join(
                Device, Device.id == ChangeTarget.device_id
            )
            rows = session.execute(targets.where(ChangeTarget.change_id == number)).all()
        return {name: str(jobs._push(self.database, target_id)) for target_id, name in rows}

    def draft(self, rotation: int, *names: str, by: Actor | None = None) -> changes.Draft:
        """Return the draft of a removal."""
        chosen = changes.Selection(names=names)
        wanted = changes.Wanted("T", changes.Removal(rotation), chosen)
        with self.database.read() as session:
            return changes.drafted(session, by or self.engineer, wanted)

    def left(self) -> list[tuple[str, str]]:
        """Return which old users stay on which devices."""
        with self.database.read() as session:
            return [(one.device, one.username) for one in changes.list_left(session, self.admin)]

    def held(self, name: str = "sw") -> str:
        """Return the credential a device is opened with."""
        with self.database.read() as session:
            found = session.scalars(select(Device).where(Device.name == name)).one()
            return found.credentials["ssh"]

    def open_as_before(self) -> None:
        """Log in to the switch as the old user."""
        with self.database.read() as session:
            access = prepare(session, inventory.get_device(session, SYSTEM, "sw"))
        login = replace(access.login, username=USERNAME, password=PASSWORD)
        with open_driver(replace(access, login=login), StoredHostKeys(self.database)):
            pass


@pytest.fixture
def province(
    sqlite_database: Database, data_dir: Path, admin: Actor, engineer: Actor, approver: Actor
) -> Province:
    with sqlite_database.write() as session:
        secrets.put(session, admin, "ops", "ssh", {"username": USERNAME, "password": PASSWORD})
        secrets.put(session, admin, "ops-new", "ssh", {"username": "ops2", "password": NEW})
    return Province(sqlite_database, data_dir, admin, engineer, approver)


@pytest.fixture
def boot(tmp_path: Path) -> Iterator[Boot]:
    yield from boots(tmp_path)


def registered(province: Province, boot: Boot, persona: str) -> Switch:
    """Return a switch that knows the old user by its configuration."""
    initial = province.data_dir / "initial"
    initial.write_text(OLD_LINE + ("archive\n path flash:archive\n" if persona == "ios" else ""))
    switch = boot(persona, initial_config=str(initial))
    register(province.database, province.admin, switch, persona)
    return switch


def logins(switch: Switch) -> set[str]:
    return {entry["user"] for entry in switch.entries() if entry["action"] == "login"}


@pytest.mark.slow
@pytest.mark.parametrize("persona", ["ios", "eos"])
def test_the_old_user_leaves_by_a_change_of_its_own_once_the_new_one_was_proven(
    province: Province, boot: Boot, persona: str
) -> None:
    switch = registered(province, boot, persona)
    rotation = province.started(changes.Rotation("ops-new"), "sw")
    with pytest.raises(InvalidInputError, match="has not proven its new login"):
        province.draft(rotation)
    assert province.push(rotation) == {"sw": TargetState.CONFIRMED}
    assert (province.held(), logins(switch)) == ("ops-new", {USERNAME, "ops2"})
    province.open_as_before()
    assert province.left() == [("sw", USERNAME)]
    removal = province.started(changes.Removal(rotation))
    assert province.push(removal) == {"sw": TargetState.CONFIRMED}
    assert province.left() == []
    with pytest.raises(DriverError) as refused:
        province.open_as_before()
    assert refused.value.reason is Reason.AUTH_FAILED
    counted = switch.actions()
    assert (counted["change"], counted["confirm"]) == (2, 2)


@pytest.mark.slow
def test_rolled_back_the_new_user_is_gone_and_the_old_login_opens_the_device(
    province: Province, boot: Boot
) -> None:
    switch = registered(province, boot, "ios")
    rotation = province.started(changes.Rotation("ops-new"), "sw")
    province.push(rotation)
    with province.database.write() as session:
        changes.roll_back(session, province.engineer, rotation)
    scene = Scene(switch, province.database, province.data_dir, rotation)
    jobs._push(province.database, scene.target.id, 2)
    assert scene.target.state == TargetState.REVERTED
    assert (province.held(), province.left()) == ("ops", [])
    province.open_as_before()
    assert switch.actions()["login_failed"] == 0


@pytest.mark.slow
def test_both_steps_go_on_where_the_worker_died(province: Province, boot: Boot) -> None:
    switch = registered(province, boot, "ios")
    rotation = province.started(changes.Rotation("ops-new"), "sw")
    scene = Scene(switch, province.database, province.data_dir, rotation)
    scene.push_and_die("sent")
    assert (province.held(), province.left()) == ("ops", [])
    assert scene.push() == TargetState.CONFIRMED
    scene.number = province.started(changes.Removal(rotation))
    scene.push_and_die("confirmed")
    assert province.left() == [("sw", USERNAME)]
    assert scene.push() == TargetState.CONFIRMED
    assert (province.held(), province.left()) == ("ops-new", [])
    assert switch.actions()["change"] == 2


@pytest.mark.slow
def test_a_device_that_fails_keeps_its_old_login_and_stops_no_other(
    province: Province, boot: Boot
) -> None:
    registered(province, boot, "ios")
    with province.database.write() as session:
        known = session.scalars(select(Device).where(Device.name == "sw")).one()
        other = device(session, "other", "cisco_ios")
        row = session.get_one(Device, other.device_id)
        row.primary_ip4, row.ports, row.credentials = LISTEN, known.ports, known.credentials
    rotation = province.started(changes.Rotation("ops-new"), "sw", "other")
    with province.database.write() as session:
        session.get_one(Device, other.device_id).ports = {"ssh": 9}
    pushed = province.push(rotation)
    assert pushed == {"sw": TargetState.CONFIRMED, "other": TargetState.FAILED}
    assert (province.held(), province.held("other")) == ("ops-new", "ops")
    assert province.left() == [("sw", USERNAME)]
    with pytest.raises(InvalidInputError, match=r"other.*has not proven its new login"):
        province.draft(rotation)
    assert province.draft(rotation, "sw").texts == {"sw": f"no username {USERNAME}\n"}


@pytest.fixture
def access(province: Province) -> Access:
    with province.database.write() as session:
        found = device(session, "sw", "cisco_ios")
        session.get_one(Device, found.device_id).credentials = {"ssh": "ops-new"}
    keep(province.database, found, BOTH)
    return found


def rotated(province: Province, access: Access, state: TargetState = TargetState.CONFIRMED) -> int:
    """Return a rotation as it stands in the records once it has ended so."""
    number = approved(province.database, province.engineer, province.approver, access)
    with province.database.write() as session:
        change = session.get_one(Change, number)
        change.intent, device_id = Intent.ROTATION, str(access.device_id)
        before, left = {device_id: "ops"}, {device_id: USERNAME}
        change.origin = {"credential": "ops-new", "before": before, "left": left}
        target = session.scalars(select(ChangeTarget)).one()
        target.state, target.finished_at = state, clock.now()
    keep(province.database, access, BOTH)
    return number


def test_who_was_left_is_listed_with_how_long_ago(province: Province, access: Access) -> None:
    with clock.frozen(clock.now()) as hand:
        number = rotated(province, access)
        hand.advance(3 * 86400)
        with province.database.read() as session:
            (one,) = changes.list_left(session, province.admin)
    assert (one.rotation, one.device, one.username, one.days) == (number, "sw", USERNAME, 3)


def test_whom_a_rotation_of_many_devices_left_is_read_once(
    province: Province, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = rotated(province, access)
    with province.database.write() as session:
        change = session.get_one(Change, number)
        others = [device(session, f"sw-{one}", "cisco_ios").device_id for one in range(3)]
        left = dict.fromkeys(map(str, [access.device_id, *others]), USERNAME)
        change.origin = change.origin | {"left": left}
        (first,) = session.scalars(select(ChangeTarget))
        for other in others:
            one = ChangeTarget(change_id=number, device_id=other, commit_id=f"c-{other}")
            one.state, one.finished_at = first.state, first.finished_at
            one.rendered, one.safety = first.rendered, first.safety
            session.add(one)
    decoded: list[str] = []

    def loads(text: str) -> object:
        decoded.append(text)
        return json.loads(text)

    monkeypatch.setattr(types, "json", SimpleNamespace(loads=loads))
    assert sorted(province.left()) == [("sw", USERNAME), *((f"sw-{n}", USERNAME) for n in range(3))]
    assert sum('"left"' in text for text in decoded) == 1


def test_a_user_that_still_opens_the_device_is_not_removed(
    province: Province, access: Access
) -> None:
    number = rotated(province, access)
    with province.database.write() as session:
        row = session.get_one(Device, access.device_id)
        row.credentials = {"ssh": "ops-new", "cli": "ops"}
    with pytest.raises(InvalidInputError, match="is opened by cli as ops, who would be removed"):
        province.draft(number)


@pytest.mark.parametrize("text", [f"hostname sw\n{OLD_LINE}", "hostname sw\nusername x secret y\n"])
def test_the_last_administrator_is_not_removed(
    province: Province, access: Access, text: str
) -> None:
    number = rotated(province, access)
    keep(province.database, access, text)
    with pytest.raises(InvalidInputError, match="no other administrator than ops"):
        province.draft(number)


def test_a_rotation_that_was_taken_back_has_no_user_to_remove(
    province: Province, access: Access
) -> None:
    number = rotated(province, access, TargetState.REVERTED)
    assert province.left() == []
    with pytest.raises(InvalidInputError, match="has not proven its new login"):
        province.draft(number)


def test_a_change_that_left_nobody_and_a_device_it_had_not_are_named(
    province: Province, access: Access
) -> None:
    number = rotated(province, access)
    with province.database.write() as session:
        other = device(session, "other", "cisco_ios")
    with pytest.raises(InvalidInputError, match=r"other.*was not rotated there"):
        province.draft(number, "other")
    plain = approved(province.database, province.engineer, province.approver, other)
    with pytest.raises(InvalidInputError, match="left no user on any device"):
        province.draft(plain)


def test_who_reaches_one_unit_removes_no_user(province: Province, access: Access) -> None:
    number = rotated(province, access)
    local = replace(province.engineer, scope_ids=frozenset({access.scope_id}))
    with pytest.raises(DeniedError, match="of the whole province"):
        province.draft(number, by=local)


def test_a_removal_whose_rotation_was_taken_back_since_is_not_pushed(
    province: Province, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotation = rotated(province, access)
    with province.database.write() as session:
        other = device(session, "other", "cisco_ios")
    number = approved(province.database, province.engineer, province.approver, other)
    with province.database.write() as session:
        changes.execute(session, province.engineer, number)
        change = session.get_one(Change, number)
        change.intent, change.origin = Intent.REMOVAL, {"rotation": rotation}
        require_removable(session, change, access.device_id)
        turned = session.scalars(select(ChangeTarget).where(ChangeTarget.change_id == rotation))
        turned.one().state = TargetState.REVERTED
        target = session.scalars(select(ChangeTarget).where(ChangeTarget.change_id == number))
        target.one().device_id = access.device_id
        with pytest.raises(ConflictError, match="has not proven its new login"):
            require_removable(session, change, access.device_id)
    monkeypatch.setattr(jobs, "_carry_out", pytest.fail)
    assert province.push(number) == {"sw": TargetState.FAILED}
    with province.database.read() as session:
        detail = session.scalars(
            select(ChangeTarget.detail).where(ChangeTarget.change_id == number)
        ).one()
    assert "has not proven its new login" in detail
