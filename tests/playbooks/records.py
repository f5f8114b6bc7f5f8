"""Records that tests of changes, vault and audits stand on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hatang.auth import Actor
from hatang.drivers.target import SshLogin, Target
from hatang.scope import add
from inventory import platforms
from inventory.models import Device, Site, Unit
from playbooks import vault
from playbooks.access import Access
from playbooks.choices import ConfigKind
from playbooks.vault import Collected

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession
    from inventory.rows import DeviceRow

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")


def device(session: WriteSession, name: str = "r1", platform: str = "frr") -> Access:
    """Write a device with a unit and a site of its own, and return how it would be reached."""
    scope_id = add(session)
    unit = Unit(scope_id=scope_id, code=f"u-{name}", name="U", kind="province")
    session.add(unit)
    session.flush()
    site = Site(scope_id=scope_id, slug=f"s-{name}", name="S", unit_id=unit.id, kind="hub")
    session.add(site)
    session.flush()
    router = Device(
        scope_id=scope_id,
        device_key=f"key-{name}",
        name=name,
        site_id=site.id,
        role="hub",
        platform=platform,
        ports={},
        credentials={},
    )
    session.add(router)
    session.flush()
    target = Target(f"key-{name}", "10.0.0.1", 22)
    login = SshLogin("ops", "x")
    known = platforms.get(platform)
    return Access(router.id, scope_id, name, known, target, target, login, login)


def reached(row: DeviceRow) -> Access:
    """Return how a device of an inventory would be reached."""
    target = Target(row.device_key, "10.0.0.1", 22)
    login = SshLogin("ops", "x")
    known = platforms.get(row.platform)
    return Access(row.id, row.scope_id, row.name, known, target, target, login, login)


def collected(text: str) -> Collected:
    """Return `text` as if a device had just given it."""
    return Collected(text, ConfigKind.RUNNING, "napalm frr", "show running-config", AT)


def keep(database: Database, access: Access, text: str) -> tuple[int, bool]:
    """Put `text` into the vault."""
    with database.write() as session:
        return vault.store(session, SYSTEM, access, collected(text), source="backup")
