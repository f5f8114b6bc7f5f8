"""Observation stands beside intent and never over it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from hatang import clock
from hatang.auth import Actor, Role
from hatang.errors import NotFoundError
from inventory import service
from inventory.choices import ElementKind
from inventory.inbox import service as inbox
from inventory.rows import Query
from inventory.service.observing import record_observations
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hatang.db import Database
    from inventory.inbox.listing import InboxRow
    from inventory.planning import ImportPlan

pytestmark = pytest.mark.usefixtures("province")
AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def observe(
    database: Database, actor: Actor, facts: Mapping[str, object], name: str = "rtr-02"
) -> None:
    with database.write() as session, clock.frozen(AT):
        device = service.get_device(session, actor, name)
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")


def inbox_of(database: Database, actor: Actor) -> list[InboxRow]:
    with database.read() as session:
        query = Query({"state": "open"})
        return list(inbox.list_deviations(session, actor, query, today=AT.date()).items)


def statements(database: Database, seen: Mapping[int, Mapping[str, object]]) -> int:
    """Return how many statements recording takes."""
    told = Counter[str]()

    def count(*_: object) -> None:
        told["statements"] += 1

    with database.write() as session:
        event.listen(session.connection(), "before_cursor_execute", count)
        record_observations(session, ElementKind.DEVICE, seen, "snmp")
    return told["statements"]


def found(database: Database, actor: Actor) -> dict[str, tuple[object, object]]:
    with database.read() as session:
        rows = service.deviations(session, actor).items
    return {row.field: (row.intended, row.observed) for row in rows}


def test_a_difference_is_listed_with_source_and_age(database: Database, engineer: Actor) -> None:
    observe(database, engineer, {"serial": "OTHER"})
    with database.read() as session:
        (row,) = service.deviations(session, engineer).items
        assert service.get_device(session, engineer, "rtr-02").serial == "ABC123"
    assert (row.intended, row.observed, row.source, row.observed_at) == (
        "ABC123",
        "OTHER",
        "snmp",
        AT,
    )


@pytest.mark.parametrize(
    "facts",
    [{"serial": "ABC123"}, {"serial": None}, {"version": "15.2"}, {"primary_ip4": "10.9.9.9"}],
    ids=["as intended", "not found", "nothing to intend", "nothing intended"],
)
def test_what_is_equal_or_unknown_on_one_side_is_no_deviation(
    database: Database, engineer: Actor, facts: Mapping[str, object]
) -> None:
    observe(database, engineer, facts)
    assert found(database, engineer) == {}


def test_what_nobody_wrote_down_is_proposed_and_accepting_writes_it(
    database: Database, engineer: Actor
) -> None:
    facts = {
        "device_type": "Cisco/C1111-8P",
        "software": "IOS XE/17.3.4",
        "primary_ip4": "10.9.9.9",
    }
    observe(database, engineer, facts)
    shown = inbox_of(database, engineer)
    assert {(row.kind, row.field) for row in shown} == {("unwritten", name) for name in facts}
    with database.write() as session:
        inbox.accept(session, engineer, {row.id: row.digest for row in shown})
    assert inbox_of(database, engineer) == []
    with database.read() as session:
        device = service.get_element(session, engineer, ElementKind.DEVICE, "rtr-02")
    assert {name: device.fields[name] for name in facts} == facts


def test_a_field_that_a_file_need_not_say_is_not_proposed(
    database: Database, engineer: Actor
) -> None:
    observe(database, engineer, {"sys_descr": "Cisco IOS Software", "asset_tag": "7"})
    assert inbox_of(database, engineer) == []


def test_another_type_or_release_than_intended_is_a_difference(
    database: Database, engineer: Actor
) -> None:
    observe(database, engineer, {"device_type": "Cisco/C1111-8P"}, "core-1")
    (row,) = inbox_of(database, engineer)
    assert (row.kind, row.field, row.intended) == ("field", "device_type", "FRRouting/lab-router")


def test_each_field_is_told_with_intent_observation_source_and_age(
    database: Database, engineer: Actor
) -> None:
    observe(database, engineer, {"serial": "OTHER", "platform": "cisco_ios", "software": None})
    with database.read() as session:
        rows = service.list_facts(session, engineer, ElementKind.DEVICE, "rtr-02")
    found = {row.field: row for row in rows}
    assert {name: found[name].verdict for name in ("serial", "platform", "software", "site")} == {
        "serial": "differs",
        "platform": "same",
        "software": "untold",
        "site": "unobserved",
    }
    serial = found["serial"]
    assert (serial.intended, serial.observed) == ("ABC123", "OTHER")
    assert (serial.source, serial.observed_at) == ("snmp", AT)
    assert not {"credentials", "ports", "host_keys"} & found.keys()


def test_many_elements_take_as_many_statements_as_one(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        rows = service.list_devices(session, engineer).items
    one = statements(database, {rows[0].id: {"serial": "X", "platform": "frr"}})
    all_of = statements(database, {row.id: {"serial": "Y", "platform": "frr"} for row in rows[1:]})
    changed = statements(database, {row.id: {"serial": "Z", "platform": "frr"} for row in rows[1:]})
    assert len(rows) > 3
    assert all_of == one
    assert changed <= one + 2


def test_a_later_observation_replaces_the_earlier(database: Database, engineer: Actor) -> None:
    observe(database, engineer, {"serial": "OTHER"})
    observe(database, engineer, {"serial": "ABC123"})
    assert found(database, engineer) == {}


def test_an_intent_that_follows_reality_closes_the_deviation(
    database: Database, engineer: Actor, load: Callable[[str], ImportPlan]
) -> None:
    observe(database, engineer, {"serial": "OTHER"})
    load(PROVINCE.replace("ABC123", "OTHER"))
    assert found(database, engineer) == {}


def test_hostile_text_is_kept_as_data_and_cut(database: Database, engineer: Actor) -> None:
    observe(database, engineer, {"serial": "{{ lookup('pipe', 'id') }}\x00" + "x" * 9000})
    ((_, observed),) = found(database, engineer).values()
    assert str(observed).startswith("{{ lookup")
    assert len(str(observed)) == 4096


def test_another_commune_does_not_see_it(database: Database, engineer: Actor) -> None:
    observe(database, engineer, {"serial": "OTHER"})
    assert found(database, Actor(9, "x", frozenset({Role.VIEWER}), frozenset())) == {}


def test_an_unknown_element_is_refused(database: Database) -> None:
    with database.write() as session, pytest.raises(NotFoundError):
        service.record_observation(session, ElementKind.DEVICE, 999, {"serial": "a"}, "snmp")
