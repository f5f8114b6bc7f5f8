"""The keys by which a device is known: listing, replacing and withdrawing them.

A device that was exchanged presents another key, and nothing logs in until a person says that the
new one is right. What counted before stays as history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang import audit
from hatang.drivers import hostkeys
from hatang.drivers.models import HostKey
from hatang.drivers.protocols import PublicKey
from hatang.drivers.ssh import scan
from hatang.drivers.target import Target
from hatang.errors import ConflictError
from inventory.service.importing import WRITE
from inventory.service.reading import get_device
from inventory.snapshot import ssh_address

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, Database, WriteSession
    from inventory.rows import DeviceRow


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """A key of a device; `replaced_at` is when it stopped to count."""

    kind: str
    fingerprint: str
    port: int
    enrolled_by: str
    enrolled_at: datetime
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """A key a device shows now; `line` is what `replace_host_key` takes."""

    kind: str
    fingerprint: str
    line: str
    is_enrolled: bool


def ssh_target(session: AnySession, actor: Actor, device: str) -> Target:
    """Return where a device that the actor may enrol keys for answers to SSH.

    Raises:
        DeniedError: the actor may not write the inventory.
        NotFoundError: no such device within the actor's scope.
        ConflictError: the device has no address.
    """
    found = get_device(session, actor.acting(WRITE), device)
    host, port = _address(found)
    return Target(found.device_key, host, port)


def list_host_keys(session: AnySession, actor: Actor, device: str) -> list[EnrolledKey]:
    """Return a device's keys: those that count, then those that did, newest first.

    Raises:
        NotFoundError: no such device within the actor's scope.
    """
    host, _ = _address(get_device(session, actor, device))
    rows = session.scalars(
        select(HostKey).where(HostKey.host == host).order_by(HostKey.id.desc())
    ).all()
    return [
        EnrolledKey(
            row.key_type,
            hostkeys.fingerprint(PublicKey(row.key_type, row.public_key)),
            row.port,
            row.enrolled_by,
            row.enrolled_at,
            row.replaced_at,
        )
        for row in sorted(rows, key=lambda row: row.replaced_at is not None)
    ]


def scan_host_keys(database: Database, actor: Actor, device: str) -> list[PresentedKey]:
    """Ask a device for its keys; nobody logs in and nothing is enrolled.

    Raises:
        DeniedError, NotFoundError, ConflictError: as `ssh_target`.
        DriverError: the device does not answer.
    """
    with database.read() as session:
        target = ssh_target(session, actor, device)
        enrolled = hostkeys.lookup(session, target.host, target.port)
    return [
        PresentedKey(key.kind, hostkeys.fingerprint(key), f"{key.kind} {key.data}", key in enrolled)
        for key in scan(target)
    ]


def replace_host_key(session: WriteSession, actor: Actor, device: str, line: str) -> str:
    """Let the public key `line` count for a device instead of its kind's and return its print.

    Raises:
        DeniedError, NotFoundError, ConflictError: as `ssh_target`.
        InvalidInputError: `line` is no public key.
    """
    target = ssh_target(session, actor, device)
    key = hostkeys.parse_key(line, where="request")
    before = hostkeys.replace(session, target.host, target.port, key, actor.name)
    new = hostkeys.fingerprint(key)
    detail = {"old": [hostkeys.fingerprint(old) for old in before], "new": new, "kind": key.kind}
    audit.record(session, actor, "host-key.replace", f"device/{target.key}", detail)
    return new


def withdraw_host_key(session: WriteSession, actor: Actor, device: str, printed: str) -> None:
    """Let a device's key with the fingerprint `printed` count no more; nothing logs in by it.

    Raises:
        DeniedError, NotFoundError, ConflictError: as `ssh_target`; NotFoundError also when the
            device has no such key.
    """
    target = ssh_target(session, actor, device)
    key = hostkeys.withdraw(session, target.host, target.port, printed)
    detail = {"old": [printed], "kind": key.kind}
    audit.record(session, actor, "host-key.withdraw", f"device/{target.key}", detail)


def _address(device: DeviceRow) -> tuple[str, int]:
    host, port = ssh_address({"primary_ip4": device.primary_ip4, "ports": device.ports})
    if not host:
        raise ConflictError(f"{device.name} has no address", fix="Give it a primary_ip4.")
    return host, port
