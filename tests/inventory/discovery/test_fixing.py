"""Fixing a difference opens a change that makes the device as intended, and does nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cli.intents import ChangeFromIntent
from hatang import blobs, gates
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, DeniedError
from inventory import platforms
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.inbox import service as inbox
from inventory.rows import EVERYTHING, Query
from playbooks.models import Change, ChangeTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database
    from inventory.inbox.listing import InboxRow

OPEN = Query({"state": "open"})
DAY = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def _gate() -> Iterator[None]:
    gates.clear()
    gates.register(gates.CHANGE, ChangeFromIntent(), name="changes")
    yield
    gates.clear()


def differing(db: Database, actor: Actor, kind: ElementKind, name: str, **facts: str) -> InboxRow:
    """Observe `facts` of the element called `name` and return the row that comes of it."""
    with db.write() as session:
        if kind is ElementKind.DEVICE:
            element_id = inventory.get_device(session, actor, name).id
        else:
            ports = inventory.list_interfaces(session, actor, EVERYTHING).items
            element_id = next(row.id for row in ports if f"{row.device}:{row.name}" == name)
        inventory.record_observation(session, kind, element_id, facts, "snmp")
    with db.read() as session:
        (row,) = inbox.list_deviations(session, actor, OPEN, today=DAY).items
    return row


@pytest.mark.usefixtures("province")
def test_a_wrong_description_opens_a_draft_with_the_platforms_lines(
    database: Database, engineer: Actor
) -> None:
    row = differing(
        database, engineer, ElementKind.INTERFACE, "core-1:eth1", description="to nowhere"
    )
    with database.write() as session:
        change = inbox.fix(session, engineer, row.id, row.digest, "theo hồ sơ")
    with database.read() as session:
        found = session.scalars(select(Change)).one()
        target = session.scalars(select(ChangeTarget)).one()
        held = inbox.get_deviation(session, engineer, row.id)
        rendered = blobs.get(session, target.rendered).decode()
    assert change == f"change/{found.id}"
    assert (found.state, found.requester) == ("draft", "engineer")
    assert rendered.splitlines() == ["interface eth1", " description to xa-01"]
    assert (held.state, held.change) == ("fixing", change)


@pytest.mark.usefixtures("province")
def test_what_no_configuration_can_mend_is_told_so(database: Database, engineer: Actor) -> None:
    row = differing(database, engineer, ElementKind.DEVICE, "rtr-02", serial="OTHER")
    with database.write() as session, pytest.raises(ConflictError) as caught:
        inbox.fix(session, engineer, row.id, row.digest, "x")
    assert "accept" in caught.value.fix


@pytest.mark.usefixtures("province")
def test_who_may_not_ask_for_changes_may_not_have_one_opened(
    database: Database, engineer: Actor
) -> None:
    row = differing(database, engineer, ElementKind.DEVICE, "rtr-02", serial="OTHER")
    viewer = Actor(9, "x", frozenset({Role.VIEWER}), None)
    with database.write() as session, pytest.raises(DeniedError):
        inbox.fix(session, viewer, row.id, row.digest, "x")


@pytest.mark.usefixtures("province")
def test_accepting_a_field_writes_it_where_an_import_would(
    database: Database, engineer: Actor
) -> None:
    row = differing(database, engineer, ElementKind.DEVICE, "rtr-02", serial="OTHER")
    with database.write() as session:
        inbox.accept(session, engineer, {row.id: row.digest})
    with database.read() as session:
        assert inventory.get_device(session, engineer, "rtr-02").serial == "OTHER"
        open_ = inbox.list_deviations(session, engineer, OPEN, today=DAY)
    assert open_.total == 0


@pytest.mark.usefixtures("province")
def test_another_commune_neither_sees_nor_decides_it(database: Database, engineer: Actor) -> None:
    row = differing(database, engineer, ElementKind.DEVICE, "rtr-02", serial="OTHER")
    with database.read() as session:
        scopes = {one.code: one.scope_id for one in inventory.list_units(session, engineer).items}
    other = Actor(9, "x", frozenset({Role.ENGINEER}), frozenset({scopes["xa-01"]}))
    own = Actor(9, "y", frozenset({Role.ENGINEER}), frozenset({scopes["xa-02"]}))
    with database.write() as session, pytest.raises(LookupError):
        inbox.accept(session, other, {row.id: row.digest})
    with database.write() as session:
        assert inbox.accept(session, own, {row.id: row.digest}) == 1


def test_a_value_cannot_bring_a_line_of_its_own() -> None:
    given = {"value": "x\nusername evil", "interface": "eth1"}
    with pytest.raises(ValueError, match="control"):
        platforms.get("frr").set_lines("description", given)


@pytest.mark.parametrize("platform", platforms.worked_on(), ids=lambda one: one.name)
def test_each_setting_of_a_platform_can_be_written(platform: platforms.Platform) -> None:
    for name in platform.settings:
        given = {"value": "ten", "interface": "eth1", "name": "ops"}
        lines = platform.set_lines(name, given)
        assert lines is not None
        assert given["name" if name == "no_login" else "value"] in lines
