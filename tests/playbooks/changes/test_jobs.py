"""The job that pushes one device holds it, keeps off what is booked, and always tells an end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from alerts.maintenance import covered
from hatang import calendar, clock
from hatang.drivers.pending import PendingCommit
from hatang.errors import ConflictError, DriverError, Reason
from hatang.jobs import leases
from inventory.models import Bridge
from playbooks import changes
from playbooks.changes import jobs
from playbooks.choices import ChangeState, TargetState
from playbooks.models import ChangeTarget
from tests.playbooks.changes.planned import OneDevice, approved
from tests.playbooks.changes.test_push import AT, Router
from tests.playbooks.records import device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.clock import Hand
    from hatang.db import Database
    from playbooks.access import Access

pytestmark = pytest.mark.slow

JOB = "change/1/push/1"


class Stage(OneDevice):
    """One approved change of one device, which a Router stands in for."""

    def __init__(self, database: Database, access: Access, number: int, router: Router) -> None:
        self.database, self.access, self.number, self.router = database, access, number, router

    def execute(self, actor: Actor) -> None:
        with self.database.write() as session:
            changes.execute(session, actor, self.number)

    def push(self) -> str:
        return jobs._push(self.database, self.target.id)

    def hold(self, holder: str) -> leases.Lease:
        resource = f"device/{self.access.device_id}"
        with self.database.write() as session:
            return leases.acquire(session, resource, holder, 900)

    def book(self, element: str, after: timedelta = timedelta()) -> None:
        start = clock.now() + after
        with self.database.write() as session:
            until = start + timedelta(hours=1)
            calendar.book(session, element, start, until, "meeting", source="m", title="Giao ban")


@pytest.fixture
def hand() -> Iterator[Hand]:
    with clock.frozen(AT) as found:
        yield found


@pytest.fixture
def stage(
    database: Database,
    hand: Hand,
    engineer: Actor,
    approver: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    with database.write() as session:
        access = device(session)
    number = approved(database, engineer, approver, access)
    router = Router(hand)
    router.running = "hostname old\nline\n"
    with database.read() as session:
        found = session.scalars(select(ChangeTarget.commit_id)).one()
    router.told = PendingCommit(name=found)
    monkeypatch.setattr(jobs, "prepare", lambda *_: access)
    monkeypatch.setattr(jobs, "open_driver", lambda *_: router.connect())
    return Stage(database, access, number, router)


def test_a_push_gives_the_device_back_when_it_is_done(stage: Stage, engineer: Actor) -> None:
    stage.execute(engineer)
    assert stage.push() == TargetState.CONFIRMED
    assert stage.state == ChangeState.DONE
    stage.hold("somebody else")


def test_a_device_that_another_holds_is_not_touched(stage: Stage, engineer: Actor) -> None:
    stage.execute(engineer)
    stage.hold("run/5")
    assert stage.push() == TargetState.FAILED
    assert stage.target.reason == Reason.BUSY
    assert "run/5" in stage.target.detail
    assert stage.router.journal == []
    assert stage.state == ChangeState.FAILED


def test_who_lost_the_device_neither_writes_nor_speaks(
    stage: Stage, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.execute(engineer)
    connect = stage.router.connect

    def taken_meanwhile(*_: object) -> object:
        stage.hold(JOB)  # the same job, taken over by another process
        return connect()

    monkeypatch.setattr(jobs, "open_driver", taken_meanwhile)
    with pytest.raises(leases.LeaseLostError):
        stage.push()
    assert stage.router.journal == []
    assert stage.target.state == TargetState.APPLYING


def test_a_push_that_a_crash_cut_short_takes_its_own_device_again(
    stage: Stage, engineer: Actor
) -> None:
    stage.execute(engineer)
    stage.hold(JOB)
    assert stage.push() == TargetState.CONFIRMED


def test_a_device_that_cannot_be_reached_at_all_ends_the_change(
    stage: Stage, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_credential(*_: object) -> None:
        raise DriverError("has no address", Reason.NOT_SUPPORTED)

    stage.execute(engineer)
    monkeypatch.setattr(jobs, "prepare", without_credential)
    assert stage.push() == TargetState.FAILED
    assert stage.target.reason == Reason.NOT_SUPPORTED
    assert stage.state == ChangeState.FAILED


def test_what_nobody_foresaw_leaves_the_device_unknown_and_ends_the_change(
    stage: Stage, engineer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("running")

    stage.execute(engineer)
    monkeypatch.setattr(jobs, "open_driver", breaks)
    assert stage.push() == TargetState.UNKNOWN
    assert stage.state == ChangeState.FAILED
    stage.hold("somebody else")


def test_nothing_is_pushed_where_a_conference_runs(stage: Stage, engineer: Actor) -> None:
    stage.book("site:s-r1")
    with pytest.raises(ConflictError, match=r"site:s-r1 is booked .* for Giao ban"):
        stage.execute(engineer)
    assert stage.state == ChangeState.APPROVED


def test_nothing_is_pushed_beside_a_booked_bridge(stage: Stage, engineer: Actor) -> None:
    with stage.database.write() as session:
        where = {"scope_id": stage.access.scope_id, "device_id": stage.access.device_id}
        session.add(Bridge(code="mcu-1", name="M", driver="janus", url="http://x", **where))
    stage.book("bridge:mcu-1")
    with pytest.raises(ConflictError, match="bridge:mcu-1"):
        stage.execute(engineer)


def test_a_conference_that_begins_before_the_push_could_end_refuses_it(
    stage: Stage, engineer: Actor
) -> None:
    stage.book("site:s-r1", after=timedelta(seconds=100))
    with pytest.raises(ConflictError):
        stage.execute(engineer)


def test_bookings_elsewhere_or_later_refuse_nothing(stage: Stage, engineer: Actor) -> None:
    stage.book("site:elsewhere")
    stage.book("site:s-r1", after=timedelta(hours=2))
    stage.execute(engineer)
    assert stage.state == ChangeState.RUNNING


def test_a_push_that_waited_into_a_conference_does_not_begin(stage: Stage, engineer: Actor) -> None:
    stage.execute(engineer)
    stage.book("site:s-r1")
    assert stage.push() == TargetState.FAILED
    assert stage.router.journal == []


def test_a_push_that_began_before_a_crash_goes_on_whatever_is_booked(
    stage: Stage, engineer: Actor
) -> None:
    stage.execute(engineer)
    with stage.database.write() as session:
        session.get_one(ChangeTarget, stage.target.id).state = TargetState.APPLYING
    stage.book("site:s-r1")
    assert stage.push() == TargetState.CONFIRMED


def quiet(stage: Stage) -> frozenset[str]:
    with stage.database.read() as session:
        return covered(session, clock.now())


def test_pages_for_its_devices_are_withheld_while_a_change_runs_and_no_longer(
    stage: Stage, engineer: Actor
) -> None:
    assert quiet(stage) == frozenset()
    stage.execute(engineer)
    assert quiet(stage) == {"device:key-r1"}
    stage.push()
    assert quiet(stage) == frozenset()


def test_a_change_that_never_ends_withholds_nothing_for_long(
    stage: Stage, engineer: Actor, hand: Hand
) -> None:
    stage.execute(engineer)
    hand.advance(1800)
    assert quiet(stage) == frozenset()
