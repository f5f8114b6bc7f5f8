"""What the REST doors answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from sqlalchemy import select

from alerts.models import Incident
from hatang import clock
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.models import Device
from monitors.models import ElementRow, HeartbeatRow, TransitionRow
from tests.api import province

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx import Response
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People


def test_network_status_tells_the_outage(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        number = province.outage(session)
    found = client.get("/api/v1/network/status", headers=people.operator.headers).json()
    assert (found["state"], found["incidents"], found["worst_incident"]) == ("bad", 1, number)
    assert found["devices"] == {"good": 17, "degraded": 1, "bad": 5, "unknown": 0}
    assert {"site": "hub-2", "name": "Điểm gom Khu vực Sông Hương"}.items() <= next(
        site for site in found["sites"] if site["site"] == "hub-2"
    ).items()


def test_a_silent_monitor_makes_everything_unknown_and_stale(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        session.get_one(HeartbeatRow, "monitor-0").at = clock.now() - timedelta(minutes=5)
    found = client.get("/api/v1/network/status", headers=people.operator.headers).json()
    assert found["is_stale"]
    assert found["devices"] == {"good": 0, "degraded": 0, "bad": 0, "unknown": 23}
    device = client.get("/api/v1/devices/hub-2/status", headers=people.operator.headers).json()
    assert (device["device"]["state"], device["device"]["last_state"]) == ("unknown", "bad")


def test_a_service_nobody_measured_is_unknown(client: TestClient, people: People) -> None:
    found = client.get("/api/v1/services/portal/status", headers=people.operator.headers).json()
    assert (found["status"]["state"], found["status"]["cause"]) == ("unknown", "never_measured")


def test_lists_come_in_pages_with_a_total(client: TestClient, people: People) -> None:
    query = "/api/v1/devices?limit=5&offset=20&sort=-name"
    page = client.get(query, headers=people.operator.headers).json()
    assert (page["total"], page["limit"], page["offset"], len(page["items"])) == (23, 5, 20, 3)
    assert client.get("/api/v1/devices?limit=0", headers=people.operator.headers).status_code == 422


def test_a_device_shows_no_credential(client: TestClient, people: People) -> None:
    answer = client.get("/api/v1/devices/core-1", headers=people.operator.headers)
    assert answer.json()["name"] == "core-1"
    assert "lab-snmp" not in answer.text


def test_a_device_is_told_with_each_field_intended_and_observed(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        device = session.scalars(select(Device).where(Device.name == "core-1")).one()
        facts = {"serial": "SEEN"}
        inventory.record_observation(session, ElementKind.DEVICE, device.id, facts, "snmp")
    answer = client.get("/api/v1/devices/core-1", headers=people.operator.headers).json()
    fields = {one["field"]: one for one in answer["fields"]}
    assert (fields["serial"]["observed"], fields["serial"]["source"]) == ("SEEN", "snmp")
    assert fields["serial"]["verdict"] == "unwritten"
    assert fields["site"]["verdict"] == "unobserved"
    assert "credentials" not in fields


def test_search_finds_marks_without_marks(client: TestClient, people: People) -> None:
    found = client.get("/api/v1/sites?search=song huong", headers=people.operator.headers).json()
    assert [item["slug"] for item in found["items"]] == ["hub-2"]


def test_every_problem_of_a_request_is_named(client: TestClient, people: People) -> None:
    body = {"title": "", "texts": {"nowhere": "x", "core-1": " "}, "revert_seconds": 5}
    answer = client.post("/api/v1/changes", json=body, headers=people.engineer.headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"
    fields = {problem["field"] for problem in answer.json()["problems"]}
    assert {"title", "revert_seconds", "texts.core-1", "devices"} <= fields
    assert all(problem["fix"] for problem in answer.json()["problems"])


def test_a_malformed_body_is_a_problem_not_a_traceback(client: TestClient, people: People) -> None:
    answer = client.post(
        "/api/v1/changes",
        content=b"{",
        headers={**people.engineer.headers, "Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    unknown = {"title": "x", "texts": {}, "what": 1}
    answer = client.post("/api/v1/changes", json=unknown, headers=people.engineer.headers)
    assert [problem["field"] for problem in answer.json()["problems"]] == ["what"]


def test_an_incident_is_taken_and_commented(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        number = province.outage(session)
    path = f"/api/v1/incidents/{number}"
    taken = client.post(f"{path}/acknowledge", json={"hours": 2}, headers=people.colleague.headers)
    assert (taken.status_code, taken.json()["actor"]) == (201, "binh")
    note = client.post(
        f"{path}/notes", json={"note": "gọi Viettel"}, headers=people.operator.headers
    )
    assert note.status_code == 204
    found = client.get(path, headers=people.operator.headers).json()
    assert found["incident"]["state"] == "acknowledged"
    assert [event["kind"] for event in found["events"]] == ["opened", "acknowledged", "note"]
    assert {effect["name"] for effect in found["effects"]} >= {"rtr-05", "xa-05"}


def test_an_incident_is_closed_only_where_nothing_measures_it_bad(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        number = province.outage(session)
    path = f"/api/v1/incidents/{number}/close"
    body = {"reason": "đã tháo"}
    assert client.post(path, json=body, headers=people.operator.headers).status_code == 409
    with sqlite_database.write() as session:
        incident = session.get_one(Incident, number)
        session.get_one(ElementRow, incident.element).state = "unknown"
    answer = client.post(path, json=body, headers=people.operator.headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "resolved")


def test_work_is_planned_announced_and_ended(client: TestClient, people: People) -> None:
    at = clock.now()
    body = {
        "elements": ["site:hub-2"],
        "starts_at": at.isoformat(),
        "ends_at": (at + timedelta(hours=2)).isoformat(),
        "reason": "thay nguồn",
    }
    path, headers = "/api/v1/maintenances", people.operator.headers
    plan = client.post(f"{path}/plan", json=body, headers=headers).json()
    assert client.get(path, headers=headers).json()["total"] == 0
    row = client.post(path, json=body, headers=headers).json()
    assert row["elements"] == plan["elements"] != []
    assert client.get(path, headers=headers).json()["total"] == 1
    ended = client.post(f"{path}/{row['id']}/end", headers=headers).json()
    assert ended["ends_at"] < row["ends_at"]
    long = {**body, "ends_at": (at + timedelta(days=31)).isoformat()}
    assert client.post(path, json=long, headers=headers).status_code == 422


def test_a_change_is_written_down_and_only_a_planned_one_is_submitted(
    client: TestClient, people: People
) -> None:
    body = {"title": "NTP", "reason": "mới", "texts": {"core-1": "ntp server 10.250.9.10"}}
    made = client.post("/api/v1/changes", json=body, headers=people.engineer.headers)
    assert made.status_code == 201
    path = f"/api/v1/changes/{made.json()['id']}"
    found = client.get(path, headers=people.approver.headers).json()
    assert (found["change"]["state"], found["change"]["requester"]) == ("draft", "dung")
    assert client.post(f"{path}/submit", headers=people.engineer.headers).status_code == 409
    assert client.post(f"{path}/execute", headers=people.engineer.headers).status_code == 409
    decision = {"plan_sha256": "0" * 64}
    answer = client.post(f"{path}/approve", json=decision, headers=people.approver.headers)
    assert answer.status_code == 409


def test_a_meeting_is_put_twice_and_stays_one(client: TestClient, people: People) -> None:
    body = {
        "title": "Giao ban",
        "starts_at": "2030-01-01T01:00:00Z",
        "ends_at": "2030-01-01T03:00:00Z",
        "bridge": "mcu-1",
        "points": [{"room": "room-01", "required": True}, {"room": "room-02"}],
    }
    for _ in range(2):
        answer = client.put("/api/v1/meetings/m1", json=body, headers=people.operator.headers)
        assert answer.status_code == 200, answer.text
    assert client.get("/api/v1/meetings", headers=people.operator.headers).json()["total"] == 1
    found = client.get("/api/v1/meetings/m1/readiness", headers=people.operator.headers).json()
    assert (found["verdict"], found["ready"], found["total"]) == ("unknown", 0, 2)


@pytest.mark.parametrize("uid", ["2030/01/giao-ban", "a b?c#d", "họp@tỉnh"])
def test_a_meeting_of_any_uid_is_reached(client: TestClient, people: People, uid: str) -> None:
    body = {
        "title": "Giao ban",
        "starts_at": "2030-01-01T01:00:00Z",
        "ends_at": "2030-01-01T03:00:00Z",
        "bridge": "mcu-1",
        "points": [{"room": "room-01"}],
    }
    path = f"/api/v1/meetings/{quote(uid, safe='')}"
    headers = people.operator.headers
    assert client.put(path, json=body, headers=headers).json()["uid"] == uid
    assert client.get(f"{path}/readiness", headers=headers).json()["uid"] == uid


def test_a_local_time_without_zone_is_refused(client: TestClient, people: People) -> None:
    body = {
        "title": "x",
        "starts_at": "2030-01-01T01:00:00",
        "ends_at": "2030-01-01T03:00:00",
        "bridge": "mcu-1",
        "points": [],
    }
    answer = client.put("/api/v1/meetings/m1", json=body, headers=people.operator.headers)
    assert answer.status_code == 422


def test_the_audit_log_is_read_and_whole(client: TestClient, people: People) -> None:
    page = client.get("/api/v1/audit-log?limit=2", headers=people.auditor.headers).json()
    assert page["total"] > 2
    assert len(page["items"]) == 2
    found = client.get("/api/v1/audit-log/verify", headers=people.auditor.headers).json()
    assert found == {"whole": True, "breaks": []}


def test_prometheus_is_told_where_the_monitor_is(client: TestClient, people: People) -> None:
    (target,) = client.get("/api/v1/sd/prometheus", headers=people.operator.headers).json()
    assert target["targets"] == ["127.0.0.1:9109"]
    assert target["labels"]["__metrics_path__"] == "/metrics/shard/0"


def test_the_process_says_that_its_monitor_is_away(client: TestClient, people: People) -> None:
    assert client.get("/healthz").text == "ok\n"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "ok"
    metrics = client.get("/metrics", headers=people.operator.headers)
    assert "hatang_operations_total" in metrics.text


def test_every_operation_is_described(app: FastAPI) -> None:
    described = app.openapi()
    operations = [op for path in described["paths"].values() for op in path.values()]
    assert len(operations) > 45
    assert all(op["tags"] and op["description"] for op in operations)
    names = [op["operationId"] for op in operations]
    assert len(names) == len(set(names))


def test_no_number_is_taken_that_a_database_cannot_hold(app: FastAPI) -> None:
    numbers = {
        (path, operation["operationId"]): parameter["schema"].get("maximum")
        for path, item in app.openapi()["paths"].items()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == "number"
    }
    assert numbers
    assert set(numbers.values()) == {2**31 - 1}


def test_the_network_is_told_as_it_stood_and_a_moment_beyond_what_is_kept_is_refused(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    now = clock.now()
    with sqlite_database.write() as session:
        hub = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        key = f"device:{hub.device_key}"
        for number, (ago, before, state) in enumerate(
            ((30, "unknown", "good"), (20, "good", "bad"), (10, "bad", "good"))
        ):
            row = TransitionRow(monitor="monitor-0", epoch="e", sequence=number, element=key)
            row.scope_id, row.from_state, row.to_state = hub.scope_id, before, state
            row.cause, row.at, row.evidence = "answered", now - timedelta(minutes=ago), {}
            session.add(row)
        session.get_one(ElementRow, key).since = now - timedelta(minutes=10)

    def asked(ago: int) -> Response:
        at = (now - timedelta(minutes=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
        address = f"/api/v1/network/status?at={at}"
        answer: Response = client.get(address, headers=people.operator.headers)
        return answer

    sites = {one["site"]: one["counts"] for one in asked(15).json()["sites"]}
    assert sites["hub-1"]["bad"] == 1
    later = asked(5).json()
    assert later["kept_since"].startswith(f"{now - timedelta(minutes=30):%Y-%m-%dT%H:%M}")
    assert "bad" not in {one["site"]: one["counts"] for one in later["sites"]}["hub-1"]
    refused = asked(60)
    assert refused.status_code == 422
    assert "since when changes of state are kept" in refused.json()["problems"][0]["message"]
