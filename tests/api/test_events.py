"""The event stream: replay after a gap, and nothing that the listener may not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from api import feed
from hatang import events
from monitors.repository import TOPIC as TRANSITION
from tests.api import province
from tests.api.serving import served

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People
    from tests.api.province import Person


def _topics(database: Database, someone: Person) -> list[str]:
    actor = province.actor_of(database, someone)
    with database.read() as session:
        told, _ = feed.after(session, actor, 0)
    return [one.topic for one in told]


def test_each_listener_hears_only_of_his_scope(sqlite_database: Database, people: People) -> None:
    with sqlite_database.write() as session:
        province.outage(session)
    assert _topics(sqlite_database, people.operator) == ["inventory.changed", "alerts.incident"]
    assert _topics(sqlite_database, people.colleague) == ["alerts.incident"]
    assert _topics(sqlite_database, people.outsider) == []


def test_a_topic_nobody_spoke_for_is_told_to_nobody(
    sqlite_database: Database, people: People
) -> None:
    with sqlite_database.write() as session:
        events.publish(session, "secret.topic", "x", {})
        events.publish(session, TRANSITION, "device:d", {"scope_id": None})
    topics = _topics(sqlite_database, people.operator)
    assert "secret.topic" not in topics
    assert TRANSITION in topics
    assert TRANSITION not in _topics(sqlite_database, people.colleague)


def test_events_of_things_that_are_gone_are_left_out(
    sqlite_database: Database, people: People
) -> None:
    with sqlite_database.write() as session:
        events.publish(session, "alerts.incident", "999", {})
        events.publish(session, "playbooks.change-finished", "change/999", {})
        events.publish(session, "conference.readiness", "meeting/none", {})
    assert _topics(sqlite_database, people.operator) == ["inventory.changed"]


def _read(address: str, someone: Person, last: str | None, count: int) -> list[dict[str, str]]:
    headers = {**someone.headers, **({"Last-Event-ID": last} if last else {})}
    found: list[dict[str, str]] = []
    one: dict[str, str] = {}
    url = f"{address}/api/v1/events"
    with httpx.stream("GET", url, headers=headers, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                one[name] = value
            elif one:
                found.append(one)
                one = {}
            if len(found) == count:
                return found
    return found


@pytest.mark.slow
def test_a_browser_that_comes_back_is_told_what_it_missed(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    with served(app) as address:
        (ready,) = _read(address, people.operator, None, 1)
        assert ready["event"] == "ready"
        with sqlite_database.write() as session:
            number = province.outage(session)
        again, missed = _read(address, people.operator, ready["id"], 2)
    assert (again["event"], missed["event"]) == ("ready", "alerts.incident")
    assert json.loads(missed["data"])["key"] == str(number)
    assert int(missed["id"]) > int(ready["id"])
