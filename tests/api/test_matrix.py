"""Who may change what: every writing route of the app, every role, the whole province or elsewhere.

The routes and their bodies come from the app itself: one that is new is missing here until it is
said what it needs. Denied is 403, or 404 where the thing does not exist for whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from api.app import REST
from hatang.audit import AuditEntry
from hatang.auth import Permission, Role
from hatang.auth.roles import permissions_of
from hatang.db import Base
from inventory.models import Unit
from tests.api import province
from tests.api.forms import body, filled
from tests.api.test_access import SERIES

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.province import Person

_P = Permission
NEEDS: Final[dict[Permission, tuple[str, ...]]] = {
    _P.INVENTORY_WRITE: (
        "POST /reorganisations/plan",
        "POST /reorganisations",
        "POST /reorganisations/{number}/withdraw",
        "POST /reorganisations/{number}/apply",
        "POST /inbox/accept",
        "POST /inbox/ignore",
        "POST /discovery/runs",
        "POST /discovery/runs/{number}/stop",
        "POST /devices/{name}/host-keys/scan",
        "POST /devices/{name}/host-keys",
        "POST /devices/{name}/host-keys/withdraw",
        "POST /imports/plan",
        "POST /imports",
        "POST /imports/{number}/undo",
        "POST /drift/runs",
        "POST /drift/intended",
        "DELETE /drift/intended/{name}",
    ),
    _P.CREDENTIAL_WRITE: (
        "POST /credentials",
        "POST /credentials/{name}/rotate",
        "DELETE /credentials/{name}",
    ),
    _P.INCIDENT_ACKNOWLEDGE: (
        "POST /incidents/{number}/acknowledge",
        "POST /incidents/{number}/take-over",
        "POST /incidents/{number}/release",
        "POST /incidents/{number}/tickets",
        "POST /incidents/{number}/close",
        "POST /incidents/{number}/notes",
        "POST /handovers",
    ),
    _P.MAINTENANCE_WRITE: (
        "POST /maintenances",
        "POST /maintenances/plan",
        "POST /maintenances/{number}/end",
        "POST /maintenances/notice",
        "POST /maintenances/series",
        "POST /maintenances/series/plan",
        "POST /maintenances/series/{number}/end",
    ),
    _P.CHANGE_REQUEST: (
        "POST /inbox/{number}/fix",
        "POST /changes",
        "POST /changes/preview",
        "POST /changes/{number}/plan",
        "POST /changes/{number}/submit",
        "POST /changes/{number}/evidence",
        "POST /changes/{number}/cancel",
        "POST /standard-changes",
        "DELETE /standard-changes/{name}",
        "POST /freezes",
        "DELETE /freezes/{number}",
        "POST /runs/{number}/cancel",
    ),
    _P.CHANGE_APPROVE: (
        "POST /reorganisations/{number}/approve",
        "POST /reorganisations/{number}/reject",
        "POST /changes/{number}/approve",
        "POST /changes/{number}/reject",
        "POST /changes/{number}/review",
        "POST /standard-changes/{name}/approve",
        "POST /standard-changes/{name}/reject",
        "POST /runs/{number}/approve",
        "POST /runs/{number}/reject",
        "POST /schedules/{number}/approve",
        "POST /schedules/{number}/reject",
    ),
    _P.CHANGE_EXECUTE: (
        "POST /changes/{number}/execute",
        "POST /changes/{number}/pause",
        "POST /changes/{number}/resume",
        "POST /changes/{number}/retry",
        "POST /changes/{number}/roll-back",
        "POST /runs",
        "POST /runs/{number}/start",
        "POST /runs/{number}/retry",
        "POST /schedules",
        "POST /schedules/{number}/pause",
        "POST /schedules/{number}/resume",
        "POST /schedules/{number}/end",
    ),
    _P.CHANGE_BREAK_GLASS: ("POST /changes/{number}/break-glass",),
    _P.VAULT_READ: ("POST /commands", "POST /audits", "POST /devices/{name}/scans"),
    _P.AUDIT_READ: ("POST /audits/self",),
    _P.WAIVER_REQUEST: ("POST /waivers", "POST /answers"),
    _P.WAIVER_APPROVE: (
        "POST /waivers/{number}/decision",
        "POST /answers/{number}/decision",
        "POST /findings/reviews",
    ),
    _P.CONFERENCE_SCHEDULE: (
        "PUT /meetings/{uid:path}",
        "POST /meetings:import",
        "POST /bridges/{code}/ingest-token",
    ),
    _P.CONFERENCE_OPERATE: (
        "POST /meetings/{uid:path}/readiness",
        "PUT /meetings/{uid:path}/points/{room}/waivers/{check}",
        "DELETE /meetings/{uid:path}/points/{room}/waivers/{check}",
        "PUT /aliases",
        "DELETE /aliases",
        "POST /aliases:import",
    ),
    _P.CONFERENCE_READ: ("POST /whatif",),
}
BY_OWN_TOKEN: Final = {"POST /ingest/{bridge}/{kind}"}
"""A bridge's own token opens it, and no person's."""
ONLY_READ: Final = {"POST /audits", "POST /audits/self", "POST /commands", "POST /whatif"}
"""They read devices or texts and judge them: an auditor may."""
GIVEN: Final[dict[str, Any]] = {
    "POST /maintenances/series": SERIES,
    "POST /maintenances/series/plan": SERIES,
    "POST /changes": {"title": "x", "texts": {"hub-1": "x"}},
    "POST /changes/preview": {"title": "x", "texts": {"hub-1": "x"}},
}
DENIED: Final = {401, 403, 404, 422}
KEPT_BY_ASKING: Final = {"audit_entry", "api_token", "blob", "job_run"}
"""What any request writes: that it was made; and that the worker is to judge hatang."""


def routes() -> dict[str, str]:
    """Return the path below /api/v1 of every route that writes, by method and template."""
    return {
        f"{method} {route.path}": filled(route.path)
        for router in REST
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if method != "GET"
    }


def needed() -> dict[str, Permission]:
    return {route: permission for permission, of in NEEDS.items() for route in of}


def bodies(app: FastAPI) -> dict[str, Any]:
    """Return a body for each route that takes JSON, made from the app's own description."""
    described, found = app.openapi(), {}
    for name in routes():
        method, _, path = name.partition(" ")
        operation = described["paths"]["/api/v1" + path.replace(":path}", "}")][method.lower()]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            found[name] = body(content["application/json"]["schema"], described)
    return found | GIVEN


def standing(database: Database, role: Role, scope_id: int | None = None) -> Person:
    with database.write() as session:
        name = f"m-{role.value.replace('_', '-')}-{scope_id or 'all'}"
        return province.person(session, name, role, scope_id=scope_id)


def answers(client: TestClient, app: FastAPI, person: Person) -> dict[str, int]:
    """Return how each writing route answers a person, in the app's order."""
    given = bodies(app)
    return {
        name: client.request(
            name.partition(" ")[0],
            f"/api/v1{path}",
            json=given.get(name),
            headers=person.headers,
        ).status_code
        for name, path in routes().items()
    }


def misfits(role: Role, found: dict[str, int]) -> dict[str, int]:
    """Return the answers that do not fit what the role carries."""
    carried = permissions_of(frozenset({role}))
    wrong = {}
    for name, status in found.items():
        may = needed().get(name) in carried
        if (may and status == 403) or (not may and status not in DENIED):
            wrong[name] = status
    return wrong


def test_every_writing_route_says_what_it_needs() -> None:
    assert set(routes()) == set(needed()) | BY_OWN_TOKEN


def contents(database: Database) -> dict[str, list[Any]]:
    with database.read() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table))]
            for name, table in Base.metadata.tables.items()
            if name not in KEPT_BY_ASKING
        }


@pytest.mark.slow
def test_an_auditor_changes_nothing_by_any_route_and_each_try_is_logged(
    client: TestClient, app: FastAPI, sqlite_database: Database
) -> None:
    person = standing(sqlite_database, Role.AUDITOR)
    before = contents(sqlite_database)
    found = answers(client, app, person)
    assert misfits(Role.AUDITOR, found) == {}
    assert {name for name, status in found.items() if status < 300} <= ONLY_READ
    assert contents(sqlite_database) == before
    with sqlite_database.read() as session:
        logged = session.scalars(
            select(AuditEntry.action).where(
                AuditEntry.actor == person.name, AuditEntry.outcome == "denied"
            )
        ).all()
    assert len(logged) >= sum(1 for status in found.values() if status == 403)


@pytest.mark.soak
@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_let_in_where_it_carries_what_is_needed_and_nowhere_else(
    role: Role, client: TestClient, app: FastAPI, sqlite_database: Database
) -> None:
    assert misfits(role, answers(client, app, standing(sqlite_database, role))) == {}


@pytest.mark.slow
def test_a_role_that_would_carry_more_is_noticed(
    client: TestClient, app: FastAPI, sqlite_database: Database
) -> None:
    found = answers(client, app, standing(sqlite_database, Role.OPERATOR))
    assert misfits(Role.AUDITOR, found) != {}


@pytest.mark.soak
@pytest.mark.parametrize("role", list(Role))
def test_nobody_changes_what_lies_in_another_region(
    role: Role, client: TestClient, app: FastAPI, sqlite_database: Database
) -> None:
    """All that is named stands at hub-1 or is the whole province's; the person is of hub-2."""
    with sqlite_database.read() as session:
        near = session.scalars(select(Unit.scope_id).where(Unit.code == "kv-song-huong")).one()
    person = standing(sqlite_database, role, near)
    before = contents(sqlite_database)
    answers(client, app, person)
    assert contents(sqlite_database) == before


def test_no_route_writes_a_pack_and_no_operator_sets_a_parameter() -> None:
    assert not [name for name in routes() if "pack" in name or "override" in name]
    assert Permission.BASELINE_WRITE not in permissions_of(frozenset({Role.OPERATOR}))
