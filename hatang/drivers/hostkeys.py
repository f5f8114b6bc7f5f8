"""SSH host keys: enrolled by a person, verified before any credential leaves.

A key that a server presents is never trusted by being presented (no trust on first use): `scan`
only shows it, and `enrol_presented` takes it when its fingerprint is on the list that came from
the device's console.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import clock
from hatang.drivers.models import HostKey
from hatang.drivers.protocols import HostKeys, PublicKey
from hatang.drivers.tls import TlsTrust
from hatang.errors import (
    ConflictError,
    DriverError,
    InvalidInputError,
    NotFoundError,
    Problem,
    Reason,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Select

    from hatang.db import AnySession, Database, WriteSession
    from hatang.drivers.target import Target

_LINE_FIX: Final = "Give the line of the device's public host key, like 'ssh-ed25519 AAAA…'."
CERTIFICATE: Final = "x509-certificate"
"""The kind under which a device's TLS certificate (DER) is enrolled, beside its SSH keys."""


def parse_key(line: str, *, where: str = "host_keys") -> PublicKey:
    """Read one public key line (`kind base64 [comment]`).

    Raises:
        InvalidInputError: the base64 does not hold a key of that kind (RFC 4253 section 6.6).
    """
    parts = line.split()
    try:
        kind, data = parts[0], parts[1]
        blob = base64.b64decode(data, validate=True)
        if kind == CERTIFICATE:
            from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 RUF100 - rare

            load_der_x509_certificate(blob)
            return PublicKey(kind, data)
        (length,) = struct.unpack_from(">I", blob)
        named = blob[4 : 4 + length].decode("ascii")
    except (IndexError, ValueError, struct.error) as error:
        problem = Problem(where, "host_key", line, "is not a public key line", _LINE_FIX)
        raise InvalidInputError([problem]) from error
    if named != kind:
        problem = Problem(where, "host_key", line, f"says {kind} but holds {named}", _LINE_FIX)
        raise InvalidInputError([problem])
    return PublicKey(kind, data)


def fingerprint(key: PublicKey) -> str:
    """Return the SHA-256 fingerprint as `ssh-keygen -l` prints it."""
    digest = hashlib.sha256(base64.b64decode(key.data)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def lookup(session: AnySession, host: str, port: int) -> list[PublicKey]:
    """Return the keys that count now for `host`, oldest first."""
    rows = session.scalars(_active(host, port).order_by(HostKey.id))
    return [PublicKey(row.key_type, row.public_key) for row in rows]


def enrol(
    session: WriteSession, host: str, port: int, keys: Sequence[PublicKey], by: str
) -> list[PublicKey]:
    """Enrol `keys`; a key already enrolled stays as it is. Returns the newly enrolled ones.

    Raises:
        ConflictError: another key of the same kind counts now; `replace` is the way to change it.
    """
    current = {key.kind: key for key in lookup(session, host, port)}
    fresh: list[PublicKey] = []
    for key in keys:
        held = current.get(key.kind)
        if held is not None and held != key:
            raise ConflictError(
                f"{host}:{port} has another {key.kind} host key ({fingerprint(held)})",
                fix="Find out why the device's key changed, then replace the enrolled key.",
            )
        if held is None:
            session.add(_row(host, port, key, by))
            current[key.kind] = key
            fresh.append(key)
    session.flush()
    return fresh


def enrol_presented(
    session: WriteSession,
    host: str,
    port: int,
    presented: Sequence[PublicKey],
    *,
    fingerprints: Sequence[str],
    by: str,
) -> list[PublicKey]:
    """Enrol those of `presented` (from `scan`) whose fingerprint a person vouches for.

    Raises:
        InvalidInputError: no presented key is on the list of `fingerprints`.
    """
    vouched = [key for key in presented if fingerprint(key) in set(fingerprints)]
    if not vouched:
        shown = ", ".join(fingerprint(key) for key in presented) or "no key"
        fix = f"The device presents {shown}; read the fingerprint on its console."
        problem = Problem(f"{host}:{port}", "fingerprints", "", "match no presented key", fix)
        raise InvalidInputError([problem])
    return enrol(session, host, port, vouched, by)


def replace(
    session: WriteSession, host: str, port: int, key: PublicKey, by: str
) -> list[PublicKey]:
    """Let `key` count instead of the enrolled ones of its kind, which stay as history.

    Returns those that counted before; none when `key` was enrolled already.
    """
    rows = list(session.scalars(_active(host, port).where(HostKey.key_type == key.kind)))
    if any(row.public_key == key.data for row in rows):
        return []
    for row in rows:
        row.replaced_at = clock.now()
    session.add(_row(host, port, key, by))
    session.flush()
    return [PublicKey(row.key_type, row.public_key) for row in rows]


def withdraw(session: WriteSession, host: str, port: int, printed: str) -> PublicKey:
    """Let the enrolled key with the fingerprint `printed` count no more; it stays as history.

    Raises:
        NotFoundError: no enrolled key has it.
    """
    for row in session.scalars(_active(host, port)):
        key = PublicKey(row.key_type, row.public_key)
        if fingerprint(key) == printed:
            row.replaced_at = clock.now()
            session.flush()
            return key
    raise NotFoundError(f"{host}:{port} has no enrolled key {printed}")


class StoredHostKeys:
    """The enrolled keys of a database, read anew at each connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        """Return the keys that count now for `host`."""
        with self._database.read() as session:
            return lookup(session, host, port)


class FixedHostKeys:
    """Keys known beforehand, by (host, port); for processes without a database."""

    def __init__(self, keys: Mapping[tuple[str, int], Sequence[PublicKey]]) -> None:
        self._keys = dict(keys)

    def lookup(self, host: str, port: int) -> list[PublicKey]:
        """Return the keys given for `host`."""
        return list(self._keys.get((host, port), ()))


def enrolled(host_keys: HostKeys, target: Target) -> list[PublicKey]:
    """Return the target's enrolled keys.

    Raises:
        DriverError: HOST_KEY_MISMATCH, when none is enrolled; nothing has been sent then.
    """
    held = host_keys.lookup(target.host, target.port)
    keys = [key for key in held if key.kind != CERTIFICATE]
    if not keys:
        raise DriverError(
            f"{target}: no SSH host key is enrolled",
            Reason.HOST_KEY_MISMATCH,
            fix="Enrol the device's host key by the fingerprint read on its console.",
        )
    return keys


def certificate(host_keys: HostKeys, target: Target) -> TlsTrust:
    """Return the trust in the target's enrolled TLS certificate; the newest one counts.

    Raises:
        DriverError: CERTIFICATE_INVALID, when none is enrolled; nothing has been sent then.
    """
    held = host_keys.lookup(target.host, target.port)
    found = [key for key in held if key.kind == CERTIFICATE]
    if not found:
        raise DriverError(
            f"{target}: no TLS certificate is enrolled",
            Reason.CERTIFICATE_INVALID,
            fix=f"Enrol the device's certificate as '{CERTIFICATE} <base64 of the DER file>'.",
        )
    return TlsTrust.pinned(base64.b64decode(found[-1].data))


def known_hosts_line(host: str, port: int, key: PublicKey) -> str:
    """Return the key as a line of OpenSSH's known_hosts (sshd(8))."""
    name = host if port == 22 else f"[{host}]:{port}"
    return f"{name} {key.kind} {key.data}"


@contextmanager
def known_hosts_file(host_keys: HostKeys, targets: Sequence[Target]) -> Iterator[Path]:
    """Yield a private known_hosts file with the enrolled keys of `targets` only.

    It must live as long as the session does: file copies open a second connection and read it
    again. Raises DriverError HOST_KEY_MISMATCH for a target without a key.
    """
    lines = [
        known_hosts_line(target.host, target.port, key)
        for target in targets
        for key in enrolled(host_keys, target)
    ]
    with tempfile.TemporaryDirectory(prefix="hatang-known-hosts-") as folder:
        path = Path(folder) / "known_hosts"
        path.write_text("\n".join(lines) + "\n", encoding="ascii")
        path.chmod(0o600)
        yield path


def _active(host: str, port: int) -> Select[HostKey]:
    return select(HostKey).where(
        HostKey.host == host, HostKey.port == port, HostKey.replaced_at.is_(None)
    )


def _row(host: str, port: int, key: PublicKey, by: str) -> HostKey:
    return HostKey(
        host=host,
        port=port,
        key_type=key.kind,
        public_key=key.data,
        enrolled_by=by,
        enrolled_at=clock.now(),
    )
