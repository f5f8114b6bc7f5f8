"""A standard change covers what it was approved for: those devices, those values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.errors import ConflictError, InvalidInputError
from playbooks import changes
from playbooks.changes.authority import authorise
from playbooks.changes.planning import plan_hash
from playbooks.choices import ChangeState
from playbooks.models import Change, StandardChange
from tests.playbooks.changes.planned import planned
from tests.playbooks.changes.test_composing import FILLED, RANGES, define, digest, preview
from tests.playbooks.records import device

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access


@pytest.fixture
def routers(sqlite_database: Database, engineer: Actor, approver: Actor) -> tuple[Access, Access]:
    """Two devices; the standard change was approved for the unit of the first."""
    with sqlite_database.write() as session:
        found = device(session, "r1"), device(session, "r2")
    define(sqlite_database, engineer)
    with sqlite_database.write() as session:
        session.get_one(StandardChange, 1).scope_id = found[0].scope_id
    known = digest(sqlite_database, engineer)
    with sqlite_database.write() as session:
        changes.decide_standard(session, approver, "port", known, approve=True)
    return found


def submitted(database: Database, actor: Actor, access: Access) -> int:
    number = planned(database, actor, access)
    with database.write() as session:
        session.get_one(Change, number).standard_id = 1
        changes.submit(session, actor, number)
    return number


def test_a_standard_change_covers_only_devices_of_its_unit(
    sqlite_database: Database, engineer: Actor, routers: tuple[Access, Access]
) -> None:
    numbers = [submitted(sqlite_database, engineer, one) for one in routers]
    with sqlite_database.read() as session:
        states = [session.get_one(Change, number).state for number in numbers]
    assert states == [ChangeState.APPROVED, ChangeState.AWAITING_APPROVAL]


def test_what_left_its_unit_since_is_not_started(
    sqlite_database: Database, engineer: Actor, routers: tuple[Access, Access]
) -> None:
    number = submitted(sqlite_database, engineer, routers[0])
    with sqlite_database.write() as session:
        session.get_one(StandardChange, 1).scope_id = routers[1].scope_id
        change = session.get_one(Change, number)
        assert change.plan_sha256 == plan_hash(session, change)
        with pytest.raises(ConflictError):
            authorise(session, change)


@pytest.mark.usefixtures("routers")
@pytest.mark.parametrize(
    ("name", "value"), [("server", "2001:db8::1%x; reload"), ("vlan", "--5"), ("vlan", "1_50")]
)
def test_a_value_that_only_looks_like_one_is_refused(
    sqlite_database: Database, engineer: Actor, name: str, value: str
) -> None:
    rules = RANGES | {"server": {"type": "address", "within": "2001:db8::/32"}}
    define(sqlite_database, engineer, name="six", parameters=rules)
    filled = FILLED | {"server": "2001:db8::2", name: value}
    with pytest.raises(InvalidInputError, match=f"standard change: {name}"):
        preview(sqlite_database, engineer, changes.Standard("six", filled), "r1")


@pytest.mark.usefixtures("routers")
def test_bounds_given_as_text_are_numbers(sqlite_database: Database, engineer: Actor) -> None:
    rules = RANGES | {"vlan": {"type": "integer", "min": "100", "max": "199"}}
    define(sqlite_database, engineer, name="six", parameters=rules)
    assert preview(sqlite_database, engineer, changes.Standard("six", FILLED), "r1")


@pytest.mark.usefixtures("routers")
def test_what_was_filled_in_is_not_shown_beside_the_masked_lines(
    sqlite_database: Database, engineer: Actor
) -> None:
    chosen = changes.Selection(names=("r1",))
    for source in (
        changes.Standard("port", FILLED | {"words": "top secret"}),
        changes.Template("snmp-server community {{ parameters.words }}", {"words": "top secret"}),
    ):
        wanted = changes.Wanted("T", source, chosen)
        with sqlite_database.read() as session:
            draft = changes.drafted(session, engineer, wanted)
        assert "top secret" in draft.texts["r1"]
        assert "top secret" not in str(draft.origin)
        assert "words" in draft.origin["parameters"]
