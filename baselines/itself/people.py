"""What hatang says of accounts, tokens and credentials: counts only, no names."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import clock
from hatang.auth.models import ApiToken, User, UserRole
from hatang.auth.roles import CHANGING, Role, conflicts, permissions_of
from hatang.secrets import list_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from hatang.db import AnySession

IDLE: Final = timedelta(days=45)  # TCVN 14423:2026, 5.6.2.2
UNUSED: Final = timedelta(days=90)
FIRST_DAY: Final = timedelta(days=1)  # so long a password given by somebody else may stand


def accounts(session: AnySession) -> Iterator[tuple[str, object]]:
    """Yield who there is, who is idle, and who may do too much."""
    now = clock.now()
    people = session.scalars(select(User).where(User.is_active)).all()
    held: dict[int, set[Role]] = {}
    for user, role in session.execute(select(UserRole.user_id, UserRole.role)):
        held.setdefault(user, set()).add(Role(role))
    roles = {one.id: frozenset(held.get(one.id, ())) for one in people}
    yield "accounts.active", len(people)
    yield "accounts.idle", sum(1 for one in people if now - _seen(one) > IDLE)
    yield (
        "accounts.first_password",
        sum(1 for one in people if one.must_change_password and now - one.created_at > FIRST_DAY),
    )
    yield "accounts.administrators", sum(1 for one in people if Role.ADMIN in roles[one.id])
    yield "accounts.auditors", sum(1 for one in people if Role.AUDITOR in roles[one.id])
    yield "accounts.conflicting", sum(1 for one in people if conflicts(roles[one.id]))
    yield (
        "accounts.changing_by_password",
        sum(
            1
            for one in people
            if permissions_of(roles[one.id]) & CHANGING and one.totp_confirmed_at is None
        ),
    )


def _seen(user: User) -> datetime:
    return user.last_login_at or user.created_at


def tokens(session: AnySession) -> Iterator[tuple[str, object]]:
    """Yield how many tokens are valid, how old, and how many nobody uses."""
    now = clock.now()
    valid = select(ApiToken).where(ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
    tokens = session.scalars(valid).all()
    yield "tokens.valid", len(tokens)
    unused = [one for one in tokens if now - (one.last_used_at or one.created_at) > UNUSED]
    yield "tokens.unused", len(unused)
    yield "tokens.oldest_days", max(((now - one.created_at).days for one in tokens), default=0)


def credentials(session: AnySession) -> Iterator[tuple[str, object]]:
    """Yield how many credentials of devices there are, and how many are weak."""
    kept = list_all(session)
    yield "credentials.kept", len(kept)
    yield "credentials.clear_text", sum(1 for one in kept if one.kind == "snmpv2c")
    yield "credentials.weak", sum(1 for one in kept if one.weak)
