"""Signed-in browsers: a random cookie, of which only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from hatang.audit import record
from hatang.auth.actor import require
from hatang.auth.models import LoginSession, User
from hatang.auth.roles import CHANGING, Permission, Role
from hatang.auth.users import actor_of
from hatang.clock import now
from hatang.errors import DeniedError, NotFoundError, UnauthenticatedError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from hatang.auth.actor import Actor
    from hatang.db import AnySession, WriteSession

TOKEN_BYTES: Final = 32  # 256 bits
KEY_DIGITS: Final = 12
"""Hex digits of the cookie's hash by which a session is named: 48 bits."""
TOUCH_SECONDS: Final = 20.0
"""How often being seen is written down: writing at every request would serialise them all."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives, in seconds: idle, idle for administrators, and at most."""

    idle_seconds: float = 900
    admin_idle_seconds: float = 300
    session_seconds: float = 43_200


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody recognised; `needs_touch` asks the door to call `touch` in a write session."""

    actor: Actor
    user_id: int
    key: str = field(repr=False)
    has_second_factor: bool
    must_change_password: bool
    needs_touch: bool
    language: str

    @property
    def owes_second_factor(self) -> bool:
        """Whether a role of the person changes things and the password alone was given."""
        return not self.has_second_factor and any(map(self.actor.may, CHANGING))

    def require_second_factor(self, permission: Permission) -> None:
        """Raise DeniedError when `permission` wants a second factor and none was given."""
        if permission in CHANGING and not self.has_second_factor:
            raise DeniedError(
                f"{permission} needs a second factor", fix="Enrol one, then sign in again."
            )


def open_session(
    session: WriteSession,
    user: User,
    *,
    has_second_factor: bool,
    address: str = "",
    user_agent: str = "",
) -> str:
    """Begin a session for a person who proved who he is and return the cookie's value."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = LoginSession(
        token_hash=_digest(token),
        user_id=user.id,
        has_second_factor=has_second_factor,
        created_at=now(),
        last_seen_at=now(),
        address=address[:64],
        user_agent=user_agent[:200],
    )
    session.add(row)
    session.flush()
    return token


def authenticate(session: AnySession, token: str, limits: Limits | None = None) -> Identity:
    """Return who holds `token`.

    Raises:
        UnauthenticatedError: nobody, or the session is idle for too long or too old.
    """
    row = session.get(LoginSession, _digest(token))
    user = session.get(User, row.user_id) if row is not None else None
    if row is None or user is None or not user.is_active:
        raise UnauthenticatedError("sign in first")
    actor = actor_of(session, user)
    limits = limits or Limits()
    idle = limits.admin_idle_seconds if Role.ADMIN in actor.roles else limits.idle_seconds
    unseen = now() - row.last_seen_at
    age = now() - row.created_at
    if unseen > timedelta(seconds=idle) or age > timedelta(seconds=limits.session_seconds):
        raise UnauthenticatedError("the session has ended", fix="Sign in again.")
    return Identity(
        actor,
        user.id,
        row.token_hash,
        row.has_second_factor,
        user.must_change_password,
        unseen > timedelta(seconds=TOUCH_SECONDS),
        user.language,
    )


def touch(session: WriteSession, identity: Identity) -> None:
    """Write down that the session was used now."""
    statement = update(LoginSession).where(LoginSession.token_hash == identity.key)
    session.execute(statement.values(last_seen_at=now()))


def close_session(session: WriteSession, token: str) -> None:
    """End a session; an unknown one is no error."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == _digest(token)))


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A signed-in browser as an administrator sees it; `key` names it and opens nothing."""

    key: str
    user: str
    address: str
    user_agent: str
    has_second_factor: bool
    created_at: datetime
    last_seen_at: datetime


def list_sessions(
    session: AnySession, actor: Actor, user_id: int | None = None, limits: Limits | None = None
) -> list[OpenSession]:
    """Return the sessions that still let in, newest first: a person's, or everybody's.

    Raises:
        DeniedError: they are not the actor's own and the actor may not administer users.
    """
    if user_id is None or user_id != actor.id:
        require(actor, Permission.USER_ADMIN)
    statement = select(LoginSession, User.name).join(User, User.id == LoginSession.user_id)
    statement = statement.where(User.is_active, ~_ended(limits or Limits()))
    if user_id is not None:
        statement = statement.where(LoginSession.user_id == user_id)
    return [
        OpenSession(
            row.token_hash[:KEY_DIGITS],
            name,
            row.address,
            row.user_agent,
            row.has_second_factor,
            row.created_at,
            row.last_seen_at,
        )
        for row, name in session.execute(statement.order_by(LoginSession.created_at.desc()))
    ]


def end_session(session: WriteSession, actor: Actor, key: str) -> None:
    """End the session whose `key` was listed: one's own, or anybody's for who administers users.

    Raises:
        DeniedError: it is another's and the actor may not administer users.
        NotFoundError: there is none.
    """
    named = func.substr(LoginSession.token_hash, 1, KEY_DIGITS) == key
    rows = session.scalars(select(LoginSession).where(named)).all()
    if not rows:
        raise NotFoundError(f"there is no session {key}")
    for row in rows:
        if row.user_id != actor.id:
            require(actor, Permission.USER_ADMIN)
        user = session.get_one(User, row.user_id)
        session.delete(row)
        record(session, actor, "session.end", f"user/{user.name}", {"session": key})
    session.flush()


def remove_ended(session: WriteSession, limits: Limits | None = None) -> int:
    """Delete the sessions no one can use any more and return how many there were."""
    ended = _ended(limits or Limits())
    statement = delete(LoginSession).where(ended).returning(LoginSession.token_hash)
    return len(session.scalars(statement).all())


def _ended(limits: Limits) -> ColumnElement[bool]:
    idle = LoginSession.last_seen_at < now() - timedelta(seconds=limits.idle_seconds)
    return idle | (LoginSession.created_at < now() - timedelta(seconds=limits.session_seconds))


def csrf_token(token: str) -> str:
    """Return the CSRF token of a session: derived from its cookie, so nothing has to be kept."""
    return hmac.new(token.encode(), b"hatang csrf", hashlib.sha256).hexdigest()


def csrf_matches(token: str, given: str) -> bool:
    """Tell, in constant time, whether `given` is the CSRF token of the session."""
    return hmac.compare_digest(csrf_token(token).encode(), given.encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
