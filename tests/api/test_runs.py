"""A playbook's parameters are typed at the API's door, and all that is wrong is told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.guard import LANGUAGE_COOKIE
from hatang import clock
from playbooks import runs
from playbooks.models import PlaybookEvent
from tests.api import province
from tests.api.browsing import signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

DEVICE = "srv-portal"


def test_the_catalogue_tells_types(client: TestClient, people: People) -> None:
    found = client.get("/api/v1/playbooks", headers=people.engineer.headers).json()
    (time,) = [each for each in found if each["name"] == "server-time"]
    servers = time["parameters"]["chrony_servers"]
    assert (servers["type"], servers["many"], servers["required"]) == ("host", True, True)
    assert set(servers["description"]) == {"en", "vi"}


def test_wrong_parameters_are_told_with_wrong_devices(client: TestClient, people: People) -> None:
    body = {
        "playbook": "server-logging",
        "devices": ["no-such-device"],
        "parameters": {"rsyslog_port": 0, "colour": "red"},
    }
    answer = client.post("/api/v1/runs", json=body, headers=people.engineer.headers)
    assert answer.status_code == 422
    told = {one["field"] for one in answer.json()["problems"]}
    assert told == {"colour", "rsyslog_relay", "rsyslog_port", "devices"}


def test_a_credential_that_is_not_there_is_refused(client: TestClient, people: People) -> None:
    body = {
        "playbook": "server-snmp",
        "devices": [DEVICE],
        "parameters": {"snmpd_credential": "nobody"},
    }
    answer = client.post("/api/v1/runs", json=body, headers=people.engineer.headers)
    assert [one["field"] for one in answer.json()["problems"]] == ["snmpd_credential"]


def test_right_parameters_are_part_of_what_is_approved(client: TestClient, people: People) -> None:
    digests = set()
    for server in ("10.1.0.5", "10.1.0.6"):
        body = {
            "playbook": "server-time",
            "devices": [DEVICE],
            "parameters": {"chrony_servers": [server]},
            "check_mode": False,
        }
        headers = people.engineer.headers
        made = client.post("/api/v1/runs", json=body, headers=headers)
        assert made.status_code == 202, made.text
        run = client.get(f"/api/v1/runs/{made.json()['id']}", headers=headers).json()
        assert run["parameters"] == {"chrony_servers": [server]}
        digests.add(run["plan_sha256"])
        retried = client.post(f"/api/v1/runs/{run['id']}/retry", headers=headers)
        assert (retried.status_code, retried.json()["code"]) == (409, "conflict")
    assert len(digests) == 2


EVENTS = (
    ("refused", "srv-portal: playbooks need a login with a private key"),
    ("refused", "srv-portal: playbooks speak no SSH with SHA-1 to network devices"),
    ("runner_on_failed", "<b>tệp hỏng</b>"),
)


def test_why_a_run_did_not_begin_or_failed_stands_on_its_page(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    engineer = province.actor_of(sqlite_database, people.engineer)
    with sqlite_database.write() as session:
        number = runs.request(session, engineer, "login-banner", [DEVICE], check_mode=False)
        for place, (kind, message) in enumerate(EVENTS, 1):
            event = {"run_id": number, "sequence": place, "kind": kind, "device": "", "task": ""}
            session.add(PlaybookEvent(**event, detail={"message": message}, at=clock.now()))
    page, _ = signed_in(app, sqlite_database, people.engineer)
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    shown = page.get(f"/runs/{number}").text
    for told in ("có khóa riêng", "không dùng SSH với SHA-1", "&lt;b&gt;tệp hỏng&lt;/b&gt;"):
        assert told in shown
