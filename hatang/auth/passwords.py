"""Passwords: argon2id, and the same work whether or not the person exists."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256  # beyond it, hashing would be a way to burn our CPU
_hasher: Final = PasswordHash.recommended()


def hash_password(password: str) -> str:
    """Return the argon2id hash of `password`; takes about a quarter of a second of CPU."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Tell whether `password` matches; without a hash, do the same work and say no."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        matches = _hasher.verify(password, password_hash or _decoy())
    except UnknownHashError:
        return False
    return matches and password_hash is not None


def weakness(password: str, name: str) -> str | None:
    """Return what is wrong with a new password, or None."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"has to be {MIN_LENGTH} to {MAX_LENGTH} characters long"
    if name.casefold() in password.casefold():
        return "contains the user name"
    if len(set(password)) < 5:
        return "repeats a few characters"
    return None


def generate_password() -> str:
    """Return a random password of 120 bits."""
    return secrets.token_urlsafe(15)


@cache
def _decoy() -> str:
    return hash_password(secrets.token_hex(16))
