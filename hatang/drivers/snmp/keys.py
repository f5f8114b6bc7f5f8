"""Keys of SNMPv3 users: out of passwords, localized to an engine, lengthened for AES.

RFC 3414 section 2.6 and appendix A.2, RFC 7860, draft-blumenthal-aes-usm-04 section 3.1.2.1,
draft-reeder-snmpv3-usm-3desede-00 section 2.1.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from hatang.drivers.target import AuthProtocol, PrivProtocol

if TYPE_CHECKING:
    from collections.abc import Callable


class AuthKind(NamedTuple):
    """A hash, the octets of its block, and of its digest that go into a message."""

    name: str
    block: int
    mac: int


AUTH: Final = {
    AuthProtocol.MD5: AuthKind("md5", 64, 12),
    AuthProtocol.SHA: AuthKind("sha1", 64, 12),
    AuthProtocol.SHA224: AuthKind("sha224", 64, 16),
    AuthProtocol.SHA256: AuthKind("sha256", 64, 24),
    AuthProtocol.SHA384: AuthKind("sha384", 128, 32),
    AuthProtocol.SHA512: AuthKind("sha512", 128, 48),
}
KEY_OCTETS: Final = {
    PrivProtocol.DES: 16,  # 8 of key, 8 of pre-IV
    PrivProtocol.AES: 16,
    PrivProtocol.AES192: 24,
    PrivProtocol.AES192C: 24,
    PrivProtocol.AES256: 32,
    PrivProtocol.AES256C: 32,
}
_REEDER: Final = frozenset({PrivProtocol.AES192C, PrivProtocol.AES256C})
# RFC 3414 appendix A.2: a password is repeated to so many octets before it is hashed.
_REPEATED: Final = 1_048_576


def _digest(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


@lru_cache(maxsize=1024)
def _from_octets(name: str, password: bytes) -> bytes:
    repeats = _REPEATED // len(password) + 1
    return _digest(name, (password * repeats)[:_REPEATED])


def localized(auth: AuthProtocol, password: str, engine_id: bytes) -> bytes:
    """Return the key of `password` at the engine; raises ValueError for an empty password."""
    return _localized(AUTH[auth].name, password.encode(), engine_id)


def _localized(name: str, password: bytes, engine_id: bytes) -> bytes:
    if not password:
        raise ValueError("an SNMPv3 password is empty")
    key = _from_octets(name, password)
    return _digest(name, key + engine_id + key)


def privacy_key(auth: AuthProtocol, priv: PrivProtocol, password: str, engine_id: bytes) -> bytes:
    """Return the key for `priv` at the engine, as long as its cipher needs.

    Raises:
        ValueError: the password is empty.
    """
    name, size = AUTH[auth].name, KEY_OCTETS[priv]
    key = localized(auth, password, engine_id)
    part = key
    while len(key) < size:
        part = _step(name, part, engine_id) if priv in _REEDER else _digest(name, key)
        key += part
    return key[:size]


def _step(name: str, part: bytes, engine_id: bytes) -> bytes:
    # The key so far serves as the next password; it is of one use, so it is not kept.
    repeated = _digest(name, (part * (_REPEATED // len(part) + 1))[:_REPEATED])
    return _digest(name, repeated + engine_id + repeated)


def signer(auth: AuthProtocol, key: bytes) -> Callable[[bytes], bytes]:
    """Return what makes the digest of a whole message (RFC 2104), cut to its size."""
    kind = AUTH[auth]
    padded = key.ljust(kind.block, b"\0")
    inner = hashlib.new(kind.name, bytes(octet ^ 0x36 for octet in padded), usedforsecurity=False)
    outer = hashlib.new(kind.name, bytes(octet ^ 0x5C for octet in padded), usedforsecurity=False)
    size = kind.mac

    def sign(message: bytes) -> bytes:
        first = inner.copy()
        first.update(message)
        second = outer.copy()
        second.update(first.digest())
        return second.digest()[:size]

    return sign
