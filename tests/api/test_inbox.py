"""Over HTTP the inbox is read, decided and asked to look again, by those who may."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

import inventory.discovery.jobs  # noqa: F401 - the worker's job is asked for by its name
from hatang import clock
from hatang.jobs.models import JobRun
from inventory import service
from inventory.choices import ElementKind
from inventory.models import Device

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People


@pytest.fixture
def number(client: TestClient, people: People, sqlite_database: Database) -> int:
    """A difference of hub-1: another serial number than intended."""
    with sqlite_database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        device.serial = "INTENDED"
        facts = {"serial": "OBSERVED"}
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")
    rows = client.get("/api/v1/inbox", headers=people.engineer.headers).json()["items"]
    assert [(row["intended"], row["observed"]) for row in rows] == [("INTENDED", "OBSERVED")]
    return int(rows[0]["id"])


def test_accepting_writes_what_was_observed(
    client: TestClient, people: People, sqlite_database: Database, number: int
) -> None:
    body = {"ids": [number]}
    answer = client.post("/api/v1/inbox/accept", json=body, headers=people.engineer.headers)
    assert answer.json() == {"count": 1}, answer.text
    with sqlite_database.read() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        assert device.serial == "OBSERVED"
    again = client.post("/api/v1/inbox/accept", json=body, headers=people.engineer.headers)
    assert again.status_code in {404, 409}


@pytest.mark.slow
def test_an_ignored_difference_is_listed_with_its_day_and_reason(
    client: TestClient, people: People, number: int
) -> None:
    until = (clock.now().date() + timedelta(days=9)).isoformat()
    body = {"ids": [number], "until": until, "reason": "chờ nhà thầu"}
    answer = client.post("/api/v1/inbox/ignore", json=body, headers=people.engineer.headers)
    assert answer.status_code == 200, answer.text
    row = client.get(f"/api/v1/inbox/{number}", headers=people.engineer.headers).json()
    assert (row["state"], row["until"], row["reason"]) == ("ignored", until, "chờ nhà thầu")


def test_a_difference_outside_the_scope_does_not_exist(
    client: TestClient, people: People, number: int
) -> None:
    answer = client.get(f"/api/v1/inbox/{number}", headers=people.colleague.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_run_is_queued_for_the_worker_and_can_be_stopped(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    headers, body = people.engineer.headers, {"seeds": ["10.250.0.1"]}
    run = client.post("/api/v1/discovery/runs", json=body, headers=headers)
    assert (run.status_code, run.json()["state"]) == (202, "running"), run.text
    with sqlite_database.read() as session:
        (job,) = session.scalars(select(JobRun).where(JobRun.name == "inventory.discover"))
        assert job.args == {"run": run.json()["id"]}
    path = f"/api/v1/discovery/runs/{run.json()['id']}"
    assert client.post(f"{path}/stop", headers=headers).status_code == 204
    assert client.get(path, headers=headers).json()["state"] == "cancelled"


def test_an_order_that_is_wrong_is_told_whole(client: TestClient, people: People) -> None:
    body = {"seeds": ["name"], "prefixes": ["10.0.0.0/8"]}
    answer = client.post("/api/v1/discovery/runs", json=body, headers=people.engineer.headers)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["problems"]] == ["seed", "prefix"]
