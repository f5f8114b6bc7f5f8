"""Auth: people, their roles and scopes, and the proofs by which they are known.

`Actor` and `require` are for services; `users`, `sessions`, `tokens`, `totp` and `login` are
for the doors. Nothing here knows HTTP.
"""

from __future__ import annotations

from hatang.auth.actor import Actor, Grant, require
from hatang.auth.login import (
    Attempt,
    LockedOutError,
    Login,
    SecondFactorRequiredError,
    log_in,
)
from hatang.auth.models import ApiToken, LoginSession, LoginThrottle, User, UserRole
from hatang.auth.roles import CHANGING, Permission, Role, conflicts, permissions_of
from hatang.auth.sessions import Identity, Limits
from hatang.auth.users import create_first_admin

__all__ = [
    "CHANGING",
    "Actor",
    "ApiToken",
    "Attempt",
    "Grant",
    "Identity",
    "Limits",
    "LockedOutError",
    "Login",
    "LoginSession",
    "LoginThrottle",
    "Permission",
    "Role",
    "SecondFactorRequiredError",
    "User",
    "UserRole",
    "conflicts",
    "create_first_admin",
    "log_in",
    "permissions_of",
    "require",
]
