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

pytestmark = pytest.mark.slow


@pytest.fixture
def listed(client: TestClient, people: People, sqlite_database: Database) -> dict[str, str]:
    """A difference of hub-1, another serial number than intended: its number and its digest."""
    with sqlite_database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        device.serial = "INTENDED"
        facts = {"serial": "OBSERVED"}
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")
    rows = client.get("/api/v1/inbox", headers=people.engineer.headers).json()["items"]
    assert [(row["intended"], row["observed"]) for row in rows] == [("INTENDED", "OBSERVED")]
    return {str(row["id"]): row["digest"] for row in rows}


def test_accepting_writes_what_was_observed(
    client: TestClient, people: People, sqlite_database: Database, listed: dict[str, str]
) -> None:
    body = {"digests": listed}
    answer = client.post("/api/v1/inbox/accept", json=body, headers=people.engineer.headers)
    assert answer.json() == {"count": 1}, answer.text
    with sqlite_database.read() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        assert device.serial == "OBSERVED"
    again = client.post("/api/v1/inbox/accept", json=body, headers=people.engineer.headers)
    assert again.status_code in {404, 409}


@pytest.mark.parametrize("verb", ["accept", "ignore", "1/fix"])
def test_what_changed_since_it_was_listed_is_a_conflict(
    client: TestClient,
    people: People,
    sqlite_database: Database,
    listed: dict[str, str],
    verb: str,
) -> None:
    with sqlite_database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        facts = {"serial": "SWAPPED"}
        service.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")
    ((number, digest),) = listed.items()
    until = (clock.now() + timedelta(days=9)).date().isoformat()
    body = {
        "accept": {"digests": listed},
        "ignore": {"digests": listed, "until": until, "reason": "x"},
        "1/fix": {"digest": digest, "reason": "x"},
    }[verb]
    path = f"/api/v1/inbox/{verb.replace('1', number)}"
    answer = client.post(path, json=body, headers=people.engineer.headers)
    assert (answer.status_code, answer.json()["message"]) == (
        409,
        f"changed since they were shown: {number}",
    )


@pytest.mark.parametrize("body", [{"ids": [1]}, {"digests": {}}, {"digests": {"1": ""}}])
def test_nothing_is_accepted_without_what_was_shown(
    client: TestClient, people: People, body: object
) -> None:
    answer = client.post("/api/v1/inbox/accept", json=body, headers=people.engineer.headers)
    assert answer.status_code == 422


def test_an_ignored_difference_is_listed_with_its_day_and_reason(
    client: TestClient, people: People, listed: dict[str, str]
) -> None:
    until = (clock.now() + timedelta(days=9)).date().isoformat()
    body = {"digests": listed, "until": until, "reason": "chờ nhà thầu"}
    answer = client.post("/api/v1/inbox/ignore", json=body, headers=people.engineer.headers)
    assert answer.status_code == 200, answer.text
    row = client.get(f"/api/v1/inbox/{next(iter(listed))}", headers=people.engineer.headers).json()
    assert (row["state"], row["until"], row["reason"]) == ("ignored", until, "chờ nhà thầu")


def test_a_difference_outside_the_scope_does_not_exist(
    client: TestClient, people: People, listed: dict[str, str]
) -> None:
    answer = client.get(f"/api/v1/inbox/{next(iter(listed))}", headers=people.colleague.headers)
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
