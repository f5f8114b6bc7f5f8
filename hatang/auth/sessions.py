"""Signed-in browsers: a random cookie, of which only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, update

from hatang.auth.models import LoginSession, User
from hatang.auth.roles import CHANGING, Permission, Role
from hatang.auth.users import actor_of
from hatang.clock import now
from hatang.errors import DeniedError, UnauthenticatedError

if TYPE_CHECKING:
    from hatang.auth.actor import Actor
    from hatang.db import AnySession, WriteSession

TOKEN_BYTES: Final = 32  # 256 bits
TOUCH_SECONDS: Final = 20.0
"""How often being seen is written down: writing at every request would serialise them all."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives, in seconds: idle, idle for administrators, and at most."""

    idle_seconds: float = 1_800
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


def remove_ended(session: WriteSession, limits: Limits | None = None) -> int:
    """Delete the sessions no one can use any more and return how many there were."""
    limits = limits or Limits()
    idle = LoginSession.last_seen_at < now() - timedelta(seconds=limits.idle_seconds)
    old = LoginSession.created_at < now() - timedelta(seconds=limits.session_seconds)
    statement = delete(LoginSession).where(idle | old).returning(LoginSession.token_hash)
    return len(session.scalars(statement).all())


def csrf_token(token: str) -> str:
    """Return the CSRF token of a session: derived from its cookie, so nothing has to be kept."""
    return hmac.new(token.encode(), b"hatang csrf", hashlib.sha256).hexdigest()


def csrf_matches(token: str, given: str) -> bool:
    """Tell, in constant time, whether `given` is the CSRF token of the session."""
    return hmac.compare_digest(csrf_token(token).encode(), given.encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
