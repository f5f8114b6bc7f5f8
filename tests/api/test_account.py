"""Signing in, the password, the second factor, the language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest

from api.app import create_app
from api.callers import BACKGROUND_HEADER, COOKIE
from api.web.account import local
from hatang.auth import LoginSession, User, passwords
from hatang.clock import now
from tests.api.browsing import OWN, browser, signed_in
from tests.api.province import PASSWORD

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.context import ApiContext
    from hatang.db import Database
    from tests.api.conftest import People

pytestmark = pytest.mark.slow

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _password(sqlite_database: Database, people: People, cheap_hashes: None) -> None:
    with sqlite_database.write() as session:
        hashed = passwords.hash_password(PASSWORD)
        session.get_one(User, people.operator.id).password_hash = hashed


def _sign_in(app: FastAPI, password: str = PASSWORD, **more: str) -> tuple[int, str, str]:
    page = browser(app)
    fields = {"name": "an", "password": password, **more}
    answer = page.post("/login?next=/devices", data=fields, headers=OWN)
    cookie = answer.headers.get("set-cookie", "")
    return answer.status_code, answer.headers.get("location", ""), cookie


def test_signing_in_gives_a_cookie_scripts_cannot_read(app: FastAPI) -> None:
    status, target, cookie = _sign_in(app)
    assert (status, target) == (303, "/devices")
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie


def test_a_wrong_password_says_nothing_more(app: FastAPI) -> None:
    page = browser(app)
    wrong = page.post("/login", data={"name": "an", "password": "x"}, headers=OWN)
    nobody = page.post("/login", data={"name": "nobody", "password": "x"}, headers=OWN)
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert wrong.text.replace('value="an"', "") == nobody.text.replace('value="nobody"', "")


def test_guessing_is_stopped(app: FastAPI) -> None:
    tries = [_sign_in(app, "wrong")[0] for _ in range(6)]
    assert tries == [401, 401, 401, 401, 401, 429]
    assert _sign_in(app)[0] == 429


@pytest.mark.parametrize(
    "target", ["//evil.test", "https://evil.test", "/\\evil.test", "/login", "javascript:x", "/\n"]
)
def test_signing_in_leads_nowhere_else(target: str) -> None:
    assert local(target) == "/"


def test_a_second_factor_is_enrolled_and_then_asked_for(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.operator)
    shown = page.post("/second-factor", data={"csrf": csrf}, headers=OWN).text
    secret = shown.partition('class="secret">')[2].partition("<")[0]
    fields = {"csrf": csrf, "code": pyotp.TOTP(secret).at(now())}
    assert page.post("/second-factor/confirm", data=fields, headers=OWN).status_code == 303
    assert _sign_in(app)[0] == 401
    later = pyotp.TOTP(secret).at(now() + timedelta(seconds=30))
    assert _sign_in(app, code=later)[0] == 303


def test_a_new_password_ends_every_session(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.operator)
    other, _ = signed_in(app, sqlite_database, people.operator)
    fields = {"csrf": csrf, "old": PASSWORD, "new": "Song-nui-Kheo-ve-77"}
    assert page.post("/password", data={**fields, "old": "x"}, headers=OWN).status_code == 422
    assert page.post("/password", data={**fields, "new": "short"}, headers=OWN).status_code == 422
    assert page.post("/password", data=fields, headers=OWN).status_code == 303
    assert other.get("/").status_code == 303
    assert _sign_in(app, "Song-nui-Kheo-ve-77")[0] == 303


def test_who_must_change_the_password_reaches_nothing_else(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, _ = signed_in(app, sqlite_database, people.operator)
    with sqlite_database.write() as session:
        session.get_one(User, people.operator.id).must_change_password = True
    assert page.get("/devices").headers["location"] == "/password"
    assert page.get("/api/v1/units").json()["code"] == "password_change_required"
    assert page.get("/password").status_code == 200


@pytest.fixture
def strict(context: ApiContext) -> FastAPI:
    """The app where who changes things has to have a second factor."""
    auth = context.settings.auth.model_copy(update={"second_factor": "required"})
    return create_app(replace(context, settings=context.settings.model_copy(update={"auth": auth})))


@pytest.mark.parametrize("role", ["engineer", "approver", "admin"])
def test_where_it_is_required_who_changes_things_enrols_first(
    strict: FastAPI, sqlite_database: Database, people: People, role: str
) -> None:
    page, csrf = signed_in(strict, sqlite_database, getattr(people, role))
    assert page.get("/devices").headers["location"] == "/second-factor"
    answer = page.get("/api/v1/units")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_enrolment_required")
    assert page.get("/second-factor").status_code == 200
    shown = page.post("/second-factor", data={"csrf": csrf}, headers=OWN).text
    secret = shown.partition('class="secret">')[2].partition("<")[0]
    fields = {"csrf": csrf, "code": pyotp.TOTP(secret).at(now())}
    assert page.post("/second-factor/confirm", data=fields, headers=OWN).status_code == 303
    assert page.get("/second-factor").headers["location"].startswith("/login")
    both, _ = signed_in(strict, sqlite_database, getattr(people, role), second_factor=True)
    assert both.get("/devices").status_code == 200


@pytest.mark.parametrize("role", ["operator", "auditor", "outsider"])
def test_who_only_looks_needs_no_second_factor(
    strict: FastAPI, sqlite_database: Database, people: People, role: str
) -> None:
    page, _ = signed_in(strict, sqlite_database, getattr(people, role))
    assert page.get("/devices").status_code == 200


def test_where_it_is_offered_nobody_is_held_up(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, _ = signed_in(app, sqlite_database, people.engineer)
    assert page.get("/devices").status_code == 200


def test_enrolling_ends_the_sessions_begun_with_the_password_alone(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, csrf = signed_in(app, sqlite_database, people.operator)
    other, _ = signed_in(app, sqlite_database, people.operator)
    shown = page.post("/second-factor", data={"csrf": csrf}, headers=OWN).text
    secret = shown.partition('class="secret">')[2].partition("<")[0]
    fields = {"csrf": csrf, "code": pyotp.TOTP(secret).at(now())}
    page.post("/second-factor/confirm", data=fields, headers=OWN)
    assert other.get("/devices").headers["location"].startswith("/login")


def test_the_language_is_kept_in_a_cookie(app: FastAPI) -> None:
    page = browser(app)
    assert 'lang="en"' in page.get("/login").text
    answer = page.get("/language/vi", headers={"Referer": "http://127.0.0.1:8080/login"})
    assert answer.status_code == 303
    assert "Đăng nhập" in page.get("/login").text
    assert page.get("/language/xx").headers.get("set-cookie") is None


def test_a_page_that_refreshes_itself_keeps_no_session_alive(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, _ = signed_in(app, sqlite_database, people.operator)
    with sqlite_database.write() as session:
        row = session.query(LoginSession).one()
        long_ago = row.last_seen_at = row.last_seen_at.replace(microsecond=0) - TEN_MINUTES
    page.get("/board/live", headers={BACKGROUND_HEADER: "1"})
    with sqlite_database.read() as session:
        assert session.query(LoginSession).one().last_seen_at == long_ago
    page.get("/")
    with sqlite_database.read() as session:
        assert session.query(LoginSession).one().last_seen_at > long_ago


@pytest.mark.parametrize(("person", "is_kept"), [("outsider", True), ("operator", False)])
def test_a_wall_screen_stays_signed_in_where_its_person_may_only_look(
    app: FastAPI, sqlite_database: Database, people: People, person: str, is_kept: bool
) -> None:
    page, _ = signed_in(app, sqlite_database, getattr(people, person))
    with sqlite_database.write() as session:
        row = session.query(LoginSession).one()
        long_ago = row.last_seen_at = row.last_seen_at.replace(microsecond=0) - TEN_MINUTES
    page.get("/wall/live", headers={BACKGROUND_HEADER: "1"})
    with sqlite_database.read() as session:
        assert (session.query(LoginSession).one().last_seen_at > long_ago) is is_kept
