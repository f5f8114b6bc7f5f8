"""The story of a province, step by step, through public doors only.

Each step returns one line about what it saw, or raises StepError.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lab import faults, observe, seeding, state
from lab.demo_changes import Changes
from lab.demo_doors import StepError, until
from lab.demo_ports import count_ports
from lab.topology import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab.demo_doors import Doors
    from lab.demo_sink import Sink
    from lab.demo_stage import Running
    from lab.state import LabState

HUB = "hub-2"
REQUESTER, APPROVER, AUDITOR = "lan", "hoa", "truc"
PEOPLE = {
    REQUESTER: ("engineer", "operator"),
    APPROVER: ("approver",),
    AUDITOR: ("auditor",),
}
SERVERS = ("srv-dns", "srv-mail")
POLL_SECONDS = 60.0
PAGE_SECONDS = 90.0
"""From the cut to the page: three polls, hold-down, and Alertmanager's waits."""


@dataclass
class Story:
    """What the steps share."""

    folder: Path
    place: Path
    held: LabState
    sink: Sink
    running: Running
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def doors(self) -> Doors:
        """The doors of the running hatang."""
        return self.running.doors

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        """Return every step with its name, in order."""
        changes = Changes(self.doors, self.folder, self.place, self.held)
        return [
            *self.beginning(),
            ("Prometheus finds and scrapes them", self.prometheus),
            (f"break {HUB}: one incident, one page each way", self.broken),
            # Its minute passes while the next steps are played.
            ("a change that cuts its own way is sent", changes.send_bad),
            (f"heal {HUB}: one recovery each way", self.healed),
            ("change on three routers and two switches", changes.good),
            ("playbook on two servers, events live", self.playbook),
            ("bridge, rooms and registrar", self.conference),
            ("is the meeting ready", self.meeting),
            ("the bad change came back by itself", changes.bad_came_back),
            ("one command on all devices, answers grouped", self.command),
            ("the vault collects all configurations", self.vault),
            ("audit with five rules, evidence", self.audit),
            ("the record of who did what is whole", self.chain),
        ]

    def beginning(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the steps up to the first poll, which a served demo plays too."""
        return [
            ("first administrator's password, once", self.password),
            ("people: requester, approver, auditor", self.people),
            ("credentials, from a file only we may read", self.credentials),
            ("import the inventory: plan, then apply", self.inventory),
            ("every device answers ping and SNMPv3", self.polled),
        ]

    def password(self) -> str:
        """The first password is printed exactly once."""
        found = self.running.passwords
        if len(found) != 1:
            raise StepError(f"printed {len(found)} times")
        return "printed exactly once"

    def people(self) -> str:
        """Create those who play in the story; passwords come over standard input."""
        for name, roles in PEOPLE.items():
            words = [word for role in roles for word in ("--role", role)]
            password = secrets.token_urlsafe(15)
            self.facts[name] = password
            given = f"{password}\n"
            self.doors.must(
                "user", "create", name, *words, "--password-file", "-", person="admin", given=given
            )
        given_roles = [word for role in PEOPLE[REQUESTER] for word in ("--role", role)]
        token = self.doors.must("token", "create", "demo", *given_roles, person=REQUESTER)
        self.doors.token = token.out.strip()
        return ", ".join(f"{name} ({'+'.join(roles)})" for name, roles in PEOPLE.items())

    def credentials(self) -> str:
        """Import the lab's secrets."""
        files = seeding.SeedOrder(
            "lab", self.folder / "lab.yaml", self.folder / "lab.toml", None, self.held.seed
        )
        seeding.write(files, self.place)
        self.doors.must("credential", "import", str(self.folder / "lab.toml"), person=REQUESTER)
        listed = self.doors.must("credential", "list", person=REQUESTER)
        leaked = [word for word in _secret_words(self.folder / "lab.toml") if word in listed.out]
        if leaked:
            raise StepError("the list shows a secret")
        return f"{len(listed.answer)} imported, none shown"

    def inventory(self) -> str:
        """Plan, apply exactly that plan, and see that a second plan is empty."""
        file = str(self.folder / "lab.yaml")
        plan = self.doors.must("inventory", "plan", file, person=REQUESTER).answer
        self.doors.must("inventory", "import", file, "--plan", plan["sha256"], person=REQUESTER)
        again = self.doors.must("inventory", "plan", file, person=REQUESTER).answer
        if again["created"] or again["changed"]:
            raise StepError(f"a second plan is not empty: {again['created']}, {again['changed']}")
        return f"{plan['created']} elements created, a second plan is empty"

    def polled(self) -> str:
        """Wait until every device is good, and SNMP told of each one's ports."""
        total = len(self._devices())

        def all_good() -> str:
            sites = self.doors.get("/api/v1/sites/status")
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
            found = self.doors.query("count by (device) (ifHCInOctets)")
            return {row["metric"]["device"]: int(row["value"][1]) for row in found}

        wanted = len(self._devices())
        until("every device is scraped", POLL_SECONDS, lambda: len(scraped()) >= wanted)
        counted = scraped()
        own_counts = count_ports(self.held, self.place, self.folder)
        differing = {
            name: (counted.get(name), own)
            for name, own in own_counts.items()
            if counted.get(name) != own
        }
        if differing:
            raise StepError(f"Prometheus and snmpbulkwalk differ: {differing}")
        return f"{sum(counted.values())} counters of {len(counted)} devices, as snmpbulkwalk counts"

    def broken(self) -> str:
        """Cut the hub off and count what reached people, in the receivers' own logs."""
        with state.locked():
            held = state.load(self.place)
            faults.break_target(held, HUB)
            state.save(held, self.place)
        page = until("the page", PAGE_SECONDS, lambda: self.sink.about(HUB, "firing"))[0]
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
            held = state.load(self.place)
            faults.heal_target(held, HUB)
            state.save(held, self.place)
        until("the recovery", PAGE_SECONDS, lambda: self.sink.about(HUB, "resolved"))
        until("the recovery's mail", 30, lambda: self._mails("RESOLVED"))
        self._exactly_one("resolved", "RESOLVED")
        self._exactly_one("firing", "FIRING")
        return "one webhook and one mail"

    def _incident(self) -> dict[str, Any]:
        listed = self.doors.get("/api/v1/incidents")["items"]
        if len(listed) != 1:
            names = [row["name"] for row in listed]
            raise StepError(f"{len(listed)} incidents are open: {names}")
        found: dict[str, Any] = self.doors.get(f"/api/v1/incidents/{listed[0]['id']}")
        return found

    def _exactly_one(self, status: str, mark: str) -> None:
        pages, mails = self.sink.about(HUB, status), self._mails(mark)
        if len(pages) != 1 or len(mails) != 1:
            told = "; ".join(f"{mail['date']} {mail['subject']}" for mail in self._mails("["))
            raise StepError(f"{len(pages)} webhooks and {len(mails)} mails {status}: {told}")

    def _mails(self, mark: str) -> list[dict[str, str]]:
        mine = (mail for mail in observe.mailbox() if f"[{mark}" in mail["subject"])
        return [mail for mail in mine if HUB in mail["subject"] + mail["body"]]

    def _behind(self) -> list[str]:
        ends = [(link.a.partition(":")[0], link.b.partition(":")[0]) for link in self.held.links]
        near = {b if a == HUB else a for a, b in ends if HUB in (a, b)}
        return sorted(name for name in near if name.startswith("xa-"))

    def _devices(self) -> list[str]:
        kinds = {Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS}
        return [name for name, facts in self.held.nodes.items() if facts.kind in kinds]

    def playbook(self) -> str:
        """Run the banner playbook on two servers and follow its events."""
        words = ("playbook", "run", "login-banner", "--devices", ",".join(SERVERS))
        ran = self.doors.must(*words, person=REQUESTER)
        events = [line for line in ran.err.splitlines() if "runner_on_" in line]
        summary = ran.answer["summary"]
        if sorted(summary) != sorted(SERVERS) or not events:
            raise StepError(f"{len(events)} events, summary {summary}")
        return f"{len(events)} events; {ran.answer['state']} on {', '.join(sorted(summary))}"

    def conference(self) -> str:
        """Ask the bridge how it is."""
        ran = self.doors.must("bridge", "status", person=REQUESTER)
        states = {row["bridge"]: row["state"] for row in ran.answer}
        rooms = self.doors.get("/api/v1/conferences")
        count = len(rooms["items"] if isinstance(rooms, dict) else rooms)
        return f"{', '.join(f'{name} {state}' for name, state in states.items())}; {count} running"

    def meeting(self) -> str:
        """Plan a meeting of three rooms and ask whether all points will work."""
        # The fourth commune's router is cutting itself off in this very moment.
        rooms = [f"room-xa-{number:02}" for number in range(1, 4)]
        starts = datetime.now(UTC) + timedelta(hours=1)
        meeting: dict[str, Any] = {
            "uid": "giao-ban@tinh.test",
            "title": "Giao ban trực tuyến",
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(hours=1)).isoformat(),
            "bridge": "mcu-1",
            "points": [{"room": room, "required": True} for room in rooms],
        }
        file = self.folder / "meeting.yaml"
        file.write_text(json.dumps(meeting, ensure_ascii=False), "utf-8")
        self.doors.must("meeting", "put", str(file), person=REQUESTER)
        ran = self.doors.must("meeting", "readiness", meeting["uid"], person=REQUESTER)
        verdict = ran.answer["verdict"]
        checks = Counter(f"{row['check']} {row['result']}" for row in ran.answer["checks"])
        shown = ", ".join(f"{count}× {name}" for name, count in sorted(checks.items()))
        return f"{verdict['verdict']}: {verdict['ready']} of {verdict['total']}; {shown}"

    def command(self) -> str:
        """Ask every device with a command line, and the routers something they agree about."""
        every = self.doors.must("command", "run", "show version", person=REQUESTER).answer
        devices = sum(len(group["devices"]) for group in every)
        kinds = self.held.nodes.items()
        routers = ",".join(name for name, facts in kinds if facts.kind == Kind.ROUTER)
        words = ("command", "run", "show ip forwarding", "--devices", routers)
        alike = self.doors.must(*words, person=REQUESTER).answer
        asked = sum(len(group["devices"]) for group in alike)
        if len(alike) >= asked:
            raise StepError(f"{asked} routers gave {len(alike)} different answers")
        return f"{devices} devices answer; {asked} routers agree in {len(alike)} group(s)"

    def vault(self) -> str:
        """Collect everything; nothing fails."""
        rows = self.doors.must("vault", "collect", person=REQUESTER).answer
        new = sum(bool(row.get("is_new")) for row in rows)
        return f"{len(rows)} collected, {new} new"

    def audit(self) -> str:
        """Judge what was collected, and show one failure with its evidence."""
        ran = self.doors.must("audit", "run", person=REQUESTER).answer
        rows = self.doors.must("audit", "findings", person=REQUESTER).answer
        verdicts = Counter(row["verdict"] for row in rows)
        rules = {row["rule_id"] for row in rows}
        shown = next((row for row in rows if row["evidence"].get("lines")), None)
        if len(rules) != 5 or shown is None:
            raise StepError(f"rules {sorted(rules)}, no finding with a line")
        told = shown["evidence"]
        counted = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
        where = (
            f"{shown['device']} {shown['rule_id']} {told['sha256'][:12]}… line {told['lines'][0]}"
        )
        return f"{len(ran['audited'])} devices: {counted}; e.g. {where}"

    def chain(self) -> str:
        """Verify the audit log as an auditor."""
        self.doors.must("audit-log", "verify", person=AUDITOR)
        return "no break"


def _secret_words(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [line.split('"')[1] for line in lines if "password" in line and line.count('"') == 2]
