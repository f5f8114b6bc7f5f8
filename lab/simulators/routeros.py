"""The MikroTik RouterOS persona: every command acts and lasts; a scheduler may load a backup.

Loading a backup reboots, as on the real thing. Written after MikroTik's published manual; no real
device was at hand.
"""

import re
import shlex
from collections.abc import Callable

from lab.simulators.device import Device, arm, confirm, revert
from lab.simulators.grammar import Fault
from lab.simulators.ios_session import Question
from lab.simulators.patterns import Commands, answer
from lab.simulators.tree import Tree, clone, parse, render

FACTORY = """\
/interface ethernet
 set [ find default-name=ether1 ] comment=uplink
/ip service
 set telnet disabled=yes
/system identity
 set name={hostname}
"""
# Properties each menu takes; what stands nowhere here is refused.
_MENUS = {
    "/interface ethernet": "comment disabled mtu name",
    "/interface bridge": "name comment disabled protocol-mode",
    "/interface vlan": "name comment disabled interface vlan-id",
    "/ip address": "address interface comment disabled network",
    "/ip route": "dst-address gateway distance comment disabled",
    "/ip dns": "servers allow-remote-requests",
    "/ip service": "disabled address port",
    "/ip firewall filter": "chain action protocol dst-port src-address comment disabled",
    "/snmp": "enabled contact location",
    "/system identity": "name",
    "/system ntp client": "enabled servers",
    "/system logging action": "name target remote",
    "/system note": "note show-at-login",
}
_VERBS = frozenset({"add", "set", "remove", "disable", "enable"})
_FIND = re.compile(r"\[ *find *([^\]]*)\]")
_EVENT = re.compile(r"/system backup load name=(\S+)")


class Router(Device):
    """A device whose configuration is what its commands left."""

    def is_shut(self, interface: str) -> bool:
        """Whether the port is disabled."""
        lines = self.running.get("/interface ethernet", {})
        head = f"set [ find default-name={interface} ]"
        return any(line.startswith(head) and "disabled=yes" in line for line in lines)

    def read(self, text: str) -> tuple[Tree, list[Fault]]:
        """The tree of a text written as menus with their commands below."""
        return parse(text), []

    def replace(self, tree: Tree, user: str, source: str, action: str = "change") -> None:
        """Make `tree` the configuration, on flash too; going back to a backup boots."""
        self.has_rebooted = self.has_rebooted or action == "revert"
        super().replace(tree, user, source, action)
        self.startup = clone(self.running)
        self.flash.write_startup("\n".join(render(self.startup)))


def prepare(device: Device) -> None:
    """Make `device` close its door when its SSH service is turned off."""

    def is_on() -> bool:
        lines = device.running.get("/ip service", {})
        return not any(line.startswith("set ssh ") and "disabled=yes" in line for line in lines)

    device.takes_logins = is_on


def login(device: Device, user: str) -> "RouterSession":
    """Let `user` in."""
    return RouterSession(device, user)


class RouterSession:
    """State of one login."""

    is_configuring = False

    def __init__(self, device: Device, user: str) -> None:
        self.device = device
        self.user = user
        self.question: Question | None = None
        self.closed = False
        self._commands: Commands = {
            r"/system backup (save|load) (.*)": lambda found: self._backup(
                found[1], _properties(found[2])
            ),
            r"/system scheduler (add|remove|print)(.*)": lambda found: self._schedule(
                found[1], found[2].strip()
            ),
            r"/file (print|remove)(.*)": lambda found: self._files(found[1], found[2]),
            r"/export(?: terse| show-sensitive)*": lambda _found: self._export(),
            "/system resource print": lambda _found: "   version: 7.16 (stable)",
        }

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        if self.question:
            return self.question.text
        lines = self.device.running.get("/system identity", {})
        name = next((line.removeprefix("set name=") for line in lines), "MikroTik")
        return f"[{self.user}@{name}] > "

    def leave_configuration(self) -> None:
        """There is none to leave."""

    def feed(self, line: str) -> str:
        """Take one command."""
        if self.question:
            question, self.question = self.question, None
            return question.answer(line)
        command = line.strip()
        if command == "quit":
            self.closed = True
        if command in {"", "quit"} or command.startswith("#"):
            return ""
        told = answer(self._commands, command)
        return self._change(command) if told is None else told

    def _export(self) -> str:
        lines = ["# 2024-01-01 00:00:00 by RouterOS 7.16", "# software id ="]
        for menu, commands in sorted({**self.device.running, **self._scheduled()}.items()):
            lines += [menu, *commands] if commands else []
        return "\n".join(lines)

    def _scheduled(self) -> Tree:
        pending = self.device.pending
        if pending is None:
            return {}
        event = f'"/system backup load name={pending.name} password=\\"\\""'
        return {
            "/system scheduler": {
                f"add interval={pending.seconds}s name={pending.name} on-event={event}": {}
            }
        }

    def _backup(self, verb: str, given: dict[str, str]) -> str:
        name = f"{given.get('name', '')}.backup"
        if verb == "save":
            text = "\n".join(render(self.device.running))
            return (
                "Configuration backup saved"
                if self.device.flash.write(name, text.encode())
                else "failure: bad name"
            )
        stored = self.device.flash.read(name)
        if stored is None:
            return "failure: no such file"
        return _asked(self, "Restore and reboot? [y/N]: ", lambda: self._load(stored))

    def _load(self, stored: bytes) -> str:
        if revert(self.device, self.user, "backup load") is None:
            self.device.replace(parse(stored.decode()), self.user, "backup load", "revert")
        return "Restoring system configuration"

    def _schedule(self, verb: str, rest: str) -> str:
        device = self.device
        pending = device.pending
        if verb == "print":
            return f" 0   name={pending.name} interval={pending.seconds}s" if pending else ""
        if verb == "remove":
            named = _properties("".join(_FIND.findall(rest))).get("name")
            if pending is None or pending.name != named:
                return "no such item"
            confirm(device, self.user)
            return ""
        given = _properties(rest)
        event = _EVENT.search(given.get("on-event", ""))
        stored = device.flash.read(f"{event[1]}.backup") if event else None
        seconds = re.fullmatch(r"(\d+)s", given.get("interval", ""))
        if stored is None or seconds is None or pending is not None:
            return "failure: this scheduler only loads a stored backup, one at a time"
        arm(device, int(seconds[1]), self.user, given.get("name", ""), parse(stored.decode()))
        return ""

    def _files(self, verb: str, rest: str) -> str:
        names = [name for name in self.device.flash.listing() if name in rest or verb == "print"]
        for name in names if verb == "remove" else ():
            path = self.device.flash.path(name)
            if path:
                path.unlink()
        return (
            "\n".join(f" {i} name={name} type=backup" for i, name in enumerate(names))
            if verb == "print"
            else ""
        )

    def _change(self, command: str) -> str:
        words = command.split()
        at = next((i for i, word in enumerate(words) if word in _VERBS), 0)
        menu = " ".join(words[:at])
        if not at or menu not in _MENUS:
            return f"bad command name {words[0].lstrip('/')} (line 1 column 2)"
        rest = command.split(words[at], 1)[1].strip()
        section = dict(self.device.running.get(menu, {}))
        refused = edit(section, words[at], rest, _MENUS[menu].split())
        if not refused:
            tree = {**clone(self.device.running), menu: section}
            self.device.replace({k: v for k, v in tree.items() if v}, self.user, command)
        return refused


def edit(section: Tree, verb: str, rest: str, known: list[str]) -> str:
    """Do one command in a menu; what RouterOS says against it, empty when nothing."""
    found = _FIND.search(rest)
    given = _properties(_FIND.sub("", rest))
    item = next(iter(word for word in _FIND.sub("", rest).split()[:1] if "=" not in word), "")
    if verb in {"disable", "enable"}:
        verb, given = "set", {"disabled": "yes" if verb == "disable" else "no"}
    unknown = [name for name in given if name not in known]
    if unknown:
        return "expected end of command (line 1 column 20)"
    if verb == "add":
        section[f"add {_written(given)}"] = {}
        return ""
    wanted = _properties(found[1]) if found else {}
    if verb == "set" and ("default-name" in wanted or not found):
        head = (
            f"[ find default-name={wanted['default-name']} ] "
            if found
            else f"{item} "
            if item
            else ""
        )
        return _settle(section, f"set {head}", given)
    hits = [
        line
        for line in section
        if line.startswith("add ") and wanted.items() <= _properties(line[4:]).items()
    ]
    if not wanted or not hits:
        return "no such item"
    for line in hits:
        del section[line]
        if verb == "set":
            section[f"add {_written({**_properties(line[4:]), **given})}"] = {}
    return ""


def _settle(section: Tree, head: str, given: dict[str, str]) -> str:
    old: dict[str, str] = {}
    for line in [line for line in section if line.startswith(head)]:
        if head != "set " or not re.match(r"set (\[|\S+ )", line):
            old |= _properties(line.removeprefix(head))
            del section[line]
    section[f"{head}{_written({**old, **given})}"] = {}
    return ""


def _properties(text: str) -> dict[str, str]:
    try:
        words = shlex.split(text)
    except ValueError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def _written(given: dict[str, str]) -> str:
    return " ".join(
        f'{name}="{value}"' if re.search(r"[\s;]", value) or not value else f"{name}={value}"
        for name, value in sorted(given.items())
    )


def _asked(session: RouterSession, text: str, then: Callable[[], str]) -> str:
    def answered(answer: str) -> str:
        return then() if answer.strip().lower().startswith("y") else "action cancelled"

    session.question = Question(text, answered)
    return ""
