"""The story's changes: a good one on five devices, and one that cuts its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab import observe
from lab.demo_doors import StepError, until
from lab.demo_scene import APPROVER, REQUESTER

if TYPE_CHECKING:
    from pathlib import Path

    from lab.demo_doors import Doors
    from lab.state import LabState

ROUTERS = ("xa-01", "xa-02", "xa-03")
REVERT_SECONDS = 60
BACK_SECONDS = 150.0
GOOD = {
    ",".join(ROUTERS): "interface eth2\n description hatang demo\n",
    "dc-sw-1": "interface GigabitEthernet1/0/5\n description hatang demo\n",
    "hub-1-sw-1": "interface Ethernet2\n   description hatang demo\n",
}
BAD = {
    "xa-04": "interface eth1\n shutdown\n",
    "hub-3-sw-1": "interface Vlan1\n shutdown\n",
}


class Changes:
    """Plays change sets through the command."""

    def __init__(self, doors: Doors, folder: Path, place: Path, held: LabState) -> None:
        self._doors = doors
        self._folder = folder
        self._place = place
        self._held = held
        self._bad = 0

    def good(self) -> str:
        """Change five devices after a second person's approval."""
        number, planned = self._planned("Demo: a description", GOOD)
        own = self._doors.command(
            "change", "approve", str(number), "--plan", planned["plan_sha256"], person=REQUESTER
        )
        if own.status == 0:
            raise StepError("the requester approved the own change")
        self._approve(number, planned)
        ran = self._doors.must("change", "apply", str(number), person=REQUESTER)
        states = {row["device"]: row["state"] for row in ran.answer["targets"]}
        if set(states.values()) != {"confirmed"} or len(states) != 5:
            raise StepError(str(states))
        for device in states:
            if not observe.journal(self._held, self._place, device):
                raise StepError(f"{device}'s own journal knows of no change")
        return "own approval refused; 5 devices confirmed, each by its own journal too"

    def send_bad(self) -> str:
        """Push a change that shuts the way to a router and to a switch."""
        number, planned = self._planned("Demo: cuts its own way", BAD)
        self._approve(number, planned)
        words = ("change", "apply", str(number), "--wait", "0")
        self._doors.must(*words, person=REQUESTER)
        self._bad = number
        return f"change {number} on {' and '.join(BAD)}, back after {REVERT_SECONDS} s"

    def bad_came_back(self) -> str:
        """Wait for the devices' own timers."""

        def ended() -> dict[str, Any] | None:
            ran = self._doors.must("change", "show", str(self._bad), person=REQUESTER)
            found: dict[str, Any] = ran.answer
            return found if found["change"]["finished_at"] else None

        found = until("the change ended", BACK_SECONDS, ended)
        states = {row["device"]: row["state"] for row in found["targets"]}
        if set(states.values()) != {"reverted"}:
            raise StepError(f"{found['change']['state']}: {states}")
        return f"{found['change']['state']}: " + ", ".join(f"{k} {v}" for k, v in states.items())

    def _planned(self, title: str, texts: dict[str, str]) -> tuple[int, dict[str, Any]]:
        words = []
        for number, (devices, text) in enumerate(texts.items()):
            file = self._folder / f"change-{number}.conf"
            file.write_text(text, "ascii")
            words += ["--text", f"{devices}={file}"]
        made = self._doors.must(
            "change", "create", title, *words, "--revert-seconds", str(REVERT_SECONDS),
            "--reason", "the story", person=REQUESTER,
        )  # fmt: skip
        change = int(made.answer["change"])
        plan = self._doors.must("change", "plan", str(change), person=REQUESTER).answer
        empty = [group["devices"] for group in plan["groups"] if not group["diff"].strip()]
        if empty:
            raise StepError(f"no difference on {empty}")
        self._doors.must("change", "submit", str(change), person=REQUESTER)
        return change, plan["change"]

    def _approve(self, number: int, planned: dict[str, Any]) -> None:
        words = ("change", "approve", str(number), "--plan", planned["plan_sha256"])
        self._doors.must(*words, person=APPROVER)
