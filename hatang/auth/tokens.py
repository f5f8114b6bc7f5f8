"""API tokens: `hat_PREFIX_SECRET`; the prefix finds the row, the secret's SHA-256 proves it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from hatang.audit import record
from hatang.auth.actor import Actor, require
from hatang.auth.models import ApiToken, User
from hatang.auth.roles import Permission, Role
from hatang.auth.sessions import Identity
from hatang.auth.users import actor_of, grants_of
from hatang.clock import now
from hatang.errors import (
    DeniedError,
    InvalidInputError,
    NotFoundError,
    Problem,
    UnauthenticatedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.db import AnySession, WriteSession

MARK: Final = "hat"
LONGEST: Final = timedelta(days=366)
TOUCH_SECONDS: Final = 60.0


def create_token(
    session: WriteSession,
    actor: Actor,
    name: str,
    roles: Iterable[Role],
    expires_at: datetime,
) -> str:
    """Create a token of the actor's own and return its text, which is kept nowhere.

    Raises:
        DeniedError: the actor is no person, or does not hold one of `roles`.
        InvalidInputError: no role, or an expiry that is past or beyond a year.
    """
    wanted = frozenset(roles)
    if actor.id is None:
        raise DeniedError("only a person has tokens")
    missing = wanted - {grant.role for grant in grants_of(session, actor.id)}
    if missing:
        raise DeniedError(f"{actor.name} does not hold {', '.join(sorted(missing))}")
    _check(name, wanted, expires_at)
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    session.add(
        ApiToken(
            user_id=actor.id,
            name=name,
            prefix=prefix,
            secret_hash=_digest(secret),
            roles=sorted(wanted),
            created_at=now(),
            expires_at=expires_at,
        )
    )
    detail = {"name": name, "roles": sorted(wanted), "expires_at": expires_at.isoformat()}
    record(session, actor, "token.create", f"token/{prefix}", detail)
    return f"{MARK}_{prefix}_{secret}"


def authenticate_token(session: AnySession, text: str) -> Identity:
    """Return who holds the token, with those of its roles the person still has.

    Raises:
        UnauthenticatedError: unknown, expired or revoked, or the person has left.
    """
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    row = session.scalar(select(ApiToken).where(ApiToken.prefix == prefix))
    proved = hmac.compare_digest(_digest(secret), row.secret_hash if row else _digest(""))
    if mark != MARK or row is None or not proved:
        raise UnauthenticatedError("the token is not known")
    user = session.get(User, row.user_id)
    if row.revoked_at or row.expires_at <= now() or user is None or not user.is_active:
        raise UnauthenticatedError("the token is no longer valid", fix="Create a new one.")
    actor = actor_of(session, user, only=map(Role, row.roles))
    unused = row.last_used_at is None or now() - row.last_used_at > timedelta(seconds=TOUCH_SECONDS)
    # A token was created behind a session; it is itself the thing possessed.
    return Identity(actor, user.id, prefix, True, False, unused, user.language)  # noqa: FBT003


def touch_token(session: WriteSession, identity: Identity) -> None:
    """Write down that the token was used now."""
    statement = update(ApiToken).where(ApiToken.prefix == identity.key)
    session.execute(statement.values(last_used_at=now()))


def revoke_token(session: WriteSession, actor: Actor, prefix: str) -> None:
    """End a token: one's own, or anybody's for who administers users."""
    row = session.scalar(select(ApiToken).where(ApiToken.prefix == prefix))
    if row is None:
        raise NotFoundError(f"there is no token {prefix}")
    if row.user_id != actor.id:
        require(actor, Permission.USER_ADMIN)
    row.revoked_at = now()
    record(session, actor, "token.revoke", f"token/{prefix}")


def list_tokens(session: AnySession, user_id: int) -> list[ApiToken]:
    """Return a person's tokens, newest first; their secrets are not in there."""
    statement = select(ApiToken).where(ApiToken.user_id == user_id)
    return list(session.scalars(statement.order_by(ApiToken.id.desc())))


def list_all_tokens(session: AnySession, actor: Actor) -> list[tuple[str, ApiToken]]:
    """Return everybody's tokens with their owners' names, newest first.

    Raises:
        DeniedError: the actor may not administer users.
    """
    require(actor, Permission.USER_ADMIN)
    statement = select(User.name, ApiToken).join(User, User.id == ApiToken.user_id)
    rows = session.execute(statement.order_by(ApiToken.id.desc()))
    return [(name, token) for name, token in rows]


def _check(name: str, roles: frozenset[Role], expires_at: datetime) -> None:
    problems = []
    if not name.strip():
        problems.append(Problem("token", "name", name, "is empty", "Say what it is for."))
    if not roles:
        problems.append(Problem("token", "roles", "", "is empty", "Name one role or more."))
    if not now() < expires_at <= now() + LONGEST:
        fix = "Give a time within a year."
        problems.append(Problem("token", "expires_at", str(expires_at), "does not fit", fix))
    if problems:
        raise InvalidInputError(problems)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
