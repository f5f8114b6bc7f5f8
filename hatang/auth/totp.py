"""The second factor: six digits every 30 seconds (RFC 6238), each taken once."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pyotp
from sqlalchemy import delete, update

from hatang.audit import record
from hatang.auth.actor import require
from hatang.auth.models import LoginSession, User
from hatang.auth.roles import Permission
from hatang.clock import now
from hatang.db.equipment import equipment
from hatang.errors import ConflictError, DeniedError, NotFoundError, UnauthenticatedError
from hatang.sealing import MasterKey, declare, place

if TYPE_CHECKING:
    from hatang.auth.actor import Actor
    from hatang.db import AnySession, WriteSession

declare(User, "id", "totp_secret")
STEP_SECONDS: Final = 30
WINDOW_STEPS: Final = 1  # RFC 6238, 5.2: one step back or ahead for a slow clock or typist
ISSUER: Final = "hatang"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the person's device needs; shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def start_enrolment(session: WriteSession, actor: Actor) -> Enrolment:
    """Give the actor a new secret, in force only once `confirm_enrolment` saw a code of it.

    Raises:
        ConflictError: a second factor is in force; an administrator has to reset it first.
    """
    user = _user(session, actor.id)
    if user.totp_confirmed_at is not None:
        raise ConflictError("a second factor is in force already")
    secret = pyotp.random_base32()
    key = equipment(session, MasterKey)
    user.totp_secret = key.seal(secret.encode(), place("user", user.id, "totp_secret"))
    user.totp_last_step = 0
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=ISSUER)
    return Enrolment(secret, uri)


def confirm_enrolment(session: WriteSession, actor: Actor, code: str) -> None:
    """Put the secret in force and end every session: the next one has both factors.

    Raises:
        UnauthenticatedError: the code does not match.
    """
    user = _user(session, actor.id)
    if not verify(session, user, code):
        raise UnauthenticatedError("the code does not match", fix="Check the device's clock.")
    user.totp_confirmed_at = now()
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    record(session, actor, "user.enrol-totp", f"user/{user.name}")


def reset(session: WriteSession, actor: Actor, user: User) -> None:
    """Take the second factor from a person, whose sessions end: another has to be enrolled.

    Raises:
        DeniedError: the actor may not administer users, or it is himself.
    """
    require(actor, Permission.USER_ADMIN)
    if actor.id == user.id:
        raise DeniedError("nobody resets his own second factor", fix="Ask another administrator.")
    session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    user.totp_secret, user.totp_confirmed_at = None, None
    record(session, actor, "user.reset-totp", f"user/{user.name}")


def verify(session: WriteSession, user: User, code: str) -> bool:
    """Tell whether `code` is right now, and take it: the same code never works twice."""
    if user.totp_secret is None:
        return False
    sealed = user.totp_secret
    key = equipment(session, MasterKey)
    secret = key.unseal(sealed, place("user", user.id, "totp_secret")).decode()
    current = int(now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in range(current - WINDOW_STEPS, current + WINDOW_STEPS + 1):
        expected = totp.at(step * STEP_SECONDS).encode()
        if hmac.compare_digest(expected, code.strip().encode()):
            return _take(session, user, step)
    return False


def _take(session: WriteSession, user: User, step: int) -> bool:
    statement = (
        update(User)
        .where(User.id == user.id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
        .execution_options(synchronize_session="fetch")
    )
    return session.scalar(statement) is not None


def _user(session: AnySession, user_id: int | None) -> User:
    user = session.get(User, user_id) if user_id is not None else None
    if user is None:
        raise NotFoundError("only a person has a second factor")
    return user
