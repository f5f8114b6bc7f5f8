"""An incident's story: measurements, events and changes side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from alerts import service
from alerts.models import Incident
from alerts.service import Lane
from hatang import clock, gates
from hatang.auth import Actor, Role
from hatang.errors import NotFoundError
from hatang.gates import Hint
from tests.alerts import leased
from tests.alerts.leased import NOW, at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from alerts.service import Timeline
    from hatang.db import AnySession, Database


class Changed:
    """Says of every element that it was changed a quarter of an hour before the third."""

    def hints(
        self, session: AnySession, elements: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Hint]:
        return [Hint(elements[0], at(3, 0, 45), "new filter", "change", "/changes/9")]


@pytest.fixture(autouse=True)
def changed() -> Iterator[None]:
    gates.register(gates.CAUSE, Changed(), name="test")
    yield
    gates.clear()


@pytest.fixture
def october(sqlite_database: Database) -> Database:
    with clock.frozen(NOW), sqlite_database.write() as session:
        leased.load(session)
    return sqlite_database


def story(database: Database, number: int, limit: int = 500) -> Timeline:
    with clock.frozen(NOW), database.read() as session:
        return service.incident_timeline(session, leased.SYSTEM, number, limit=limit)


def test_a_story_runs_from_an_hour_before_the_fault_to_its_last_effects(october: Database) -> None:
    found = story(october, 1)
    assert (found.since, found.until) == (at(3), at(3, 7, 15))


def test_the_ends_of_a_broken_link_are_its_measurements(october: Database) -> None:
    found = [each for each in story(october, 1).moments if each.lane is Lane.MEASUREMENT]
    assert [(each.at, each.kind, each.text) for each in found] == [
        (at(3, 1), "bad", "oper_down"),
        (at(3, 7), "good", "oper_up"),
    ]
    assert found[0].detail == {"from": "good"}


def test_all_lanes_stand_in_one_order_of_time(october: Database) -> None:
    found = story(october, 1).moments
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert [each.lane for each in found] == [
        *(Lane.CHANGE, Lane.MEASUREMENT, Lane.EVENT, Lane.MEASUREMENT)
    ]
    assert (found[0].text, found[0].link) == ("new filter", "/changes/9")
    assert found[2].detail["number"] == "SR-99"


def test_announced_work_on_an_effect_is_told_as_a_change(october: Database) -> None:
    works = [each for each in story(october, 2).moments if each.kind == "maintenance"]
    assert [(each.at, each.text, each.lane) for each in works] == [
        (at(10, 0, 30), "cable", Lane.CHANGE)
    ]


def test_what_does_not_fit_is_counted(october: Database) -> None:
    found = story(october, 1, limit=1)
    assert found.left_out == 1
    assert len([each for each in found.moments if each.lane is Lane.MEASUREMENT]) == 1


def test_a_story_beyond_ones_reach_does_not_exist(october: Database) -> None:
    elsewhere = Actor(7, "chi", frozenset({Role.VIEWER}), frozenset({999}))
    with october.read() as session:
        assert session.scalars(select(Incident.id)).all() == [1, 2]
        with pytest.raises(NotFoundError):
            service.incident_timeline(session, elsewhere, 1)
