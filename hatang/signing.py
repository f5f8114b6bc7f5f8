"""Ed25519 (RFC 8032): keys in files, signatures as base64, keys named by their fingerprint."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hatang.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES: Final = 32  # RFC 8032, section 5.1.5


def fingerprint(public: str) -> str:
    """Return the name of a public key: the SHA-256 of its bytes, hexadecimal."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()


def generate() -> tuple[bytes, str]:
    """Return a fresh private key and its public key in base64."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), _public(private)


def public_of(private: bytes) -> str:
    """Return the public key that belongs to `private`, in base64."""
    return _public(Ed25519PrivateKey.from_private_bytes(private))


def sign(private: bytes, content: bytes) -> str:
    """Return the signature of `content`, in base64."""
    key = Ed25519PrivateKey.from_private_bytes(private)
    return base64.b64encode(key.sign(content)).decode()


def is_signed(public: str, content: bytes, signature: str) -> bool:
    """Tell whether `signature` is that of `content` by the key `public`; malformed ones are not."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def load_or_create(path: Path) -> bytes:
    """Return the private key in `path`; the first time one is made, readable by its owner only.

    Raises:
        SettingsError: others may read it, or it holds no key.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _loaded(path)
    private, _public_key = generate()
    with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor
        stream.write(private)
        os.fsync(stream.fileno())
    return private


def _loaded(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsError(
            f"the signing key {path} may be read by others", fix=f"Run: chmod 600 {path}"
        )
    private = path.read_bytes()
    if len(private) != KEY_BYTES:
        raise SettingsError(f"{path} is not a signing key of hatang", fix="Restore it.")
    return private


def _public(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()
