"""Auth: people, their roles and scopes, and the proofs by which they are known."""

from __future__ import annotations

from hatang.auth.actor import Actor, Grant, require
from hatang.auth.roles import CHANGING, Permission, Role, conflicts, permissions_of

__all__ = [
    "CHANGING",
    "Actor",
    "Grant",
    "Permission",
    "Role",
    "conflicts",
    "permissions_of",
    "require",
]
