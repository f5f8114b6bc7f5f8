"""Versions of configurations: equal but for volatile lines is the same version, seen again.

The digest is taken of the redacted text, so that it betrays nothing. A secret that changed makes a
new version all the same: `identity` is a keyed hash of the full text without its volatile lines.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, select

from hatang import audit, blobs, scope
from hatang.auth import Permission, require
from hatang.db.equipment import equipment
from hatang.errors import DeniedError, NotFoundError
from hatang.sealing import MasterKey
from inventory import platforms
from inventory.models import Device
from inventory.pages import Order, fetch
from inventory.rows import FIRST_PAGE
from playbooks.models import ConfigVersion
from playbooks.vault import meaning
from playbooks.vault.readying import Known, Ready, ready

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, Database, WriteSession
    from inventory.rows import Page, Query
    from playbooks.access import Access
    from playbooks.vault.collection import Collected


STATE: Final = "state"
"""The source of a version that differs from the one before in states of the device alone."""
SAID_LIMIT: Final = 255


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version as lists show it; the clocks are of when it was seen last."""

    id: int
    device_id: int
    device: str
    platform: str
    kind: str
    digest: str
    line_count: int
    source: str
    transport: str
    command: str
    collected_at: datetime
    last_seen_at: datetime
    is_saved: bool | None
    clock_said: str
    device_clock: datetime | None
    server_clock: datetime | None

    @property
    def skew_seconds(self) -> int | None:
        """By how much the device's clock is ahead of ours; None where it told no moment."""
        if self.device_clock is None or self.server_clock is None:
            return None
        return round((self.device_clock - self.server_clock).total_seconds())


def store(
    session: WriteSession, actor: Actor, access: Access, found: Ready | Collected, *, source: str
) -> tuple[int, bool]:
    """Keep a configuration; returns the version's id and whether it is a new one.

    `source` says why it was collected, such as `backup` or `change/17`. Where nothing changed but
    what the platform calls states since the version it was `compared` with, the version's source
    is STATE instead. What may be large is made `ready` before the session begins.

    Raises:
        DeniedError: the actor may not read the configuration of this device.
    """
    if not scope.reaches(session, actor.acting(Permission.VAULT_READ), access.scope_id):
        raise DeniedError(f"{actor.name} may not collect from {access.name}")
    kept = found if isinstance(found, Ready) else ready(access, found)
    collected = kept.collected
    identity = _identity(session, kept.plain)
    last = _last(session, access.device_id, collected.kind)
    if last is not None and last.identity == identity:
        last.last_seen_at = collected.collected_at
        last.transport = collected.transport
        if kept.is_saved is not None:
            last.is_saved = kept.is_saved
        _set_clock(last, collected)
        return last.id, False
    version = ConfigVersion(
        scope_id=access.scope_id,
        device_id=access.device_id,
        kind=collected.kind,
        digest=kept.digest,
        identity=identity,
        raw=blobs.put(session, collected.text.encode()),
        redacted=blobs.put(session, kept.stable.encode()),
        line_count=kept.line_count,
        source=STATE if last is not None and kept.alike == last.id else source,
        transport=collected.transport,
        command=collected.command,
        collected_at=collected.collected_at,
        last_seen_at=collected.collected_at,
        is_saved=kept.is_saved,
    )
    _set_clock(version, collected)
    session.add(version)
    session.flush()
    audit.record(
        session,
        actor,
        "vault.store",
        f"device/{access.device_id}",
        {"version": version.id, "digest": version.digest, "source": source},
    )
    return version.id, True


def compared(db: Database, access: Access, collected: Collected) -> Ready:
    """Return `collected` as the vault keeps it, compared with the device's last version.

    What comes in between is not compared: then a new version has the source it was given.
    """
    if not access.platform.states:
        return ready(access, collected)
    with db.read() as session:
        last = _last(session, access.device_id, collected.kind)
        text = None if last is None else blobs.get(session, last.raw).decode()
        known = None if last is None or text is None else Known(last.id, text)
    return ready(access, collected, known)


def _set_clock(version: ConfigVersion, collected: Collected) -> None:
    """Write down what the device said its time is, also when that is nothing."""
    if collected.clock is None:
        return
    said = " ".join(collected.clock.said.split())
    version.clock_said = said[:SAID_LIMIT]
    version.device_clock = collected.clock.device_at
    version.server_clock = collected.clock.server_at


def _identity(session: AnySession, text: str) -> str:
    return equipment(session, MasterKey).address(text.encode())


def _last(session: AnySession, device_id: int, kind: str) -> ConfigVersion | None:
    statement = (
        select(ConfigVersion)
        .where(ConfigVersion.device_id == device_id, ConfigVersion.kind == kind)
        .order_by(ConfigVersion.id.desc())
        .limit(1)
    )
    return session.scalars(statement).first()


def _rows(actor: Actor) -> Select[ConfigVersion, str, str]:
    require(actor, Permission.VAULT_READ)
    visible = scope.visible(actor.acting(Permission.VAULT_READ), ConfigVersion.scope_id)
    return (
        select(ConfigVersion, Device.name, Device.platform)
        .join(Device, Device.id == ConfigVersion.device_id)
        .where(visible)
    )


VERSIONS: Final = Order(
    {
        "id": ConfigVersion.id,
        "device": Device.name,
        "source": ConfigVersion.source,
        "collected_at": ConfigVersion.collected_at,
        "last_seen_at": ConfigVersion.last_seen_at,
    },
    (ConfigVersion.id.desc(),),
)


def list_versions(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[VersionRow]:
    """Return versions, newest first; raises InvalidInputError for an unknown column."""
    return fetch(session, _rows(actor), VERSIONS, query, _row)


def latest(session: AnySession, actor: Actor, device_id: int) -> VersionRow:
    """Return the device's newest version; raises NotFoundError when there is none."""
    statement = _rows(actor).where(ConfigVersion.device_id == device_id)
    found = session.execute(statement.order_by(ConfigVersion.id.desc()).limit(1)).first()
    if found is None:
        raise NotFoundError(
            "the vault holds no configuration of this device",
            fix="Collect it first: hatang vault collect.",
        )
    return _row(*found)


def read(session: AnySession, actor: Actor, version_id: int) -> tuple[VersionRow, str]:
    """Return a version and its redacted text; raises NotFoundError."""
    found = session.execute(_rows(actor).where(ConfigVersion.id == version_id)).first()
    if found is None:
        raise NotFoundError(f"there is no configuration version {version_id}")
    return _row(*found), blobs.get(session, found[0].redacted).decode()


def before(session: AnySession, actor: Actor, version: VersionRow) -> int:
    """Return the version of the same device that came before; 0 when it is the first."""
    statement = _rows(actor).where(
        ConfigVersion.device_id == version.device_id,
        ConfigVersion.kind == version.kind,
        ConfigVersion.id < version.id,
    )
    found = session.execute(statement.order_by(ConfigVersion.id.desc()).limit(1)).first()
    return 0 if found is None else found[0].id


def read_raw(session: WriteSession, actor: Actor, version_id: int) -> str:
    """Return the full text with its secrets; every such reading is in the audit log.

    Raises:
        DeniedError: the actor may not read secrets, or not those of this device.
        NotFoundError: there is no such version.
    """
    acting = actor.acting(Permission.VAULT_READ_SECRET)
    row, _redacted = read(session, actor, version_id)
    version = session.get_one(ConfigVersion, row.id)
    if not scope.reaches(session, acting, version.scope_id):
        raise DeniedError(f"{actor.name} may not read the secrets of {row.device}")
    audit.record(
        session, actor, "vault.read-secret", f"device/{row.device_id}", {"version": row.id}
    )
    return blobs.get(session, version.raw).decode()


def read_for_judge(session: AnySession, actor: Actor, version_id: int) -> tuple[VersionRow, str]:
    """Return a version and its full text without volatile lines, to be judged by a machine.

    Its lines are those of the redacted text, so that what is cited can be shown. The text itself
    must go nowhere else.

    Raises:
        NotFoundError: there is no such version.
    """
    row, _redacted = read(session, actor, version_id)
    raw = blobs.get(session, session.get_one(ConfigVersion, row.id).raw).decode()
    return row, platforms.get(row.platform).without_volatile(raw)


def sealed_address(session: AnySession, version_id: int) -> str:
    """Return the keyed address of the sealed full text: it names it and betrays nothing of it."""
    return session.get_one(ConfigVersion, version_id).raw


def difference(session: AnySession, actor: Actor, old_id: int, new_id: int) -> str:
    """Return the unified difference of two versions' redacted texts; empty when equal."""
    old, old_text = read(session, actor, old_id)
    new, new_text = read(session, actor, new_id)
    lines = difflib.unified_diff(
        old_text.splitlines(),
        new_text.splitlines(),
        f"{old.device}@{old.collected_at:%Y-%m-%dT%H:%M:%SZ}",
        f"{new.device}@{new.collected_at:%Y-%m-%dT%H:%M:%SZ}",
        lineterm="",
    )
    return "\n".join(lines)


def semantic_difference(session: AnySession, actor: Actor, old_id: int, new_id: int) -> str:
    """Return what differs in meaning between two versions' redacted texts; empty when nothing."""
    old, old_text = read(session, actor, old_id)
    _new, new_text = read(session, actor, new_id)
    return meaning.difference(old.platform, old_text, new_text)


def _row(version: ConfigVersion, device: str, platform: str) -> VersionRow:
    return VersionRow(
        id=version.id,
        device_id=version.device_id,
        device=device,
        platform=platforms.get(platform).name,
        kind=version.kind,
        digest=version.digest,
        line_count=version.line_count,
        source=version.source,
        transport=version.transport,
        command=version.command,
        collected_at=version.collected_at,
        last_seen_at=version.last_seen_at,
        is_saved=version.is_saved,
        clock_said=version.clock_said,
        device_clock=version.device_clock,
        server_clock=version.server_clock,
    )
