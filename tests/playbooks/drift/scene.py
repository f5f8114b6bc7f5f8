"""Routers with a configuration in the vault, and what is intended for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hatang import clock
from inventory.models import Device
from playbooks import drift, vault
from playbooks.changes import Selection
from playbooks.drift import IntendedDraft
from tests.playbooks.records import AT, SYSTEM, collected, device

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from playbooks.access import Access
    from playbooks.drift import DriftRow

HOURS = 48
IN_LINE = "hostname r1\nrouter bgp 65001\n neighbor 10.0.0.1 remote-as 65009\nexit\n"
DRIFTED = IN_LINE.replace("65009", "65002")
TEMPLATE = "router bgp 65001\n neighbor 10.0.0.1 remote-as {{ parameters.peer }}\n"


@dataclass
class Scene:
    """A database at a time of its own, which is AT and a number of hours."""

    database: Database
    engineer: Actor
    hour: float = 0

    def router(self, name: str = "r1", platform: str = "frr") -> Access:
        """Write a device in operation down, at a site and a unit of its own."""
        with self.database.write() as session:
            access = device(session, name, platform)
            session.get_one(Device, access.device_id).status = "active"
        return access

    def keep(self, access: Access, text: str) -> int:
        """Let the vault see `text` at this hour; returns the version."""
        at = AT + timedelta(hours=self.hour)
        with clock.frozen(at), self.database.write() as session:
            given = replace(collected(text), collected_at=at)
            return vault.store(session, SYSTEM, access, given, source="backup")[0]

    def intend(self, *names: str, template: str = TEMPLATE, **parameters: str) -> int:
        """Set the intended configuration `bgp` at this hour."""
        given = parameters or {"peer": "65009"}
        draft = IntendedDraft("bgp", template, given, Selection(names=names))
        return self.set(draft)

    def set(self, draft: IntendedDraft, actor: Actor | None = None) -> int:
        """Set an intended configuration at this hour."""
        with clock.frozen(AT + timedelta(hours=self.hour)):
            return drift.set_intended(self.database, actor or self.engineer, draft)

    def check(self, *, is_everything: bool = True) -> dict[str, int]:
        """Compare at this hour."""
        with clock.frozen(AT + timedelta(hours=self.hour)):
            return drift.check(self.database, HOURS, is_everything=is_everything)

    def rows(self, actor: Actor | None = None) -> list[DriftRow]:
        """Return how all devices stand, as `actor` sees it."""
        with self.database.read() as session:
            return list(drift.list_drifts(session, actor or self.engineer).items)

    def row(self) -> DriftRow:
        """Return how the only device stands."""
        (row,) = self.rows()
        return row

    def lines(self, name: str = "r1") -> str:
        """Return the lines that bring a device back."""
        with self.database.read() as session:
            (standing,) = drift.of_device(session, self.engineer, name).standings
        return standing.lines


def at(hour: float) -> datetime:
    """Return the moment `hour` hours after AT."""
    return AT + timedelta(hours=hour)
