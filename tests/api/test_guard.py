"""What every request passes and every answer carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.guard import MAX_BODY
from tests.api.browsing import OWN, browser, signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:8080", "127.0.0.1.evil.test", "", "x@localhost"]
)
def test_an_unknown_host_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/healthz", headers={"Host": host})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "Host"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9999", "[::1]:8080"])
def test_our_hosts_are_let_in(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_another_site_cannot_write(
    client: TestClient, people: People, headers: dict[str, str]
) -> None:
    answer = client.post("/api/v1/changes", json={}, headers={**people.engineer.headers, **headers})
    assert (answer.status_code, answer.json()["code"]) == (403, "forged_request")
    assert client.post("/login", data={"name": "x"}, headers=headers).status_code == 403


def test_a_browser_needs_the_csrf_token(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.operator)
    missing = page.post("/logout", headers=OWN)
    wrong = page.post("/logout", data={"csrf": "0" * 64}, headers=OWN)
    assert (missing.status_code, wrong.status_code) == (403, 403)
    body = {"note": "x"}
    assert page.post("/api/v1/incidents/1/notes", json=body, headers=OWN).status_code == 403
    headers = {**OWN, "X-CSRF-Token": csrf}
    assert page.post("/api/v1/incidents/1/notes", json=body, headers=headers).status_code == 404
    assert page.post("/logout", data={"csrf": csrf}, headers=OWN).status_code == 303
    assert page.get("/").headers["location"] == "/login?next=/"


def test_a_big_body_is_refused_whether_or_not_it_says_so(
    client: TestClient, people: People
) -> None:
    big = b" " * (MAX_BODY + 1)
    said = client.post("/api/v1/changes", content=big, headers=people.engineer.headers)
    unsaid = client.post(
        "/api/v1/changes",
        content=iter([big[: MAX_BODY // 2]] * 3),
        headers={**people.engineer.headers, "Content-Type": "application/json"},
    )
    assert (said.status_code, unsaid.status_code) == (413, 413)


def test_answers_carry_a_policy_without_inline_code(app: FastAPI) -> None:
    headers = browser(app).get("/login").headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


def test_unknown_addresses_answer_in_the_askers_kind(app: FastAPI, people: People) -> None:
    program = browser(app).get("/api/v1/nothing")
    assert program.json()["code"] == "not_found"
    page = browser(app).get("/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
