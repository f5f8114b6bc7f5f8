"""Routes by roles, taken from the app itself: who only watches changes nothing by any of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import func, select

import baselines.jobs  # noqa: F401 - declares the jobs that a route asks for, as the api does
from api.app import WEB
from baselines import itself
from hatang.audit.models import AuditEntry
from hatang.db import Base
from hatang.jobs.models import JobRun
from tests.api.browsing import OWN, signed_in
from tests.api.test_statements import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
API = "/api/v1"
# What a person does with his own account and session, whatever his role.
OWN_MATTERS = re.compile(r"/(password|second-factor|login|logout|language|session|sessions|me)\b")
# Who did what is written down, and that somebody was there.
WRITTEN_ALWAYS = frozenset({"audit_entry", "login_session", "throttle"})
# What is answered all the same: a page that says nothing was chosen, and to an auditor the judging
# of what the vault holds and of hatang itself, which changes nothing and is written down as his.
ANSWERED = {
    "auditor": {
        *("/inbox/accept", "/inbox/fix", "/inbox/ignore"),
        *(f"{API}/audits", f"{API}/audits/self", "/findings/audit"),
    },
    "outsider": {"/inbox/accept", "/inbox/fix", "/inbox/ignore"},
}
REFUSED = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422})


def sample(schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """Return something that fits a schema of the app's own description."""
    if "$ref" in schema:
        return sample(whole["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], whole)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return sample(schema[several][0], whole)
    if schema.get("type") == "object":
        needed = schema.get("required", ())
        return {name: sample(schema["properties"][name], whole) for name in needed}
    if schema.get("type") == "array":
        return [sample(schema.get("items", {}), whole)] * schema.get("minItems", 0)
    return plain(schema)


def plain(schema: dict[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return "2026-12-01T08:00:00+07:00"
    if "64" in schema.get("pattern", ""):
        return "0" * 64
    least = schema.get("minimum", 1)
    known = {"integer": least, "number": least, "boolean": True}
    return known.get(str(schema.get("type")), "hub-1")


def described(app: FastAPI) -> Iterator[tuple[str, str, Any]]:
    """Yield method, address and body of each changing route that the app describes."""
    whole = app.openapi()
    for path, methods in whole["paths"].items():
        for method, told in methods.items():
            if method.upper() not in CHANGING or OWN_MATTERS.search(path):
                continue
            content = told.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema")
            yield method.upper(), filled(path, API), body and sample(body, whole)


def pages() -> Iterator[tuple[str, str]]:
    """Yield method and address of each changing route of the pages."""
    for router in WEB:
        for route in router.routes:
            if isinstance(route, APIRoute) and not OWN_MATTERS.search(route.path):
                for method in CHANGING & (route.methods or set()):
                    yield method, filled(route.path, "")


def filled(path: str, prefix: str) -> str:
    known = EXAMPLES.get(path.removeprefix(prefix))
    return f"{prefix}{known}" if known else re.sub(r"\{[^}]*\}", "1", path)


def rows(database: Database) -> dict[str, int]:
    others = JobRun.name != itself.JOB  # hatang judged by its worker, as ANSWERED says
    with database.read() as session:
        return {
            "job_run": session.scalar(select(func.count()).select_from(JobRun).where(others)) or 0
        } | {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name not in {*WRITTEN_ALWAYS, "job_run"}
        }


@pytest.mark.parametrize("who", ["auditor", "outsider"])
def test_who_only_watches_changes_nothing_by_any_route(
    app: FastAPI, sqlite_database: Database, people: People, who: str
) -> None:
    page, csrf = signed_in(app, sqlite_database, getattr(people, who), second_factor=True)
    before, answers = rows(sqlite_database), {}
    for method, address, body in described(app):
        headers = OWN | {"X-CSRF-Token": csrf}
        answer = page.request(method, address, json=body, headers=headers)
        answers[method, address] = answer.status_code
    for method, address in pages():
        answer = page.request(method, address, data={"csrf": csrf, "device": "hub-1"}, headers=OWN)
        answers[method, address] = answer.status_code
    assert len(answers) > 100
    done = {address for (_, address), status in answers.items() if status not in REFUSED}
    assert done == ANSWERED[who]
    assert rows(sqlite_database) == before


def test_what_was_refused_is_written_down(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.auditor, second_factor=True)
    page.post("/findings/waivers", data={"csrf": csrf, "device": "hub-1"}, headers=OWN)
    page.request("POST", f"{API}/discovery/runs", json={}, headers=OWN | {"X-CSRF-Token": csrf})
    with sqlite_database.read() as session:
        written = session.scalars(select(AuditEntry.outcome)).all()
    assert "denied" in {str(one) for one in written}
