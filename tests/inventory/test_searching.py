"""One question to the whole inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from hatang.auth import Actor, Role
from inventory import service
from inventory.choices import ElementKind

if TYPE_CHECKING:
    from hatang.db import Database

pytestmark = pytest.mark.usefixtures("province")


def found(database: Database, actor: Actor, text: str) -> dict[ElementKind, list[str]]:
    with database.read() as session:
        groups = service.search(session, actor, text)
    return {one.kind: [item.key for item in one.items] for one in groups}


def test_hue_finds_what_is_called_hue_with_its_marks(database: Database, engineer: Actor) -> None:
    assert found(database, engineer, "hue") == {
        ElementKind.SITE: ["xa-02-site"],
        ElementKind.UNIT: ["xa-02"],
    }


@pytest.mark.parametrize("text", ["vnpt-0", "VNPT-001"])
def test_a_code_is_found_in_either_case(database: Database, engineer: Actor, text: str) -> None:
    assert found(database, engineer, text) == {ElementKind.CIRCUIT: ["VNPT-001"]}


@pytest.mark.parametrize("text", ["", "  ", "nowhere-at-all", "%", "_"])
def test_nothing_is_called_like_nothing(database: Database, engineer: Actor, text: str) -> None:
    assert found(database, engineer, text) == {}


def test_only_kinds_that_have_something_are_read(database: Database, engineer: Actor) -> None:
    asked: list[str] = []
    with database.read() as session:
        session.connection()
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: asked.append(a[2]))
        service.search(session, engineer, "nowhere-at-all")
    assert len(asked) == 1


def test_what_is_not_shown_is_counted(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        few = service.search(session, engineer, "a", limit=1)
        every = service.search(session, engineer, "a", limit=1000)
    assert {one.kind: one.total for one in few} == {one.kind: len(one.items) for one in every}


def test_what_lies_beyond_the_askers_scope_is_not_found(database: Database) -> None:
    stranger = Actor(9, "stranger", frozenset({Role.VIEWER}), frozenset())
    assert found(database, stranger, "hue") == {}
