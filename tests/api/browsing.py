"""A signed-in browser without the quarter of a second a password costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from api.callers import COOKIE
from hatang.auth import User, sessions

if TYPE_CHECKING:
    from fastapi import FastAPI

    from hatang.db import Database
    from tests.api.province import Person

BASE = "http://127.0.0.1:8080"
OWN = {"Origin": BASE}


def browser(app: FastAPI) -> TestClient:
    """Return a browser nobody signed in with."""
    return TestClient(app, base_url=BASE, follow_redirects=False)


def signed_in(
    app: FastAPI, database: Database, someone: Person, *, second_factor: bool = False
) -> tuple[TestClient, str]:
    """Return a browser with the person's session, and the session's CSRF token."""
    with database.write() as session:
        user = session.get_one(User, someone.id)
        token = sessions.open_session(session, user, has_second_factor=second_factor)
    found = browser(app)
    found.cookies.set(COOKIE, token)
    return found, sessions.csrf_token(token)
