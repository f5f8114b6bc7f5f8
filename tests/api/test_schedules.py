"""Schedules on pages and over the API: asked for by one, approved by another, held, told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from api.guard import LANGUAGE_COOKIE
from hatang import clock
from playbooks import schedules
from playbooks.choices import OccurrenceState, ScheduleState
from playbooks.models import PlaybookSchedule, ScheduleOccurrence
from playbooks.schedules import binding
from tests.api.browsing import OWN, signed_in
from tests.playbooks.records import SYSTEM

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow
API = "/api/v1/schedules"


def day(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def body(**changes: Any) -> dict[str, Any]:
    rule = {
        "frequency": "weekly",
        "begin": "02:00",
        "minutes": 60,
        "first": day(0),
        "until": day(60),
        "weekdays": [6],
    }
    wanted = {
        "playbook": "server-time",
        "targets": {"names": ["srv-portal"]},
        "rule": rule,
        "reason": "each week",
        "parameters": {"chrony_servers": ["10.1.0.5"]},
    }
    return wanted | changes


def propose(client: TestClient, people: People) -> dict[str, Any]:
    made = client.post(API, json=body(), headers=people.engineer.headers)
    assert made.status_code == 201, made.text
    shown = client.get(f"{API}/{made.json()['id']}", headers=people.engineer.headers)
    found: dict[str, Any] = shown.json()
    return found


def test_one_asks_another_approves_and_it_is_held_and_ended(
    client: TestClient, people: People
) -> None:
    asked = propose(client, people)
    assert (asked["state"], asked["next_at"]) == ("proposed", None)
    here, decision = f"{API}/{asked['id']}", {"plan_sha256": asked["plan_sha256"], "comment": "ok"}
    own = client.post(f"{here}/approve", json=decision, headers=people.engineer.headers)
    assert own.status_code in {403, 404}
    other = client.post(f"{here}/approve", json=decision, headers=people.approver.headers)
    assert other.status_code == 204, other.text
    found = client.get(here, headers=people.auditor.headers).json()
    assert (found["state"], found["approver"]) == ("standing", "giang")
    assert found["next_at"] is not None
    because = {"reason": "inspection"}
    headers = people.engineer.headers
    assert client.post(f"{here}/pause", json=because, headers=headers).status_code == 204
    assert client.post(f"{here}/resume", headers=headers).json() == {"state": "standing"}
    assert client.post(f"{here}/end", json=because, headers=headers).status_code == 204
    (listed,) = client.get(f"{API}?state=ended", headers=headers).json()["items"]
    assert (listed["state"], listed["state_reason"]) == ("ended", "inspection")
    assert client.get(f"{here}/occurrences", headers=headers).json()["items"] == []


def test_who_reaches_another_part_of_the_province_finds_none(
    client: TestClient, people: People
) -> None:
    asked = propose(client, people)
    headers = people.outsider.headers
    assert client.get(f"{API}/{asked['id']}", headers=headers).status_code == 404
    assert client.get(API, headers=headers).json()["items"] == []


def test_all_that_is_wrong_with_the_timing_is_told_at_once(
    client: TestClient, people: People
) -> None:
    wrong = body(timezone="Asia/Ho_Chi_Minh", reason=" ")
    wrong["rule"] |= {"weekdays": [], "until": day(-3)}
    answer = client.post(API, json=wrong, headers=people.engineer.headers)
    assert answer.status_code == 422
    told = [one["field"] for one in answer.json()["problems"]]
    assert told == ["until", "weekdays", "reason"]


FORM = {
    "playbook": "server-time",
    "devices": "srv-portal",
    "reason": "mỗi tuần",
    "frequency": "weekly",
    "weekdays": "6",
    "begin": "02:00",
    "minutes": "60",
    "first": day(0),
    "until": day(60),
    "parameters": "chrony_servers",
    "values": "10.1.0.5, 10.1.0.6",
}


def only(database: Database) -> schedules.ScheduleRow:
    with database.read() as session:
        (row,) = schedules.list_schedules(session, SYSTEM).items
    return row


def test_a_form_proposes_what_another_approves_with_a_reason(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.engineer, second_factor=True)
    answer = page.post("/schedules", data=FORM | {"csrf": csrf}, headers=OWN)
    assert answer.status_code == 303, answer.text
    row = only(sqlite_database)
    assert row.parameters == {"chrony_servers": ["10.1.0.5", "10.1.0.6"]}
    assert row.recurrence["weekdays"] == [6]
    page, csrf = signed_in(app, sqlite_database, people.approver, second_factor=True)
    assert "/approve" in page.get(f"/schedules/{row.id}").text
    given = {"sha256": row.plan_sha256, "comment": "đã thống nhất", "csrf": csrf}
    page.post(f"/schedules/{row.id}/approve", data=given, headers=OWN)
    approved = only(sqlite_database)
    assert (approved.state, approved.approval_comment) == ("standing", "đã thống nhất")


def test_why_it_stopped_and_what_was_missed_is_told_in_vietnamese(
    app: FastAPI, sqlite_database: Database, people: People, client: TestClient
) -> None:
    asked = propose(client, people)
    with sqlite_database.write() as session:
        row = session.get_one(PlaybookSchedule, asked["id"])
        row.state, row.state_reason = ScheduleState.PAUSED, binding.CHANGED[binding.Part.PLAYBOOK]
        session.add(
            ScheduleOccurrence(
                schedule_id=row.id,
                occurs_at=clock.now(),
                closes_at=clock.now(),
                state=OccurrenceState.SKIPPED,
                reason="run 7 of the time before was not over",
            )
        )
    page, _csrf = signed_in(app, sqlite_database, people.engineer)
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    for address in ("/schedules", f"/schedules/{asked['id']}"):
        assert "nội dung kịch bản" in page.get(address).text
    assert "lượt chạy 7 của lần trước chưa xong" in page.get(f"/schedules/{asked['id']}").text
