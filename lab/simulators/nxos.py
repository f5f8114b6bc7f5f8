"""The Cisco NX-OS persona: lines act at once, a scheduled rollback to a checkpoint is its dead-man.

Written after Cisco's published command references; no real device was at hand.
"""

import re
from typing import Any

from lab.simulators.device import Device, arm, confirm, revert
from lab.simulators.grammar import Fault, compile_grammar
from lab.simulators.patterns import Commands, answer
from lab.simulators.tree import Tree, parse, render
from lab.simulators.views import ViewSession

FACTORY = (
    "hostname {hostname}\nfeature ssh\nfeature scheduler\n"
    "username ops password 5 x role network-admin\n"
)
GRAMMAR = compile_grammar(
    {
        "config": (
            "config",
            """
=hostname NAME
feature NAME
username NAME LINE
interface NAME -> interface
vlan <1-4094> -> vlan
router ospf NAME -> router
ip route LINE
=snmp-server location LINE
=snmp-server contact LINE
ntp server IP [LINE]
logging server IP [LINE]
""",
        ),
        "interface": (
            "config-if",
            """
=description LINE
~shutdown
=ip address LINE
=mtu <576-9216>
~switchport
=switchport mode access|trunk
=switchport access vlan <1-4094>
=switchport trunk allowed vlan LINE
=ip ospf cost <1-65535>
ip router ospf NAME area NAME
""",
        ),
        "vlan": ("config-vlan", "=name LINE"),
        "router": ("config-router", "=router-id IP"),
    }
)
_VERSION = """\
Cisco Nexus Operating System (NX-OS) Software
NXOS: version 9.3(10)
cisco Nexus9000 C93180YC-EX chassis"""
_ROLLBACK = re.compile(r"rollback running-config checkpoint (\S+)(?: best-effort| atomic)?")
_START = re.compile(r"time start \+(\d\d):(\d\d)")


class Nexus(Device):
    """A switch with jobs, and schedules that run them once."""

    def __init__(self, *arguments: Any) -> None:
        self.jobs: dict[str, str] = {}
        self.schedules: dict[str, list[str]] = {}
        super().__init__(*arguments)

    def replace(self, tree: Tree, user: str, source: str, action: str = "change") -> None:
        """A checkpoint holds the schedules too: going back to one from before ends those since."""
        self.jobs.clear()
        self.schedules.clear()
        super().replace(tree, user, source, action)


def login(device: Device, user: str) -> "NxosSession":
    """Let `user` in."""
    if not isinstance(device, Nexus):
        raise TypeError("only a Nexus speaks NX-OS")
    return NxosSession(device, user)


def prepare(device: Device) -> None:
    """Make `device` close its door when its SSH server is turned off."""
    device.takes_logins = lambda: "feature ssh" in device.running


class NxosSession(ViewSession):
    """A login whose lines act as they are typed."""

    def __init__(self, device: Nexus, user: str) -> None:
        super().__init__(device, user)
        self.nexus = device
        self._entry: tuple[str, str] | None = None  # the job or schedule that is being written
        self._commands: Commands = {
            r"terminal (?:width|length) \d+": lambda _found: "",
            "configure terminal": self._enter,
            r"checkpoint (\S+)": self._checkpoint,
            r"no checkpoint (\S+)": self._forget,
            "show checkpoint summary": self._summary,
            "show running-config": lambda _found: self._running(),
            "show startup-config": lambda _found: _text(device.startup),
            "show version": lambda _found: _VERSION,
            "show scheduler schedule": self._show_schedules,
            "copy running-config startup-config": self._save,
            _ROLLBACK.pattern: self._rollback,
            r"(?:exit|logout)": self._exit,
        }

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        name = self.device.hostname
        if self.editor is None:
            return f"{name}# "
        return f"{name}({f'config-{self._entry[0]}' if self._entry else self.editor.prompt})# "

    def feed(self, line: str) -> str:
        """Take one line; what the device prints before the next prompt."""
        command = line.strip()
        if not command or command.startswith("!"):
            return ""
        if self.editor is None or command.startswith(("show ", "checkpoint ")):
            told = answer(self._commands, command)
            return self.refusal(Fault("invalid", 0, 0, command)) if told is None else told
        return self._configure(command)

    def refusal(self, fault: Fault) -> str:
        """A refused line, as NX-OS words it."""
        kind = {"incomplete": "Incomplete", "ambiguous": "Ambiguous"}.get(fault.kind, "Invalid")
        return f"{' ' * fault.column}^\n% {kind} command at '^' marker."

    def take(self, line: str) -> Fault | None:
        """Take one line into effect."""
        if self.editor is None:
            return Fault("invalid", 0, 0, line)
        return self.device.enter(self.editor, line, self.user)

    def _configure(self, command: str) -> str:
        if command == "end":
            self._entry = None
            self.leave_configuration()
            return ""
        if found := re.fullmatch(r"scheduler (job|schedule) name (\S+)", command):
            self._entry = (found[1], found[2])
            return ""
        if found := re.fullmatch(r"no scheduler (job|schedule) name (\S+)", command):
            return self._remove(found[1], found[2])
        if self._entry is not None:
            return self._write(command)
        fault = self.take(command)
        return "" if fault is None else self.refusal(fault)

    def _write(self, command: str) -> str:
        kind, name = self._entry or ("", "")
        if command == "exit":
            self._entry = None
        elif kind == "job":
            self.nexus.jobs[name] = command
        else:
            self.nexus.schedules.setdefault(name, []).append(command)
            if found := _START.fullmatch(command):
                return self._schedule(name, int(found[1]) * 60 + int(found[2]))
        return ""

    def _schedule(self, name: str, minutes: int) -> str:
        device = self.nexus
        jobs = [line.removeprefix("job name ") for line in device.schedules[name]]
        found = _ROLLBACK.fullmatch(device.jobs.get(jobs[0], ""))
        stored = device.flash.read(f"{found[1]}.cp") if found else None
        if device.pending or stored is None:
            return "ERROR: the job cannot be scheduled"
        arm(device, minutes * 60, self.user, name, parse(stored.decode()))
        return ""

    def _remove(self, kind: str, name: str) -> str:
        device = self.nexus
        if kind == "job":
            device.jobs.pop(name, None)
            return ""
        device.schedules.pop(name, None)
        if device.pending and device.pending.name == name:
            confirm(device, self.user)
        return ""

    def _enter(self, _found: re.Match[str]) -> str:
        self.editor = self.device.editor()
        return "Enter configuration commands, one per line. End with CNTL/Z."

    def _exit(self, _found: re.Match[str]) -> str:
        self.closed = True
        return ""

    def _checkpoint(self, found: re.Match[str]) -> str:
        self.device.flush()
        self.device.flash.write(f"{found[1]}.cp", "\n".join(render(self.device.running)).encode())
        return "...Done"

    def _forget(self, found: re.Match[str]) -> str:
        path = self.device.flash.path(f"{found[1]}.cp")
        if path is None or not path.is_file():
            return f"ERROR: checkpoint {found[1]} does not exist"
        path.unlink()
        return "Done"

    def _summary(self, _found: re.Match[str]) -> str:
        names = [name for name in self.device.flash.listing() if name.endswith(".cp")]
        return "User Checkpoint Summary\n" + "\n".join(
            f"{number}) {name.removesuffix('.cp')}:\nCreated by {self.user}"
            for number, name in enumerate(names, 1)
        )

    def _running(self) -> str:
        device = self.nexus
        lines = ["!Command: show running-config", "", _text(device.running)]
        for name, job in device.jobs.items():
            lines += [f"scheduler job name {name}", f"  {job}", "end-job"]
        for name, words in device.schedules.items():
            lines += [f"scheduler schedule name {name}", *(f"  {word}" for word in words)]
        return "\n".join(lines)

    def _show_schedules(self, _found: re.Match[str]) -> str:
        return "\n".join(
            f"Schedule Name       : {name}\nLast Execution Time : Yet to be executed"
            for name in self.nexus.schedules
        )

    def _save(self, _found: re.Match[str]) -> str:
        self.device.save(self.user)
        return "[########################################] 100%\nCopy complete."

    def _rollback(self, found: re.Match[str]) -> str:
        stored = self.device.flash.read(f"{found[1]}.cp")
        if stored is None:
            return "ERROR: checkpoint does not exist. Rollback failed."
        if revert(self.device, self.user, "rollback") is None:
            self.device.replace(parse(stored.decode()), self.user, "rollback")
        return "Rollback completed successfully."


def _text(tree: Tree) -> str:
    return "\n".join(line for line in render(tree, 2) if line != "!")
