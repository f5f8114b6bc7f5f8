"""The master key: a file of mode 0600 outside the database, and AES-256-GCM with it.

Every sealed value names the key it was made with and is bound to its place (table, row,
field) as associated data, so that a value copied to another row does not open there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hatang.errors import SettingsError, TamperedError

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES: Final = 32  # AES-256
NONCE_BYTES: Final = 12  # NIST SP 800-38D, 5.2.1.1: 96 bits
_VERSION: Final = 1


@dataclass(slots=True, repr=False)
class MasterKey:
    """The keys that open sealed values, newest first, and the one that names blobs.

    `keys` maps key id to key. `naming` never changes, so that equal contents keep one address
    when the master key is rotated. One that was loaded follows its file: a running process seals
    with the new key from the moment the file has it.
    """

    keys: dict[str, bytes]
    naming: bytes
    _file: _Followed | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<MasterKey {self.current}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a master key is never pickled")

    @property
    def current(self) -> str:
        """The id of the key that seals now."""
        self._follow()
        return next(iter(self.keys))

    def _follow(self) -> None:
        """Take what the file holds now; while that cannot be used, what was loaded counts on."""
        if self._file is None:
            return
        try:
            stamp = _stamp(self._file.path)
            if stamp == self._file.stamp:
                return
            fresh = load_master_key(self._file.path)
        except (OSError, SettingsError):
            return
        if fresh.naming == self.naming:
            # What was read before still opens: a retired key is forgotten with the process.
            self.keys = {**fresh.keys, **self.keys}
            self._file = _Followed(self._file.path, stamp)

    def seal(self, data: bytes, place: str) -> str:
        """Return `data` encrypted and bound to `place`, as `v1:key id:base64`."""
        key_id = self.current
        sealed = encrypt(self.keys[key_id], data, place)
        return f"v1:{key_id}:{base64.b64encode(sealed).decode()}"

    def unseal(self, sealed: str, place: str) -> bytes:
        """Return what was sealed at `place`.

        Raises:
            TamperedError: the value was changed, or comes from another place.
            SettingsError: the key it was sealed with is not in the key file.
        """
        version, _, rest = sealed.partition(":")
        key_id, _, body = rest.partition(":")
        if version != "v1":
            raise TamperedError(f"{place} is not a sealed value")
        if key_id not in self.keys:
            self._follow()
        if key_id not in self.keys:
            raise SettingsError(
                f"{place} was sealed with master key {key_id}, which the key file does not hold",
                fix="Restore the key file that belongs to this database.",
            )
        try:
            return _open(self.keys[key_id], base64.b64decode(body, validate=True), place)
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise TamperedError(f"{place} does not open: it was changed or moved") from error

    def address(self, data: bytes) -> str:
        """Return the keyed digest (HMAC-SHA256, hex) by which `data` is stored and found."""
        return hmac.new(self.naming, data, hashlib.sha256).hexdigest()

    def rotated(self) -> MasterKey:
        """Return a master key with a fresh key in front of the old ones."""
        return MasterKey({_new_id(): secrets.token_bytes(KEY_BYTES), **self.keys}, self.naming)

    def only_current(self) -> MasterKey:
        """Return a master key without the old ones, for when nothing is sealed with them."""
        return MasterKey({self.current: self.keys[self.current]}, self.naming)


@dataclass(frozen=True, slots=True)
class _Followed:
    """The file a master key was loaded from, and how it looked then."""

    path: Path
    stamp: tuple[int, int, int]


def _stamp(path: Path) -> tuple[int, int, int]:
    # A replaced file is another inode; the time alone may stand still between two writes.
    seen = path.stat()
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


def encrypt(key: bytes, data: bytes, place: str) -> bytes:
    """Return a random nonce and the AES-256-GCM ciphertext of `data` bound to `place`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, place.encode())


def decrypt(key: bytes, sealed: bytes, place: str) -> bytes:
    """Return the plaintext of `encrypt`; raises TamperedError when it does not open."""
    try:
        return _open(key, sealed, place)
    except (InvalidTag, ValueError) as error:
        raise TamperedError(f"{place} does not open: it was changed or moved") from error


def create_master_key(path: Path) -> MasterKey:
    """Write a new master key to `path`, readable by its owner alone.

    Raises:
        SettingsError: there is a file already; a key is never overwritten.
    """
    key = MasterKey({_new_id(): secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))
    try:
        _write_private(path, _dump(key))
    except FileExistsError as error:
        raise SettingsError(
            f"{path} exists already", fix="Keep it: without it nothing sealed can be opened."
        ) from error
    return key


def load_master_key(path: Path) -> MasterKey:
    """Read the master key.

    Raises:
        SettingsError: no file, readable by others than its owner, or not a key file.
    """
    try:
        stamp = _stamp(path)
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"the master key {path} cannot be read: {error.strerror}",
            fix="Create one with `hatang init`, or restore it from where it is kept.",
        ) from error
    if stat.S_IMODE(mode) & 0o077:
        raise SettingsError(
            f"the master key {path} may be read by others (mode {stat.S_IMODE(mode):04o})",
            fix=f"Run: chmod 600 {path}",
        )
    return _parse(text, path, _Followed(path, stamp))


def replace_master_key(path: Path, key: MasterKey) -> None:
    """Put `key` in place of the file's content, atomically and on stable storage."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write_private(fresh, _dump(key))
    fresh.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # values sealed with a key whose name a power cut loses are lost
    finally:
        os.close(descriptor)


def _open(key: bytes, sealed: bytes, place: str) -> bytes:
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())


def _new_id() -> str:
    return secrets.token_hex(4)


def _write_private(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:  # noqa: PTH123 - a descriptor
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _dump(key: MasterKey) -> bytes:
    keys = {name: base64.b64encode(value).decode() for name, value in key.keys.items()}
    naming = base64.b64encode(key.naming).decode()
    return json.dumps({"version": _VERSION, "keys": keys, "naming": naming}).encode()


def _parse(text: bytes, path: Path, followed: _Followed) -> MasterKey:
    try:
        content = json.loads(text)
        keys = {name: base64.b64decode(value) for name, value in content["keys"].items()}
        naming = base64.b64decode(content["naming"])
        sound = bool(keys) and content["version"] == _VERSION
    except (ValueError, KeyError, TypeError, AttributeError):
        keys, naming, sound = {}, b"", False
    if not sound or any(len(value) != KEY_BYTES for value in (naming, *keys.values())):
        raise SettingsError(
            f"{path} is not a master key of hatang", fix="Restore it from where it is kept."
        )
    return MasterKey(keys, naming, followed)
