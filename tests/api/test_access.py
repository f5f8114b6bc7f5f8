"""Who may do what through the doors, and what the others are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang.audit import AuditEntry
from tests.api import province

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

MEETING = {
    "title": "x",
    "starts_at": "2030-01-01T00:00:00Z",
    "ends_at": "2030-01-01T01:00:00Z",
    "bridge": "mcu-1",
    "points": [],
}
WORK = {
    "elements": ["hub-2"],
    "starts_at": "2030-01-01T00:00:00Z",
    "ends_at": "2030-01-01T01:00:00Z",
    "reason": "x",
}
SERIES = {
    "elements": ["hub-1"],
    "reason": "x",
    "rule": {
        "frequency": "weekly",
        "begin": "22:00",
        "minutes": 60,
        "first": "2099-01-01",
        "until": "2099-01-31",
        "weekdays": [5],
    },
}
READING = (
    "/api/v1/network/status",
    "/api/v1/units",
    "/api/v1/units/as-of/2025-07-01",
    "/api/v1/units/found?text=xa",
    "/api/v1/sites",
    "/api/v1/sites/as-of/2025-07-01",
    "/api/v1/sites/status",
    "/api/v1/sites/hub-2/status",
    "/api/v1/devices",
    "/api/v1/devices/hub-2",
    "/api/v1/devices/hub-2/interfaces",
    "/api/v1/devices/hub-2/status",
    "/api/v1/links",
    "/api/v1/circuits",
    "/api/v1/services",
    "/api/v1/deviations",
    "/api/v1/ansible/inventory",
    "/api/v1/ansible/hosts/hub-1",
    "/api/v1/inbox",
    "/api/v1/discovery/runs",
    "/api/v1/incidents",
    "/api/v1/handovers",
    "/api/v1/handovers/draft",
    "/api/v1/maintenances",
    "/api/v1/changes",
    "/api/v1/playbooks",
    "/api/v1/runs",
    "/api/v1/findings",
    "/api/v1/cases",
    "/api/v1/waivers",
    "/api/v1/audits/score",
    "/api/v1/bridges",
    "/api/v1/meetings",
)
DECIDED = {"digests": {"1": "0" * 16}, "until": "2030-01-01", "reason": "x"}
SPECIAL: tuple[tuple[str, str, object], ...] = (
    ("GET", "/api/v1/vault/hub-1", None),
    ("GET", "/api/v1/audit-log", None),
    ("GET", "/api/v1/audit-log/verify", None),
    ("GET", "/api/v1/sd/prometheus", None),
    ("GET", "/metrics", None),
    ("POST", "/api/v1/incidents/1/acknowledge", {}),
    ("POST", "/api/v1/incidents/1/notes", {"note": "x"}),
    ("POST", "/api/v1/incidents/1/close", {"reason": "x"}),
    ("POST", "/api/v1/incidents/1/take-over", {}),
    ("POST", "/api/v1/incidents/1/release", {"reason": "x"}),
    ("POST", "/api/v1/incidents/1/tickets", {"party": "VNPT", "number": "1"}),
    ("POST", "/api/v1/handovers", {"receiver": "x"}),
    ("POST", "/api/v1/maintenances/notice", {"text": "x"}),
    ("POST", "/api/v1/maintenances/series", SERIES),
    ("POST", "/api/v1/maintenances/series/plan", SERIES),
    ("POST", "/api/v1/maintenances/series/1/end", None),
    ("POST", "/api/v1/maintenances", WORK),
    ("POST", "/api/v1/maintenances/plan", WORK),
    ("POST", "/api/v1/maintenances/1/end", None),
    ("POST", "/api/v1/changes", {"title": "x", "texts": {"hub-1": "x"}}),
    ("POST", "/api/v1/runs", {"playbook": "login-banner", "devices": ["srv-portal"]}),
    ("POST", "/api/v1/runs/1/retry", None),
    ("POST", "/api/v1/commands", {"command": "show version", "devices": ["hub-1"]}),
    ("POST", "/api/v1/inbox/accept", {"digests": {"1": "0" * 16}}),
    ("POST", "/api/v1/inbox/ignore", DECIDED),
    ("POST", "/api/v1/inbox/1/fix", {"digest": "0" * 16, "reason": "x"}),
    ("POST", "/api/v1/discovery/runs", {"seeds": ["10.1.1.1"]}),
    ("POST", "/api/v1/discovery/runs/1/stop", None),
    ("PUT", "/api/v1/meetings/x", MEETING),
    ("POST", "/alertmanager/api/v2/alerts", []),
    ("POST", "/alertmanager/api/v2/silences", {}),
)
OUTSIDE = (
    "/api/v1/devices/hub-2",
    "/api/v1/devices/hub-2/status",
    "/api/v1/devices/hub-2/interfaces",
    "/api/v1/sites/hub-2/status",
    "/api/v1/services/portal/status",
    "/api/v1/meetings/x/readiness",
    "/api/v1/changes/1",
    "/api/v1/runs/1",
    "/api/v1/incidents/1",
    "/api/v1/incidents/1/calls",
    "/api/v1/incidents/1/timeline",
    "/api/v1/maintenances/1",
    "/api/v1/maintenances/series/1",
    "/api/v1/jobs/none",
)


def test_nobody_unknown_reads(client: TestClient) -> None:
    for path in (*READING, *(path for method, path, _ in SPECIAL if method == "GET")):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_operator_reads_everything(client: TestClient, people: People) -> None:
    for path in READING:
        answer = client.get(path, headers=people.operator.headers)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert answer.headers["cache-control"] == "no-store"


def test_a_viewer_is_denied_what_needs_more(client: TestClient, people: People) -> None:
    for method, path, body in SPECIAL:
        answer = client.request(method, path, json=body, headers=people.outsider.headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "denied"), path


def test_what_lies_outside_the_scope_does_not_exist(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        province.outage(session)
    for path in OUTSIDE:
        answer = client.get(path, headers=people.outsider.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


def test_a_colleague_sees_his_part_and_counts_only_that(client: TestClient, people: People) -> None:
    mine = client.get("/api/v1/devices", headers=people.colleague.headers).json()
    assert mine["total"] == 6
    assert {item["site"] for item in mine["items"]} == {"hub-2", "xa-05", "xa-06", "xa-07", "xa-08"}
    status = client.get("/api/v1/network/status", headers=people.colleague.headers).json()
    assert status["devices"] == {"good": 1, "degraded": 0, "bad": 5, "unknown": 0}


def test_a_denied_attempt_is_in_the_audit_log(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    client.get("/api/v1/audit-log", headers=people.operator.headers)
    with sqlite_database.read() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "denied")).one()
    assert (row.actor, row.action) == ("an", "GET /api/v1/audit-log")


def test_unknown_people_are_counted_not_listed(
    client: TestClient, sqlite_database: Database
) -> None:
    for _ in range(20):
        client.get("/api/v1/units")
    with sqlite_database.read() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "denied")).all()
    assert len(rows) == 1


def test_a_forged_token_opens_nothing(client: TestClient, people: People) -> None:
    text = people.operator.token[:-3] + "abc"
    answer = client.get("/api/v1/units", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401
    assert text not in answer.text
