"""The night over REST: calls, tickets, owners, hand-over, series and notices."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from hatang import clock
from hatang.auth import Role
from inventory.models import Site
from tests.api import province
from tests.api.browsing import OWN, signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

INCIDENT = "/api/v1/incidents/1"
NOTICE = "Viettel: từ 23h00 ngày 02/12/2099 đến 04h00 ngày 03/12/2099 bảo trì kênh VTL-002."
RULE = {
    "frequency": "weekly",
    "begin": "22:00",
    "minutes": 60,
    "first": "2099-01-01",
    "until": "2099-01-31",
    "weekdays": [5],
}


@pytest.fixture
def outage(sqlite_database: Database) -> Database:
    with sqlite_database.write() as session:
        province.outage(session)
    return sqlite_database


def test_an_incident_tells_whom_to_call_and_keeps_what_they_said(
    client: TestClient, people: People, outage: Database
) -> None:
    headers = people.operator.headers
    calls = client.get(f"{INCIDENT}/calls", headers=headers).json()
    (line,) = calls["circuits"]
    assert (line["cid"], line["hotline"]) == ("VTL-002", "18008000")
    assert calls["site"]["slug"] == "hub-2"
    promised = (clock.now() + timedelta(hours=2)).isoformat()
    body = {"party": "Viettel", "number": "SC-0142", "promised_at": promised}
    assert client.post(f"{INCIDENT}/tickets", json=body, headers=headers).status_code == 201
    (ticket,) = client.get(INCIDENT, headers=headers).json()["tickets"]
    assert (ticket["number"], ticket["actor"]) == ("SC-0142", people.operator.name)
    lines = client.get(f"{INCIDENT}/timeline", headers=headers).json()["moments"]
    assert [one["kind"] for one in lines if one["lane"] == "event"] == ["opened", "ticket"]


def test_a_commune_reads_what_above_cuts_it_off_and_nothing_of_others(
    app: FastAPI, client: TestClient, outage: Database
) -> None:
    with outage.write() as session:
        site = session.scalars(select(Site).where(Site.slug == "xa-05")).one()
        someone = province.person(session, "xa05", Role.VIEWER, scope_id=site.scope_id)
    (one,) = client.get("/api/v1/incidents/above", headers=someone.headers).json()
    assert (one["name"], {each["name"] for each in one["hit"]}) == ("hub-2", {"xa-05", "rtr-05"})
    assert client.get(INCIDENT, headers=someone.headers).status_code == 404
    browser, _ = signed_in(app, outage, someone)
    for path in ("/", "/incidents", "/wall"):
        shown = browser.get(path).text
        assert "The cause lies above you" in shown
        assert "hub-2" in shown
        assert "xa-06" not in shown


def test_a_second_person_is_refused_until_he_says_that_he_takes_over(
    client: TestClient, people: People, outage: Database
) -> None:
    first, second = people.operator.headers, people.engineer.headers
    assert client.post(f"{INCIDENT}/acknowledge", json={}, headers=first).status_code == 201
    assert client.post(f"{INCIDENT}/acknowledge", json={}, headers=second).status_code == 409
    taken = client.post(f"{INCIDENT}/take-over", json={}, headers=second).json()
    assert taken["actor"] == people.engineer.name
    why = {"reason": "xong ca"}
    assert client.post(f"{INCIDENT}/release", json=why, headers=first).status_code == 409
    assert client.post(f"{INCIDENT}/release", json=why, headers=second).json()["state"] == "open"


def test_a_shift_is_drafted_handed_over_and_read_again(
    client: TestClient, people: People, outage: Database
) -> None:
    headers, path = people.operator.headers, "/api/v1/handovers"
    client.post(f"{INCIDENT}/acknowledge", json={}, headers=headers)
    draft = client.get(f"{path}/draft", headers=headers).json()
    assert [one["owner"] for one in draft["open"]] == [people.operator.name]
    body = {"receiver": people.engineer.name, "note": "xem lại lúc 2 giờ"}
    done = client.post(path, json=body, headers=headers).json()
    assert [one["owner"] for one in done["summary"]["open"]] == [people.engineer.name]
    assert client.get(f"{path}/{done['id']}", headers=people.auditor.headers).json() == done
    (row,) = client.get(path, headers=headers).json()
    assert (row["receiver"], row["note"]) == (people.engineer.name, "xem lại lúc 2 giờ")
    assert client.post(path, json={"receiver": "x"}, headers=headers).status_code == 422
    elsewhere = client.get(f"{path}/{done['id']}", headers=people.outsider.headers).json()
    assert elsewhere["summary"]["open"] == []


def test_a_notice_is_read_without_announcing_and_a_series_is_planned_then_ended(
    client: TestClient, people: People
) -> None:
    headers, path = people.operator.headers, "/api/v1/maintenances"
    found = client.post(f"{path}/notice", json={"text": NOTICE}, headers=headers).json()
    assert (found["party"], found["points"][0]["elements"]) == (
        "Viettel",
        ["circuit:VTL-002", "site:hub-2"],
    )
    body: dict[str, Any] = {"elements": ["rtr-01"], "reason": "vá lỗi", "rule": RULE}
    plan = client.post(f"{path}/series/plan", json=body, headers=headers).json()
    assert len(plan["windows"]) == 5
    assert client.get(path, headers=headers).json()["total"] == 0
    row = client.post(f"{path}/series", json=body, headers=headers).json()
    assert client.get(path, headers=headers).json()["total"] == 5
    over = client.post(f"{path}/series/{row['id']}/end", headers=headers).json()
    assert over["ended_at"]
    assert client.get(path, headers=headers).json()["total"] == 0
    endless = {**body, "rule": {**RULE, "weekdays": list(range(7)), "until": "2099-12-31"}}
    assert client.post(f"{path}/series", json=endless, headers=headers).status_code == 422


def test_a_form_with_an_impossible_time_writes_nothing(
    app: FastAPI, outage: Database, people: People
) -> None:
    page, csrf = signed_in(app, outage, people.operator)
    form = {"party": "VNPT", "ticket": "1", "promised_at": "soon", "csrf": csrf}
    assert page.post("/incidents/1/tickets", data=form, headers=OWN).status_code == 422
    work = {"text": NOTICE, "reason": "x", "points": ["hub-2"], "csrf": csrf}
    answer = page.post("/maintenances/notice/announce", data=work, headers=OWN)
    assert answer.status_code == 422
    headers = people.operator.headers
    assert page.get(INCIDENT, headers=headers).json()["tickets"] == []
    assert page.get("/api/v1/maintenances", headers=headers).json()["total"] == 0
