"""What a bridge tells by itself: proven by its own token, once, and not of another time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select

from conference.models import IngestKey, Received
from conference.pushed import read
from conference.service.attendance import take
from hatang import audit, clock, scope
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, UnauthenticatedError
from inventory import service as inventory
from inventory.models import Bridge

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

WINDOW: Final = timedelta(minutes=15)
"""How old what is told may be, and how long it is remembered that it was."""
AHEAD: Final = timedelta(minutes=2)
"""How far a bridge's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How much was understood; `missing` is what the sender's own count says was lost."""

    events: int
    missing: int


def issue_token(session: WriteSession, actor: Actor, code: str) -> str:
    """Return a new token for the bridge `code`, shown this once; the one before holds no longer.

    Raises:
        DeniedError: the actor may not schedule where the bridge is.
        NotFoundError: there is no such bridge.
    """
    acting = actor.acting(Permission.CONFERENCE_SCHEDULE)
    row = inventory.get_bridge(session, actor, code)
    if not scope.reaches(session, acting, row.scope_id):
        raise DeniedError(f"{actor.name} may not let the bridge {code} tell anything")
    token = f"hatang_bridge_{secrets.token_urlsafe(32)}"
    session.execute(delete(IngestKey).where(IngestKey.bridge_id == row.id))
    now, hashed = clock.now(), _hashed(token)
    session.add(IngestKey(bridge_id=row.id, token_hash=hashed, actor=actor.name, created_at=now))
    audit.record(session, actor, "bridge.token", f"bridge/{row.id}", {"bridge": code})
    return token


def prove(session: AnySession, code: str, token: str) -> None:
    """Let pass who has the token of the bridge `code`.

    Raises:
        UnauthenticatedError: the token is not the bridge's, or there is no such bridge.
    """
    _bridge(session, code, token)


def ingest(session: WriteSession, code: str, token: str, kind: str, body: bytes) -> Taken:
    """Take in what the bridge `code` says.

    Raises:
        UnauthenticatedError: the token is not the bridge's, or there is no such bridge.
        ConflictError: it was told already, or is too old or too new to be of now.
        InvalidInputError: it is not of that kind.
    """
    bridge_id = _bridge(session, code, token)
    pushed = read(kind, body)
    now = clock.now()
    digest = hashlib.sha256(body).hexdigest()
    session.execute(
        delete(Received).where(Received.bridge_id == bridge_id, Received.at < now - 2 * WINDOW)
    )
    known = select(Received.id).where(Received.bridge_id == bridge_id, Received.digest == digest)
    if session.scalar(known) is not None:
        raise ConflictError("this was told already", fix="Send each message once.")
    if any(not now - WINDOW <= at <= now + AHEAD for at in pushed.times):
        fix = "Set the bridge's clock by NTP; what is older than 15 minutes is not taken."
        raise ConflictError("this tells of another time than now", fix=fix)
    session.add(Received(bridge_id=bridge_id, digest=digest, at=now))
    take(session, bridge_id, pushed.events)
    return Taken(len(pushed.events), pushed.missing)


def _bridge(session: AnySession, code: str, token: str) -> int:
    held = session.execute(
        select(Bridge.id, IngestKey.token_hash)
        .join(IngestKey, IngestKey.bridge_id == Bridge.id)
        .where(Bridge.code == code)
    ).first()
    # Compared in any case, so that no time tells whether there is such a bridge.
    expected = held[1] if held is not None else _hashed("")
    if not hmac.compare_digest(_hashed(token), expected) or held is None or not token:
        raise UnauthenticatedError("this is not the bridge's token")
    return int(held[0])


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
