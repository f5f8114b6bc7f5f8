"""What is decided is what was shown: a value swapped meanwhile, or a key among many, is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from hatang import clock, gates
from hatang.drivers import hostkeys
from hatang.errors import ConflictError
from inventory import service
from inventory.choices import ElementKind
from inventory.inbox import recording
from inventory.inbox import service as inbox
from inventory.inbox.choices import DeviationKind
from inventory.inbox.recording import Proposal
from inventory.rows import EVERYTHING, Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.db import Database, WriteSession
    from hatang.gates import Intent
    from inventory.inbox.listing import InboxRow

DAY = date(2026, 3, 4)
KEYS = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2N4oJ4mUEJ1kFj0XyX9m3r8v1cQ2o0m0Yb5c3b7dQe",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2N4oJ4mUEJ1kFj0XyX9m3r8v1cQ2o0m0Yb5c3b7dQf",
)


def observe(db: Database, actor: Actor, name: str, **facts: str) -> None:
    with db.write() as session:
        device = service.get_device(session, actor, name)
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")


def present(db: Database, actor: Actor, name: str, line: str) -> None:
    """Note that the device called `name` presents a key that is not enrolled."""
    with db.write() as session:
        device = service.get_device(session, actor, name)
        found = {"keys": [line], "fingerprints": [line[-8:]]}
        seen = Proposal(
            DeviationKind.HOST_KEY, device.device_key, device.scope_id, "device", name,
            "discovery", device.id, observed=found,
        )  # fmt: skip
        recording.note(session, [seen])


def rows(db: Database, actor: Actor, **filters: str) -> list[InboxRow]:
    with db.read() as session:
        asked = Query(filters, limit=None)
        return list(inbox.list_deviations(session, actor, asked, today=DAY).items)


def shown(*given: InboxRow) -> dict[int, str]:
    return {row.id: row.digest for row in given}


def serial(db: Database, actor: Actor, name: str) -> str | None:
    with db.read() as session:
        return service.get_device(session, actor, name).serial


@pytest.mark.usefixtures("province")
def test_a_digest_tells_every_value_apart_and_outlives_a_second_look(
    database: Database, engineer: Actor
) -> None:
    digests = []
    for value in ("A", "A", "B"):
        observe(database, engineer, "rtr-02", serial=value)
        (row,) = rows(database, engineer)
        digests.append(row.digest)
    assert digests[0] == digests[1] != digests[2]
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in digests)


@pytest.mark.usefixtures("province")
def test_a_value_swapped_after_it_was_shown_is_not_accepted(
    database: Database, engineer: Actor
) -> None:
    observe(database, engineer, "rtr-02", serial="SHOWN")
    before = serial(database, engineer, "rtr-02")
    (row,) = rows(database, engineer)
    observe(database, engineer, "rtr-02", serial="SWAPPED")
    with database.write() as session, pytest.raises(ConflictError, match=f": {row.id}$"):
        inbox.accept(session, engineer, shown(row))
    assert serial(database, engineer, "rtr-02") == before


@pytest.mark.usefixtures("province")
def test_only_the_changed_rows_are_named_and_none_is_written(
    database: Database, engineer: Actor
) -> None:
    observe(database, engineer, "rtr-01", serial="KEPT")
    observe(database, engineer, "rtr-02", serial="SHOWN")
    given = shown(*rows(database, engineer))
    observe(database, engineer, "rtr-02", serial="SWAPPED")
    (changed,) = rows(database, engineer, element="rtr-02")
    with database.write() as session, pytest.raises(ConflictError) as caught:
        inbox.accept(session, engineer, given)
    assert caught.value.message == f"changed since they were shown: {changed.id}"
    assert serial(database, engineer, "rtr-01") != "KEPT"


@pytest.mark.usefixtures("province")
def test_a_value_swapped_after_it_was_shown_is_not_ignored(
    database: Database, engineer: Actor
) -> None:
    observe(database, engineer, "rtr-02", serial="SHOWN")
    given = shown(*rows(database, engineer))
    observe(database, engineer, "rtr-02", serial="SWAPPED")
    until = DAY + timedelta(days=1)
    with database.write() as session, pytest.raises(ConflictError, match="changed since"):
        inbox.ignore(session, engineer, given, until, "x", today=DAY)


@pytest.mark.usefixtures("province")
def test_a_swapped_host_key_is_not_enrolled(database: Database, engineer: Actor) -> None:
    present(database, engineer, "core-1", KEYS[0])
    (row,) = rows(database, engineer)
    present(database, engineer, "core-1", KEYS[1])
    with database.write() as session, pytest.raises(ConflictError, match="changed since"):
        inbox.accept(session, engineer, shown(row))


@pytest.mark.usefixtures("province")
def test_a_host_key_is_accepted_alone(database: Database, engineer: Actor) -> None:
    present(database, engineer, "core-1", KEYS[0])
    observe(database, engineer, "rtr-02", serial="SHOWN")
    (row,) = rows(database, engineer, kind="host_key")
    both = shown(*rows(database, engineer))
    with database.write() as session, pytest.raises(ConflictError, match=f"one.* {row.id}$"):
        inbox.accept(session, engineer, both)
    with database.write() as session:
        device = service.get_device(session, engineer, "core-1")
        assert inbox.accept(session, engineer, shown(row)) == 1
        held = hostkeys.lookup(session, (device.primary_ip4 or "").partition("/")[0], 22)
    assert [f"{key.kind} {key.data}" for key in held] == [KEYS[0]]


class _Counting:
    """A change gate that opens nothing and counts."""

    def __init__(self) -> None:
        self.opened = 0

    def open(self, session: WriteSession, actor: Actor, intent: Intent) -> str:
        del session, actor, intent
        self.opened += 1
        return f"change/{self.opened}"


@pytest.fixture
def opened() -> Iterator[_Counting]:
    gates.clear()
    counting = _Counting()
    gates.register(gates.CHANGE, counting, name="changes")
    yield counting
    gates.clear()


def describe(db: Database, actor: Actor, text: str) -> None:
    with db.write() as session:
        ports = service.list_interfaces(session, actor, EVERYTHING).items
        port = next(row.id for row in ports if f"{row.device}:{row.name}" == "core-1:eth1")
        facts = {"description": text}
        service.record_observation(session, ElementKind.INTERFACE, port, facts, "snmp")


@pytest.mark.usefixtures("province")
def test_a_second_click_opens_no_second_change(
    database: Database, engineer: Actor, opened: _Counting
) -> None:
    describe(database, engineer, "to nowhere")
    (row,) = rows(database, engineer)
    with database.write() as session:
        inbox.fix(session, engineer, row.id, row.digest, "theo hồ sơ")
    with database.write() as session, pytest.raises(ConflictError, match="being fixed already"):
        inbox.fix(session, engineer, row.id, row.digest, "theo hồ sơ")
    assert opened.opened == 1


@pytest.mark.usefixtures("province")
def test_what_was_swapped_is_not_fixed(
    database: Database, engineer: Actor, opened: _Counting
) -> None:
    describe(database, engineer, "to nowhere")
    (row,) = rows(database, engineer)
    describe(database, engineer, "to elsewhere")
    with database.write() as session, pytest.raises(ConflictError, match="changed since"):
        inbox.fix(session, engineer, row.id, row.digest, "theo hồ sơ")
    assert opened.opened == 0


@pytest.mark.usefixtures("province")
def test_what_is_ignored_opens_on_its_day_in_the_province(
    database: Database, engineer: Actor
) -> None:
    """At 18:00 in UTC the next day has begun in Vietnam."""
    evening = datetime(2026, 3, 4, 18, tzinfo=UTC)
    local = evening.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    with clock.frozen(evening):
        observe(database, engineer, "rtr-02", serial="SHOWN")
        given = shown(*rows(database, engineer))
        with database.write() as session:
            inbox.ignore(session, engineer, given, local, "x", today=DAY)
        with database.read() as session:
            states = [
                inbox.list_deviations(session, engineer, today=today).items[0].state
                for today in (DAY, local)
            ]
    assert states == ["ignored", "open"]
