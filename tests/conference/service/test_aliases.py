"""Who is which room, as somebody wrote it down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conference import service
from conference.bridges.status import Participant
from conference.service.attendance import observe
from hatang import clock
from hatang.audit.models import AuditEntry
from hatang.auth import Actor, Grant, Role
from hatang.errors import DeniedError, InvalidInputError, NotFoundError
from inventory.models import Bridge, Unit
from tests.conference.service.test_meetings import MEETING, put

if TYPE_CHECKING:
    from hatang.db import Database

pytestmark = pytest.mark.slow

WHO = Participant("room-1", "p-1", "iPad của anh Ba", "sip:ba@di-dong.test")


def seen_as(database: Database, admin: Actor) -> tuple[str, str]:
    now = clock.now()
    put(database, admin, replace(MEETING, starts_at=now, ends_at=now + timedelta(hours=1)))
    with database.write() as session:
        number = session.scalar(select(Bridge.id))
        assert number is not None
        observe(session, number, [WHO], clock.now())
    with database.read() as session:
        found = service.live(session, admin, MEETING.uid)
    return next((one.room, one.method) for one in found.points if one.is_in)


@pytest.mark.parametrize("alias", ["  IPAD của anh Ba ", "SIP:ba@di-dong.test"])
def test_what_was_written_down_tells_the_room(province: Database, admin: Actor, alias: str) -> None:
    with province.write() as session:
        service.put_aliases(session, admin, [(alias, "room-02")])
    assert seen_as(province, admin) == ("room-02", "explicit")


def test_a_file_is_taken_whole_or_not_at_all(province: Database, admin: Actor) -> None:
    content = b"alias,room\nA,room-01\nB,room-99\na,room-02\n,room-01\n"
    with pytest.raises(InvalidInputError) as caught, province.write() as session:
        service.import_aliases(session, admin, content, "aliases.csv")
    found = {(one.field, one.line) for one in caught.value.problems}
    assert found == {("room", 3), ("alias", 4), ("alias", 5)}
    with province.read() as session:
        assert service.list_aliases(session, admin) == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"name,place\nA,room-01\n"])
def test_a_file_of_another_form_is_refused(
    province: Database, admin: Actor, content: bytes
) -> None:
    with pytest.raises(InvalidInputError), province.write() as session:
        service.import_aliases(session, admin, content, "aliases.csv")


def test_a_file_of_too_many_lines_is_refused(province: Database, admin: Actor) -> None:
    lines = "".join(f"A{number},room-01\n" for number in range(10_001))
    with pytest.raises(InvalidInputError) as caught, province.write() as session:
        service.import_aliases(session, admin, b"alias,room\n" + lines.encode(), "aliases.csv")
    assert [one.value for one in caught.value.problems] == ["10001"]


def test_a_file_is_one_record_in_the_audit_log(province: Database, admin: Actor) -> None:
    with province.write() as session:
        content = b"alias,room\nA,room-01\nB,room-02\n"
        assert service.import_aliases(session, admin, content, "aliases.csv") == 2
    with province.read() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert [one for one in actions if one.startswith("alias.")] == ["alias.import"]


def test_an_alias_moves_and_is_forgotten(province: Database, admin: Actor) -> None:
    with province.write() as session:
        service.put_aliases(session, admin, [("A", "room-01")])
        service.put_aliases(session, admin, [("a", "room-02")])
        assert [one.room for one in service.list_aliases(session, admin)] == ["room-02"]
        service.remove_alias(session, admin, " A ")
        with pytest.raises(NotFoundError):
            service.remove_alias(session, admin, "a")


def test_nobody_takes_an_alias_from_another_units_room(province: Database, admin: Actor) -> None:
    with province.write() as session:
        own = session.scalar(select(Unit.scope_id).where(Unit.code == "xa-01"))
        service.put_aliases(session, admin, [("A", "room-02")])
    grants = frozenset({Grant(Role.OPERATOR, own), Grant(Role.VIEWER, None)})
    commune = Actor(6, "o", frozenset({Role.OPERATOR, Role.VIEWER}), frozenset(), grants)
    with pytest.raises(DeniedError), province.write() as session:
        service.put_aliases(session, commune, [("A", "room-01")])
