"""The story's first part: people, credentials, inventory, and everything measured."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import TYPE_CHECKING

from lab import seeding
from lab.demo_doors import StepError, until
from lab.demo_ports import count_ports
from lab.demo_scene import PEOPLE, POLL_SECONDS, REQUESTER

if TYPE_CHECKING:
    from pathlib import Path

    from lab.demo_scene import Scene


class Beginning:
    """From an empty hatang to one that measures the province."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def password(self) -> str:
        """The first password is printed exactly once."""
        found = self._scene.running.passwords
        if len(found) != 1:
            raise StepError(f"printed {len(found)} times")
        return "printed exactly once"

    def people(self) -> str:
        """Create those who play in the story; passwords come over standard input."""
        for name, roles in PEOPLE.items():
            words = [word for role in roles for word in ("--role", role)]
            password = secrets.token_urlsafe(15)
            self._scene.passwords[name] = password
            given = f"{password}\n"
            self._scene.doors.must(
                "user", "create", name, *words, "--password-file", "-", person="admin", given=given
            )
        given_roles = [word for role in PEOPLE[REQUESTER] for word in ("--role", role)]
        token = self._scene.doors.must("token", "create", "demo", *given_roles, person=REQUESTER)
        self._scene.doors.token = token.out.strip()
        return ", ".join(f"{name} ({'+'.join(roles)})" for name, roles in PEOPLE.items())

    def credentials(self) -> str:
        """Import the lab's secrets."""
        files = seeding.SeedOrder(
            "lab",
            self._scene.folder / "lab.yaml",
            self._scene.folder / "lab.toml",
            None,
            self._scene.held.seed,
        )
        seeding.write(files, self._scene.place)
        self._scene.doors.must(
            "credential", "import", str(self._scene.folder / "lab.toml"), person=REQUESTER
        )
        listed = self._scene.doors.must("credential", "list", person=REQUESTER)
        leaked = [
            word for word in _secret_words(self._scene.folder / "lab.toml") if word in listed.out
        ]
        if leaked:
            raise StepError("the list shows a secret")
        return f"{len(listed.answer)} imported, none shown"

    def inventory(self) -> str:
        """Plan, apply exactly that plan, and see that a second plan is empty."""
        file = str(self._scene.folder / "lab.yaml")
        plan = self._scene.doors.must("inventory", "plan", file, person=REQUESTER).answer
        self._scene.doors.must(
            "inventory", "import", file, "--plan", plan["sha256"], person=REQUESTER
        )
        again = self._scene.doors.must("inventory", "plan", file, person=REQUESTER).answer
        if again["created"] or again["changed"]:
            raise StepError(f"a second plan is not empty: {again['created']}, {again['changed']}")
        return f"{plan['created']} elements created, a second plan is empty"

    def polled(self) -> str:
        """Wait until every device is good, and SNMP told of each one's ports."""
        total = len(self._scene.devices())

        def all_good() -> str:
            sites = self._scene.doors.get("/api/v1/sites/status")
            counts: Counter[str] = Counter()
            for site in sites["items"] if isinstance(sites, dict) else sites:
                counts.update(site["counts"])
            if counts["good"] == total:
                return f"{total} of {total} good"
            raise StepError(f"{dict(counts)} of {total}")

        return str(until("all devices are good", POLL_SECONDS, all_good))

    def prometheus(self) -> str:
        """Compare the counters Prometheus holds with the ports each device itself lists."""

        def scraped() -> dict[str, int]:
            found = self._scene.doors.query("count by (device) (ifHCInOctets)")
            return {row["metric"]["device"]: int(row["value"][1]) for row in found}

        wanted = len(self._scene.devices())
        until("every device is scraped", POLL_SECONDS, lambda: len(scraped()) >= wanted)
        counted = scraped()
        own_counts = count_ports(self._scene.held, self._scene.place, self._scene.folder)
        differing = {
            name: (counted.get(name), own)
            for name, own in own_counts.items()
            if counted.get(name) != own
        }
        if differing:
            raise StepError(f"Prometheus and snmpbulkwalk differ: {differing}")
        return f"{sum(counted.values())} counters of {len(counted)} devices, as snmpbulkwalk counts"


def _secret_words(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [line.split('"')[1] for line in lines if "password" in line and line.count('"') == 2]
