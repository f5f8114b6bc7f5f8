"""Signing in: count the attempt, check the proof outside any transaction, then let in.

The proof takes a quarter of a second; inside a transaction it would stop every writer of an
SQLite database meanwhile. The counting commits by itself, because a refused attempt must stay
counted: signing in is an edge like a request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang.audit import record
from hatang.auth import throttle, totp
from hatang.auth.actor import Actor
from hatang.auth.models import User
from hatang.auth.passwords import verify_password
from hatang.auth.sessions import csrf_token, open_session
from hatang.clock import now
from hatang.errors import UnauthenticatedError

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import Database, WriteSession


class SecondFactorRequiredError(UnauthenticatedError):
    """The password is right; a code is needed too."""

    code = "second_factor_required"


class LockedOutError(UnauthenticatedError):
    """Too many failures; nothing is looked at before `until`."""

    code = "locked_out"

    def __init__(self, until: datetime) -> None:
        super().__init__("too many failed attempts", fix="Wait, then try again.")
        self.until = until


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and where from."""

    name: str
    password: str = field(repr=False)
    code: str = field(default="", repr=False)
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """A session begun: the cookie's value and the CSRF token that goes with it."""

    token: str = field(repr=False)
    csrf: str = field(repr=False)
    user_id: int
    must_change_password: bool


def log_in(database: Database, attempt: Attempt) -> Login:
    """Begin a session.

    Raises:
        LockedOutError: the name or the address failed too often.
        SecondFactorRequiredError: name and password are right and a code is missing.
        UnauthenticatedError: anything else; it never says what was wrong.
    """
    limited = throttle.limits(attempt.name, attempt.address)
    with database.write() as session:
        until = throttle.reserve(session, limited)
    if until is not None:
        raise LockedOutError(until)
    with database.read() as reading:
        user = reading.scalar(select(User).where(User.name == attempt.name.casefold()))
    active = user is not None and user.is_active
    right = verify_password(attempt.password, user.password_hash if user and active else None)
    outcome: Login | UnauthenticatedError
    with database.write() as session:
        outcome = _settle(session, attempt, user if right else None)
        if isinstance(outcome, Login):
            throttle.forget(session, limited)
        elif isinstance(outcome, SecondFactorRequiredError):
            throttle.release(session, limited)
    if isinstance(outcome, UnauthenticatedError):
        raise outcome
    return outcome


def _settle(
    session: WriteSession, attempt: Attempt, proved: User | None
) -> Login | UnauthenticatedError:
    user = session.get(User, proved.id) if proved else None
    if user is None or proved is None or user.password_hash != proved.password_hash:
        return _refuse(session, attempt)
    second = user.totp_confirmed_at is not None
    if second and not attempt.code:
        return SecondFactorRequiredError("a code is needed")
    if second and not totp.verify(session, user, attempt.code):
        return _refuse(session, attempt)
    user.last_login_at = now()
    token = open_session(
        session,
        user,
        has_second_factor=second,
        address=attempt.address,
        user_agent=attempt.user_agent,
    )
    actor = Actor(user.id, user.name, frozenset(), frozenset())
    detail = {"address": attempt.address, "second_factor": second}
    record(session, actor, "auth.login", f"user/{user.name}", detail)
    return Login(token, csrf_token(token), user.id, user.must_change_password)


def _refuse(session: WriteSession, attempt: Attempt) -> UnauthenticatedError:
    # The name is only named when it is a user's: people type passwords into that field.
    known = session.scalar(select(User.name).where(User.name == attempt.name.casefold()))
    nobody = Actor(None, "anonymous", frozenset(), frozenset())
    detail = {"address": attempt.address}
    record(session, nobody, "auth.login", f"user/{known or '-'}", detail, outcome="denied")
    return UnauthenticatedError("name, password or code is wrong")
