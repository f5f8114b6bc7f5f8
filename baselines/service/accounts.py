"""The review of accounts: who may do what here, and who has not logged in for 45 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.auth import Permission, require
from hatang.auth.users import list_roles, list_users

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession

IDLE: Final = timedelta(days=45)  # TCVN 14423:2026, 5.6.2.2


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account; `is_idle` when it is open and nobody logged in for longer than `IDLE`.

    Who never logged in is measured from the day the account was made.
    """

    name: str
    roles: tuple[str, ...]
    is_active: bool
    has_second_factor: bool
    created_at: datetime
    last_login_at: datetime | None
    idle_days: int
    is_idle: bool


def review_accounts(session: AnySession, actor: Actor) -> list[AccountRow]:
    """Return all accounts, the idle ones first; raises DeniedError for who reads no audit log."""
    require(actor, Permission.AUDIT_READ)
    now, rows = clock.now(), []
    for user in list_users(session):
        unseen = now - (user.last_login_at or user.created_at)
        rows.append(
            AccountRow(
                user.name,
                tuple(sorted({one.role for one in list_roles(session, user.id)})),
                user.is_active,
                user.totp_confirmed_at is not None,
                user.created_at,
                user.last_login_at,
                unseen.days,
                user.is_active and unseen > IDLE,
            )
        )
    return sorted(rows, key=lambda row: (not row.is_idle, -row.idle_days, row.name))
