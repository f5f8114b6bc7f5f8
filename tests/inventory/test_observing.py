"""Observation stands beside intent and never over it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hatang import clock
from hatang.auth import Actor, Role
from hatang.errors import NotFoundError
from inventory import service
from inventory.choices import ElementKind
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hatang.db import Database
    from inventory.planning import ImportPlan

pytestmark = pytest.mark.usefixtures("province")
AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def observe(database: Database, actor: Actor, facts: Mapping[str, object]) -> None:
    with database.write() as session, clock.frozen(AT):
        device = service.get_device(session, actor, "rtr-02")
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")


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
