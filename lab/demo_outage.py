"""The story's outage: a hub goes, people are told once; it comes back, they are told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab import faults, observe, state
from lab.demo_doors import StepError, until
from lab.demo_scene import HUB

if TYPE_CHECKING:
    from lab.demo_scene import Scene

PAGE_SECONDS = 90.0
"""From the cut to the page: three polls, hold-down, and Alertmanager's waits."""


class Outage:
    """Breaks and heals the hub, counting in the receivers' own logs."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def broken(self) -> str:
        """Cut the hub off and count what reached people, in the receivers' own logs."""
        with state.locked():
            held = state.load(self._scene.place)
            faults.break_target(held, HUB)
            state.save(held, self._scene.place)
        page = until("the page", PAGE_SECONDS, lambda: self._scene.sink.about(HUB, "firing"))[0]
        until("the mail", 30, lambda: self._mails("FIRING"))
        found = self._incident()
        effects = {effect["name"] for effect in found["effects"]}
        communes = {name for name in self._behind() if name not in effects}
        if communes:
            raise StepError(f"the incident does not name {sorted(communes)}")
        self._exactly_one("firing", "FIRING")
        return f"incident {page['groupLabels']['incident']}: {found['incident']['name']}"

    def healed(self) -> str:
        """Heal the hub: exactly one recovery in each log."""
        with state.locked():
            held = state.load(self._scene.place)
            faults.heal_target(held, HUB)
            state.save(held, self._scene.place)
        until("the recovery", PAGE_SECONDS, lambda: self._scene.sink.about(HUB, "resolved"))
        until("the recovery's mail", 30, lambda: self._mails("RESOLVED"))
        self._exactly_one("resolved", "RESOLVED")
        self._exactly_one("firing", "FIRING")
        return "one webhook and one mail"

    def _incident(self) -> dict[str, Any]:
        listed = self._scene.doors.get("/api/v1/incidents")["items"]
        if len(listed) != 1:
            names = [row["name"] for row in listed]
            raise StepError(f"{len(listed)} incidents are open: {names}")
        found: dict[str, Any] = self._scene.doors.get(f"/api/v1/incidents/{listed[0]['id']}")
        return found

    def _exactly_one(self, status: str, mark: str) -> None:
        pages, mails = self._scene.sink.about(HUB, status), self._mails(mark)
        if len(pages) != 1 or len(mails) != 1:
            told = "; ".join(f"{mail['date']} {mail['subject']}" for mail in self._mails("["))
            raise StepError(f"{len(pages)} webhooks and {len(mails)} mails {status}: {told}")

    def _mails(self, mark: str) -> list[dict[str, str]]:
        mine = (mail for mail in observe.mailbox() if f"[{mark}" in mail["subject"])
        return [mail for mail in mine if HUB in mail["subject"] + mail["body"]]

    def _behind(self) -> list[str]:
        ends = [
            (link.a.partition(":")[0], link.b.partition(":")[0]) for link in self._scene.held.links
        ]
        near = {b if a == HUB else a for a, b in ends if HUB in (a, b)}
        return sorted(name for name in near if name.startswith("xa-"))
