"""The Fortinet FortiOS persona: blocks of `config … end`, and `cfg-save revert` as its dead-man.

In revert mode a change starts a timer; unless `execute cfg save` comes, the unit boots from what
was saved. Written after Fortinet's published command references; no real device was at hand.
"""

import re

from lab.simulators.device import Device, arm, confirm, revert
from lab.simulators.grammar import Fault
from lab.simulators.ios_session import Question
from lab.simulators.patterns import Commands, answer
from lab.simulators.tree import Tree, clone, node, parse, render

FACTORY = """\
config system global
 set hostname {hostname}
config system console
 set output standard
config system interface
 edit "port1"
  set alias "uplink"
 edit "mgmt"
  set allowaccess ping https ssh
"""
_KNOWN = {
    "system global": "hostname alias timezone cfg-save cfg-revert-timeout admintimeout",
    "system console": "output",
    "system interface": "alias ip allowaccess status description vdom type mtu mtu-override",
    "system dns": "primary secondary",
    "system ntp": "ntpsync type",
    "router static": "dst gateway device distance comment",
    "firewall address": "subnet comment type fqdn",
    "firewall policy": "name srcintf dstintf srcaddr dstaddr action schedule service status",
    "system snmp sysinfo": "status location contact-info",
    "log syslogd setting": "status server port",
}
_STATUS = "Version: FortiGate-60F v7.4.8,build2795\nVirtual domain configuration: disable"
_DEFAULT_TIMEOUT = 600
_GLOBAL = "config system global"


class Firewall(Device):
    """A device that saves each change by itself, except in revert mode."""

    def is_shut(self, interface: str) -> bool:
        """Whether the port's status is down."""
        port = self.running.get("config system interface", {}).get(f'edit "{interface}"', {})
        return "set status down" in port

    def read(self, text: str) -> tuple[Tree, list[Fault]]:
        """The tree of a text whose blocks are shown by indentation."""
        return parse(text), []

    def replace(self, tree: Tree, user: str, source: str, action: str = "change") -> None:
        """Make `tree` the configuration; what revert mode keeps off flash waits for a save."""
        self.has_rebooted = self.has_rebooted or action == "revert"
        before = clone(self.startup)
        held = "set cfg-save revert" in tree.get(_GLOBAL, {}) and action != "revert"
        if held:
            if self.pending:
                self.pending.handle.cancel()
                self.pending = None
            arm(self, _timeout(tree), user, "", before)
        super().replace(tree, user, source, action)
        if not held:
            self.startup = clone(self.running)
            self.flash.write_startup("\n".join(render(self.startup)))


def _timeout(tree: Tree) -> int:
    lines = tree.get(_GLOBAL, {})
    found = (line.split()[-1] for line in lines if line.startswith("set cfg-revert-timeout "))
    return int(next(found, _DEFAULT_TIMEOUT))


def prepare(device: Device) -> None:
    """Make `device` close its door when its port allows no SSH."""
    name = device.settings.management_interface

    def is_on() -> bool:
        port = device.running.get("config system interface", {}).get(f'edit "{name}"', {})
        allowed = next((line for line in port if line.startswith("set allowaccess ")), "ssh")
        return "ssh" in allowed.split()

    device.takes_logins = is_on


def login(device: Device, user: str) -> "FirewallSession":
    """Let `user` in."""
    return FirewallSession(device, user)


class FirewallSession:
    """State of one login: the block it stands in, and the tree as that block will leave it."""

    def __init__(self, device: Device, user: str) -> None:
        self.device = device
        self.user = user
        self.question: Question | None = None
        self.closed = False
        self._path: list[str] = []
        self._tree: Tree = {}
        self._commands: Commands = {
            r"config (\S.*)": self._enter,
            "exit": self._exit,
            r"get system status.*": lambda _found: _STATUS,
            "get system console": lambda _found: "output              : standard",
            "show(?: full-configuration)?": self._show,
            "show system global": self._show_global,
            "execute cfg save": self._save,
            "execute cfg reload": self._ask_reload,
            r"execute backup config flash (\S+)": self._keep_revision,
            "execute revision list config": self._revisions,
        }

    @property
    def is_configuring(self) -> bool:
        """Whether it stands in a block."""
        return bool(self._path)

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        if self.question:
            return self.question.text
        lines = self.device.running.get(_GLOBAL, {})
        name = next((line.split()[-1] for line in lines if line.startswith("set hostname ")), "FGT")
        where = f" ({self._path[-1].split()[-1].strip(chr(34))})" if self._path else ""
        return f"{name}{where} # "

    def leave_configuration(self) -> None:
        """What was not ended is lost, as when the line drops."""
        self._path = []

    def feed(self, line: str) -> str:
        """Take one line."""
        if self.question:
            question, self.question = self.question, None
            return question.answer(line)
        command = line.strip()
        if not command or command.startswith("#"):
            return ""
        return self._in_block(command) if self._path else self._at_top(command)

    def _at_top(self, command: str) -> str:
        told = answer(self._commands, command)
        return "Unknown action 0\nCommand fail. Return code -61" if told is None else told

    def _enter(self, found: re.Match[str]) -> str:
        if found[1] not in _KNOWN:
            return f"command parse error before '{found[1]}'\nCommand fail. Return code -61"
        self._path, self._tree = [found[0]], clone(self.device.running)
        return ""

    def _exit(self, _found: re.Match[str]) -> str:
        self.closed = True
        return ""

    def _show(self, _found: re.Match[str]) -> str:
        return "\n".join(["#config-version=FGT60F-7.4.8", *_shown(self.device.running)])

    def _show_global(self, _found: re.Match[str]) -> str:
        inner = self.device.running.get(_GLOBAL, {})
        return "\n".join([_GLOBAL, *(f"    {line}" for line in inner), "end"])

    def _keep_revision(self, found: re.Match[str]) -> str:
        text = "\n".join(render(self.device.running))
        self.device.flash.write(f"rev-{found[1]}", text.encode())
        return "Please wait...\nConfig backed up to flash disk done."

    def _revisions(self, _found: re.Match[str]) -> str:
        files = self.device.flash.directory.glob("rev-*")
        oldest_first = sorted(files, key=lambda path: path.stat().st_mtime_ns)
        lines = [path.name.removeprefix("rev-") for path in oldest_first]
        return "\n".join(f"{i}  2024-01-01 {self.user} {name}" for i, name in enumerate(lines, 1))

    def _save(self, _found: re.Match[str]) -> str:
        device = self.device
        device.flush()
        if confirm(device, self.user) is None:
            return "Command fail. Return code 1"
        device.save(self.user)
        return ""

    def _ask_reload(self, _found: re.Match[str]) -> str:
        def answered(answer: str) -> str:
            if answer.strip().lower().startswith("y"):
                revert(self.device, self.user, "cfg reload")
            return ""

        text = "This operation will reload the saved config!\nDo you want to continue? (y/n)"
        self.question = Question(text, answered)
        return ""

    def _in_block(self, command: str) -> str:
        section = node(self._tree, tuple(self._path))
        verb, _, rest = command.partition(" ")
        if verb == "abort":
            self._path = []
            return ""
        if verb == "end" or (verb == "next" and len(self._path) > 1):
            self._path = self._path[: 1 if verb == "next" else 0]
            self.device.replace(self._tree, self.user, "config")
            self._tree = clone(self.device.running)
            return ""
        if verb == "edit" and rest and len(self._path) == 1:
            self._path.append(f'edit "{rest.strip(chr(34))}"')
            node(self._tree, tuple(self._path))
            return ""
        if verb == "delete" and len(self._path) == 1:
            gone = section.pop(f'edit "{rest.strip(chr(34))}"', None)
            return (
                ""
                if gone is not None
                else "entry not found in datasource\nCommand fail. Return code -3"
            )
        name = rest.split()[0] if rest else ""
        if verb not in {"set", "unset"} or name not in _KNOWN[self._path[0][7:]].split():
            return f"command parse error before '{name or verb}'\nCommand fail. Return code -61"
        for line in [line for line in section if line.startswith(f"set {name} ")]:
            del section[line]
        if verb == "set":
            section[f"set {rest}"] = {}
        return ""


def _shown(tree: Tree) -> list[str]:
    lines: list[str] = []
    for block, inner in tree.items():
        lines.append(block)
        for key, below in inner.items():
            lines.append(f"    {key}")
            if key.startswith("edit "):
                lines += [*(f"        {line}" for line in below), "    next"]
        lines.append("end")
    return lines
