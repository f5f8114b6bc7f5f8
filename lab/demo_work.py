"""The story's work: a playbook, a meeting, a command on all, the vault, an audit."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lab.demo_doors import StepError
from lab.demo_scene import APPROVER, AUDITOR, REQUESTER
from lab.topology import Kind

if TYPE_CHECKING:
    from lab.demo_scene import Scene

SERVERS = ("srv-dns", "srv-mail")
LEAST_RULES = 75


class Work:
    """What people do with hatang on an ordinary day."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def playbook(self) -> str:
        """Run the banner playbook on two servers, approved by a second person."""
        doors = self._scene.doors
        words = ("playbook", "run", "login-banner", "--devices", ",".join(SERVERS))
        asked = doors.must(*words, person=REQUESTER).answer
        number, plan = str(asked["id"]), asked["plan_sha256"]
        doors.must("playbook", "approve", number, "--plan", plan, person=APPROVER)
        ran = doors.must("playbook", "start", number, person=REQUESTER)
        events = [line for line in ran.err.splitlines() if "runner_on_" in line]
        summary = ran.answer["summary"]
        if sorted(summary) != sorted(SERVERS) or not events:
            raise StepError(f"{len(events)} events, summary {summary}")
        return f"{len(events)} events; {ran.answer['state']} on {', '.join(sorted(summary))}"

    def conference(self) -> str:
        """Ask the bridge how it is."""
        ran = self._scene.doors.must("bridge", "status", person=REQUESTER)
        states = {row["bridge"]: row["state"] for row in ran.answer}
        rooms = self._scene.doors.get("/api/v1/conferences")
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
        file = self._scene.folder / "meeting.yaml"
        file.write_text(json.dumps(meeting, ensure_ascii=False), "utf-8")
        self._scene.doors.must("meeting", "put", str(file), person=REQUESTER)
        ran = self._scene.doors.must("meeting", "readiness", meeting["uid"], person=REQUESTER)
        verdict = ran.answer["verdict"]
        checks = Counter(f"{row['check']} {row['result']}" for row in ran.answer["checks"])
        shown = ", ".join(f"{count}× {name}" for name, count in sorted(checks.items()))
        return f"{verdict['verdict']}: {verdict['ready']} of {verdict['total']}; {shown}"

    def command(self) -> str:
        """Ask every device with a command line, and the routers something they agree about."""
        every = self._scene.doors.must("command", "run", "show version", person=REQUESTER).answer
        devices = sum(len(group["devices"]) for group in every)
        kinds = self._scene.held.nodes.items()
        routers = ",".join(name for name, facts in kinds if facts.kind == Kind.ROUTER)
        words = ("command", "run", "show ip forwarding", "--devices", routers)
        alike = self._scene.doors.must(*words, person=REQUESTER).answer
        asked = sum(len(group["devices"]) for group in alike)
        if len(alike) >= asked:
            raise StepError(f"{asked} routers gave {len(alike)} different answers")
        return f"{devices} devices answer; {asked} routers agree in {len(alike)} group(s)"

    def vault(self) -> str:
        """Collect everything; nothing fails."""
        rows = self._scene.doors.must("vault", "collect", person=REQUESTER).answer
        new = sum(bool(row.get("is_new")) for row in rows)
        return f"{len(rows)} collected, {new} new"

    def audit(self) -> str:
        """Judge what was collected, and show one failure with its evidence."""
        ran = self._scene.doors.must("baseline", "run", person=REQUESTER).answer
        rows = self._scene.doors.must("baseline", "show", person=REQUESTER).answer
        verdicts = Counter(row["verdict"] for row in rows)
        rules = {row["rule_id"] for row in rows}
        shown = next((row for row in rows if row["evidence"].get("lines")), None)
        if len(rules) < LEAST_RULES:
            raise StepError(f"only {len(rules)} rules judged: {sorted(rules)}")
        if shown is None:
            raise StepError("no finding cites a line")
        told = shown["evidence"]
        counted = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
        where = (
            f"{shown['device']} {shown['rule_id']} {told['sha256'][:12]}… line {told['lines'][0]}"
        )
        return f"{len(ran['audited'])} devices: {counted}; e.g. {where}"

    def chain(self) -> str:
        """Verify the audit log as an auditor."""
        self._scene.doors.must("audit-log", "verify", person=AUDITOR)
        return "no break"
