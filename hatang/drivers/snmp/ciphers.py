"""Encryption of SNMPv3 messages: AES in CFB mode (RFC 3826), DES in CBC mode (RFC 3414)."""

from __future__ import annotations

import secrets
from typing import Final, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

from hatang.drivers.snmp.ber import DecodeError

_SALTS: Final = 2**64
_BLOCK: Final = 16


class Privacy(Protocol):
    """Encrypts and decrypts what one engine and we say to each other."""

    def encrypt(self, plain: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """Return the encrypted octets and the salt to send with them."""
        ...

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """Return the plain octets, perhaps padded; raises DecodeError."""
        ...


class AesPrivacy:
    """AES with a key of 16, 24 or 32 octets.

    Setting up a cipher costs ten times as much as using it, and CFB contexts cannot be given
    another vector. But the vector is nothing else than the cipher text before the first block: to
    decrypt, it is fed in front; to encrypt, what is fed in front is chosen so that it comes out.
    """

    def __init__(self, key: bytes) -> None:
        self._decryptor = Cipher(AES(key), CFB(bytes(_BLOCK))).decryptor()
        self._encryptor = Cipher(AES(key), CFB(bytes(_BLOCK))).encryptor()
        self._blocks = Cipher(AES(key), ECB()).encryptor()  # noqa: S305 - one block of key stream
        self._last = bytes(_BLOCK)
        self._salt = secrets.randbelow(_SALTS)

    def encrypt(self, plain: bytes, boots: int, time: int) -> tuple[bytes, bytes]:
        """Return the encrypted octets and the salt to send with them."""
        self._salt = (self._salt + 1) % _SALTS
        salt = self._salt.to_bytes(8, "big")
        stream = int.from_bytes(self._blocks.update(self._last), "big")
        vector = int.from_bytes(_vector(boots, time, salt), "big")
        first = (stream ^ vector).to_bytes(_BLOCK, "big")
        data = self._encryptor.update(first + plain + bytes(-len(plain) % _BLOCK))
        self._last = data[-_BLOCK:]
        return data[_BLOCK : _BLOCK + len(plain)], salt

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """Return the plain octets; raises DecodeError."""
        if len(salt) != 8:
            raise DecodeError("a salt of an impossible size")
        whole = _vector(boots, time, salt) + data + bytes(-len(data) % _BLOCK)
        return self._decryptor.update(whole)[_BLOCK : _BLOCK + len(data)]


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
