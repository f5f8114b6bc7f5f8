"""Encryption of SNMPv3 messages: AES in CFB mode (RFC 3826), DES in CBC mode (RFC 3414)."""

from __future__ import annotations

import secrets
from typing import Final, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from hatang.drivers.snmp.ber import DecodeError

_SALTS: Final = 2**64


class Privacy(Protocol):
    """Encrypts and decrypts what one engine and we say to each other."""

    def encrypt(self, plain: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """Return the encrypted octets and the salt to send with them."""
        ...

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """Return the plain octets, perhaps padded; raises DecodeError."""
        ...


class AesPrivacy:
    """AES with a key of 16, 24 or 32 octets."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AES(key)
        self._salt = secrets.randbelow(_SALTS)

    def encrypt(self, plain: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """Return the encrypted octets and the salt to send with them."""
        self._salt = (self._salt + 1) % _SALTS
        salt = self._salt.to_bytes(8, "big")
        return Cipher(self._cipher, CFB(_vector(boots, time, salt))).encryptor().update(plain), salt

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """Return the plain octets; raises DecodeError."""
        if len(salt) != 8:
            raise DecodeError("a salt of an impossible size")
        return Cipher(self._cipher, CFB(_vector(boots, time, salt))).decryptor().update(data)


class DesPrivacy:
    """DES; the first half of the key encrypts, the second makes the vector out of the salt."""

    def __init__(self, key: bytes) -> None:
        # Three times the same key: the library offers DES only as that.
        self._cipher = TripleDES(key[:8] * 3)
        self._mask = key[8:16]
        self._salt = secrets.randbelow(2**32)

    def encrypt(self, plain: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """Return the encrypted octets, padded to whole blocks, and the salt to send with them."""
        self._salt = (self._salt + 1) % 2**32
        salt = boots.to_bytes(4, "big") + self._salt.to_bytes(4, "big")
        padded = plain + bytes(-len(plain) % 8)
        return Cipher(self._cipher, CBC(self._vector(salt))).encryptor().update(padded), salt

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """Return the plain octets with their padding; raises DecodeError."""
        if len(salt) != 8 or len(data) % 8:
            raise DecodeError("encrypted data of an impossible size")
        return Cipher(self._cipher, CBC(self._vector(salt))).decryptor().update(data)

    def _vector(self, salt: bytes) -> bytes:
        return bytes(left ^ right for left, right in zip(self._mask, salt, strict=True))


def _vector(boots: int, time: int, salt: bytes) -> bytes:
    return boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
