"""Every form of every page, sent by an auditor: refused, unless it only reads or is his own.

The forms and their fields come from the app itself, so that a new one is tried too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api.app import WEB
from hatang.auth import Role
from tests.api import province
from tests.api.browsing import OWN, signed_in
from tests.api.forms import PLACES, body
from tests.api.test_matrix import contents

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database

pytestmark = pytest.mark.slow

OWN_ACCOUNT: Final = {
    "/login",
    "/logout",
    "/password",
    "/second-factor",
    "/second-factor/confirm",
}
"""Whoever has an account does these with it."""
ONLY_READ: Final = {"/findings/audit", "/whatif"}
"""They judge what is there, and change none of it."""
ASKS_A_BRIDGE: Final = {"/bridges/{code}/ask"}
"""A look at a bridge as `GET /conference/bridges/{code}/status` is one; nothing answers here."""
TICKED: Final = {"ids": f"1:{'0' * 64}", "until": "2099-01-01"}
"""What the inbox's forms take beside their own fields."""
REFUSED: Final = {401, 403, 404, 422}
OF_PAGES: Final = {"question": "POL-01", "subject:path": "owner"}
KEPT_BY_SIGNING_IN: Final = {"auth_session"}
"""When a session was seen last."""


def forms() -> dict[str, APIRoute]:
    """Return every route of the pages that takes a form, by its template."""
    return {
        route.path: route
        for router in WEB
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }


def place(path: str) -> str:
    """Return the path with something in each place."""
    return re.sub(r"\{([^}]+)\}", lambda found: (PLACES | OF_PAGES).get(found[1], "x"), path)


def fields(route: APIRoute) -> dict[str, Any]:
    """Return what the fields of a form may hold."""
    found: dict[str, Any] = {}
    for field in route.dependant.body_params:
        info = field.field_info
        kind: Any = info.annotation
        if info.metadata:
            kind = Annotated[kind, *info.metadata]
        schema = TypeAdapter(kind).json_schema()
        value = body(schema, {"components": {"schemas": schema.get("$defs", {})}})
        found |= value if isinstance(value, dict) else {field.alias: value}
    return found


def sent(page: TestClient, csrf: str) -> dict[str, int]:
    """Return how each form answers who sends it."""
    return {
        path: page.post(
            place(path), data={**TICKED, **fields(route), "csrf": csrf}, headers=OWN
        ).status_code
        for path, route in forms().items()
        if path not in OWN_ACCOUNT | ASKS_A_BRIDGE
    }


def by(app: FastAPI, database: Database, role: Role) -> dict[str, int]:
    with database.write() as session:
        person = province.person(session, f"f-{role.value.replace('_', '-')}", role)
    return sent(*signed_in(app, database, person, second_factor=True))


def test_an_auditor_changes_nothing_by_any_form(app: FastAPI, sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        person = province.person(session, "f-auditor", Role.AUDITOR)
    page, csrf = signed_in(app, sqlite_database, person, second_factor=True)
    before = contents(sqlite_database)
    found = sent(page, csrf)
    assert {path for path, status in found.items() if status not in REFUSED} <= ONLY_READ
    after = contents(sqlite_database)
    assert {name for name in after if after[name] != before[name]} <= KEPT_BY_SIGNING_IN


def test_a_role_that_carries_more_is_not_refused_the_same(
    app: FastAPI, sqlite_database: Database
) -> None:
    refused = {
        role: {path for path, status in by(app, sqlite_database, role).items() if status == 403}
        for role in (Role.AUDITOR, Role.ACKNOWLEDGER)
    }
    assert "/incidents/{number}/notes" in refused[Role.AUDITOR] - refused[Role.ACKNOWLEDGER]
