"""Every kind of the registry, walked: what is declared once holds everywhere."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, get_origin

import pytest
import yaml
from sqlalchemy import event

from hatang.auth import Actor, Role
from hatang.db import JSONText
from hatang.errors import NotFoundError
from inventory import service
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS, is_late
from inventory.rows import EVERYTHING, Query
from tests.inventory.whole import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.kinds.kind import Kind
    from inventory.planning import ImportPlan

pytestmark = pytest.mark.slow

# What others hang on: host keys on an address, an endpoint on its place, a group on a member.
PINNED = {"host_keys", "device_key", "primary_ip4", "ports", "url", "host", "port", "circuits"}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
def whole(load: Callable[[str], ImportPlan]) -> ImportPlan:
    """A file with every kind and every field, imported."""
    return load(WHOLE)


def test_the_file_of_the_tests_has_every_field_of_every_kind() -> None:
    said: dict[ElementKind, set[str]] = {word: set() for word in KINDS}
    document = yaml.safe_load(WHOLE)
    for kind in KINDS.values():
        for row in document.get(kind.section, ()):
            said[kind.kind] |= row.keys()
            for name, inner in kind.nested.items():
                for nested in row.get(name, ()):
                    said[inner] |= nested.keys() | {KINDS[inner].row.key_fields[0]}
    for kind in KINDS.values():
        assert said[kind.kind] == set(kind.row.model_fields), kind.kind


@each_kind
def test_every_field_has_its_column(kind: Kind) -> None:
    columns = kind.model.__table__.c
    for name in (*kind.plain, *kind.references):
        assert kind.column(name) in columns, name
    assert kind.single_key is None or kind.single_key in columns
    assert bool(kind.searched) == ("search_text" in columns)
    for name, many in kind.many.items():
        assert {many.owner, many.column} <= set(many.model.__table__.c.keys()), name
        assert get_origin(kind.row.model_fields[name].annotation) is list, name


@each_kind
def test_what_must_be_named_is_written_before(kind: Kind) -> None:
    for name in kind.references:
        column = kind.model.__table__.c[kind.column(name)]
        assert column.nullable or not is_late(kind, name), name
    assert all(not is_late(kind, n) for n in kind.row.key_fields if n in kind.references)


@each_kind
def test_what_nobody_says_may_be_left_out(kind: Kind) -> None:
    for name in kind.plain:
        column = kind.model.__table__.c[name]
        known = name in kind.defaults or kind.row.model_fields[name].is_required()
        assert known, name
        if kind.defaults.get(name) is None and not kind.row.model_fields[name].is_required():
            assert column.nullable or name in kind.generated, name


def plan_of(database: Database, actor: Actor, text: str) -> ImportPlan:
    with database.read() as session:
        return service.plan_import(session, actor, text, "again.yaml")


@pytest.mark.usefixtures("whole")
def test_all_kinds_import_and_a_second_time_nothing_is_left(
    database: Database, engineer: Actor
) -> None:
    plan = plan_of(database, engineer, WHOLE)
    assert plan.is_empty, (plan.created, plan.changed)
    assert not plan.absent
    assert {ref.kind for ref in plan.unchanged} == set(ElementKind)


@pytest.mark.usefixtures("whole")
def test_all_kinds_are_exported_as_they_were_imported(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        text = service.export_yaml(session, engineer)
    plan = plan_of(database, engineer, text)
    assert plan.is_empty, (plan.created, plan.changed)
    assert not plan.absent


@pytest.mark.usefixtures("whole")
def test_every_element_is_listed_and_found_by_its_key(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        for word in ElementKind:
            page = service.list_elements(session, engineer, word, EVERYTHING)
            assert page.total == len(page.items) > 0, word
            for row in page.items:
                assert service.get_element(session, engineer, word, row.key) == row


@pytest.mark.usefixtures("whole")
def test_the_list_speaks_as_the_plan_does(
    database: Database, engineer: Actor, whole: ImportPlan
) -> None:
    planned = {(row.kind, row.key): row.fields for row in whole.created}
    with database.read() as session:
        for word, kind in KINDS.items():
            for row in service.list_elements(session, engineer, word, EVERYTHING).items:
                for name, difference in planned[word, row.key].items():
                    if name in kind.virtual:
                        continue
                    said: Any = row.fields[name]
                    assert (list(said) if name in kind.many else said) == difference.after, name


@pytest.mark.usefixtures("whole")
def test_nobody_sees_what_belongs_to_somebody(database: Database) -> None:
    nobody = Actor(9, "nobody", frozenset({Role.VIEWER}), frozenset())
    with database.read() as session:
        for word, kind in KINDS.items():
            page = service.list_elements(session, nobody, word)
            assert (page.total == 0) is kind.is_scoped, word


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("key", ["no-such", "a -- b", "core-1:eth99", "/" * 100, ":" * 100, "dc/x"])
def test_a_key_of_nothing_finds_nothing(database: Database, engineer: Actor, key: str) -> None:
    with database.read() as session:
        for word in ElementKind:
            with pytest.raises(NotFoundError):
                service.get_element(session, engineer, word, key)


@pytest.mark.usefixtures("whole")
def test_every_field_can_be_cleared_that_may_be(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    document = yaml.safe_load(WHOLE)
    for kind in KINDS.values():
        for row in document.get(kind.section, ()):
            for name in row.keys() - set(kind.row.key_fields) - PINNED:
                field = kind.row.model_fields[name]
                if not field.is_required() and name not in kind.nested:
                    value = field.get_default(call_default_factory=True)
                    row[name] = str(value) if isinstance(value, StrEnum) else value
    text = yaml.safe_dump(document)
    load(text)
    assert plan_of(database, engineer, text).is_empty


@pytest.mark.usefixtures("whole")
def test_what_a_row_does_not_say_stays(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    document = yaml.safe_load(WHOLE)
    for kind in KINDS.values():
        for row in document.get(kind.section, ()):
            for name in row.keys() - set(kind.row.key_fields) - {"url", "host"}:
                if not kind.row.model_fields[name].is_required():
                    del row[name]
    load(yaml.safe_dump(document))
    plan = plan_of(database, engineer, WHOLE)
    assert plan.is_empty, plan.changed


@pytest.mark.usefixtures("whole")
def test_each_column_is_asked_by_what_it_holds_and_by_nonsense(
    database: Database, engineer: Actor
) -> None:
    with database.read() as session:
        for word, kind in KINDS.items():
            columns = kind.model.__table__.c
            for row in service.list_elements(session, engineer, word, EVERYTHING).items:
                for name in kind.plain:
                    value = row.fields[name]
                    if value is None or isinstance(columns[name].type, JSONText):
                        continue
                    asked = str(value).lower() if isinstance(value, bool) else str(value)
                    found = service.list_elements(session, engineer, word, Query({name: asked}))
                    assert row in found.items, (word, name)
                    none = service.list_elements(session, engineer, word, Query({name: "\u00a0x"}))
                    assert none.total == 0, (word, name)


@pytest.mark.usefixtures("whole")
def test_a_list_of_any_kind_is_at_most_two_statements_and_one_for_each_list_in_it(
    database: Database, engineer: Actor
) -> None:
    counted: list[str] = []
    with database.read() as session:
        session.connection()
        event.listen(session.get_bind(), "before_cursor_execute", lambda *a: counted.append(a[2]))
        for word, kind in KINDS.items():
            counted.clear()
            service.list_elements(session, engineer, word)
            assert len(counted) <= 2 + len(kind.many), word


@pytest.mark.usefixtures("whole")
def test_a_circuit_has_its_own_hotline_or_the_providers(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    load("version: 1\ncircuits: [{cid: C2, provider: VNPT, a: dc, z: hub}]")
    with database.read() as session:
        rows = service.list_circuits(session, engineer).items
    assert {row.cid: row.hotline for row in rows} == {"VNPT-001": "18001166", "C2": "18001260"}
