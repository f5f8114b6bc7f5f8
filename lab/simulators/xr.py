"""The Cisco IOS XR persona: two-stage commit, `commit … confirmed SECONDS` as its dead-man.

Written after Cisco's published command references; no real router was at hand. They do not say
whether another session may commit while a trial waits: this one lets it, as the harder case.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from lab.simulators.device import Device, arm, confirm, revert
from lab.simulators.editor import Editor
from lab.simulators.grammar import Fault, compile_grammar
from lab.simulators.patterns import Commands, answer
from lab.simulators.tree import Tree, changes, clone, transplant
from lab.simulators.views import ViewSession, ask

FACTORY = "hostname {hostname}\nssh server v2\nusername ops\n group root-lr\n secret 5 x\n"
GRAMMAR = compile_grammar(
    {
        "config": (
            "config",
            """
=hostname NAME
~ssh server v2
username NAME -> username
interface NAME -> interface
router static -> static
router ospf NAME -> router
=snmp-server location LINE
=snmp-server contact LINE
ntp -> ntp
logging IP [LINE]
""",
        ),
        "username": ("config-un", "group NAME\n=secret LINE"),
        "interface": (
            "config-if",
            "=description LINE\n~shutdown\n=ipv4 address IP MASK\n=mtu <64-65535>\n",
        ),
        "static": ("config-static", "address-family ipv4 unicast -> routes"),
        "routes": ("config-static-afi", "NAME LINE"),
        "router": ("config-ospf", "=router-id IP\narea NAME -> area"),
        "area": ("config-ospf-ar", "interface NAME -> member"),
        "member": ("config-ospf-ar-if", "=cost <1-65535>"),
        "ntp": ("config-ntp", "server IP [LINE]"),
    }
)
_STAMP = "Sat Nov 28 02:00:00.123 UTC"
_VERSION = "Cisco IOS XR Software, Version 7.3.2\ncisco ASR9K () processor"
_COMMIT = re.compile(r"commit(?: label (\S+))?(?: confirmed (\d+))?")
_LABEL = re.compile(r"[A-Za-z][\w-]{0,29}")
_SHORTEST_SECONDS = 30
_FIRST = 1000000001
_UNCOMMITTED = "Uncommitted changes found, commit them before exiting(yes/no/cancel)? [cancel]:"
_OTHERS = (
    "One or more commits have occurred from other configuration sessions since this session\n"
    "started or since the last commit was made from this session. You can use the 'show\n"
    "configuration commit changes' command to browse the changes.\n"
    "Do you wish to proceed with this commit anyway? [no]: "
)


@dataclass(frozen=True)
class Commit:
    """One of a router's commits, and what ran before and after it."""

    number: int
    label: str
    user: str
    client: str
    before: Tree
    after: Tree


class Router(Device):
    """A router that remembers its commits, the newest last."""

    def __init__(self, *arguments: Any) -> None:
        self.commits: list[Commit] = []
        super().__init__(*arguments)

    def replace(self, tree: Tree, user: str, source: str, action: str = "change") -> None:
        """What the timer takes back is a commit too."""
        before = clone(self.running)
        super().replace(tree, user, source, action)
        if action == "revert":
            self.remember("NONE", user, "Rollback", before)

    def remember(self, label: str, user: str, client: str, before: Tree) -> None:
        """Note what runs now as a commit that came after `before`."""
        number = _FIRST + len(self.commits)
        self.commits.append(Commit(number, label, user, client, before, clone(self.running)))

    def take_back(self, commits: list[Commit], user: str) -> None:
        """Undo what these commits changed, and nothing that others did."""
        tree = clone(self.running)
        for commit in reversed(commits):
            transplant(changes(commit.after, commit.before), tree)
        if self.pending and self.pending.name in {commit.label for commit in commits}:
            self.pending = replace(self.pending, restore=tree)
            revert(self, user, "rollback")
        else:
            self.replace(tree, user, "rollback", "revert")


def login(device: Device, user: str) -> "XrSession":
    """Let `user` in."""
    if not isinstance(device, Router):
        raise TypeError("only a Router speaks IOS XR")
    return XrSession(device, user)


def prepare(device: Device) -> None:
    """Make `device` close its door when its SSH server is turned off."""
    device.takes_logins = lambda: "ssh server v2" in device.running


class XrSession(ViewSession):
    """A login whose lines gather in a target configuration until they are committed."""

    def __init__(self, device: Router, user: str) -> None:
        super().__init__(device, user)
        self.router = device
        self._target: Tree = clone(device.running)
        self._began_at = len(device.commits)
        self._shows: Commands = {
            "show version": lambda _found: _VERSION,
            "show running-config": lambda _found: _text(device.running),
            "show configuration merge": lambda _found: _text(self._target),
            r"show configuration commit list(?: (\d+))? detail": self._list,
            "dir disk0:": lambda _found: self._dir(),
        }
        self._commands: Commands = {
            r"terminal (?:width|length) \d+": lambda _found: "",
            r"configure(?: terminal)?": self._enter,
            r"rollback configuration (last )?(\d+)": self._rollback,
            r"show configuration commit list 1 \| file (disk0:\S+)": self._file,
            r"delete /noprompt (disk0:\S+)": self._delete,
            r"(?:exit|logout)": self._exit,
        }

    @property
    def prompt(self) -> str:
        """What stands before the cursor."""
        if self.question:
            return self.question.text
        name = f"RP/0/RP0/CPU0:{self.device.hostname}"
        return f"{name}#" if self.editor is None else f"{name}({self.editor.prompt})#"

    def feed(self, line: str) -> str:
        """Take one line; what the device prints before the next prompt."""
        command = line.strip()
        if self.question:
            question, self.question = self.question, None
            return question.answer(line)
        if not command or command.startswith("!"):
            return ""
        told = answer(self._shows, command)
        if told is not None:
            return f"{_STAMP}\n{told}"
        if self.editor is not None:
            return self._configure(command)
        told = answer(self._commands, command)
        return self.refusal(Fault("invalid", 0, 0, command)) if told is None else told

    def refusal(self, fault: Fault) -> str:
        """A refused line, as IOS XR words it."""
        if fault.kind == "incomplete":
            return "% Incomplete command."
        if fault.kind == "ambiguous":
            return f'% Ambiguous command:  "{fault.text}"'
        return f"{' ' * fault.column}^\n% Invalid input detected at '^' marker."

    def take(self, line: str) -> Fault | None:
        """Take one line into the target configuration."""
        return self.editor.enter(line) if self.editor is not None else None

    def leave_configuration(self) -> None:
        """Back to EXEC mode; what was not committed is gone."""
        self.editor = None

    def _enter(self, _found: re.Match[str]) -> str:
        self._renew()
        return _STAMP

    def _renew(self) -> None:
        self._target = clone(self.device.running)
        self._began_at = len(self.router.commits)
        self.editor = Editor(self.device.grammar, self._target, self.device.fixed)

    def _configure(self, command: str) -> str:
        is_top = self.editor is not None and not self.editor.path
        if found := _COMMIT.fullmatch(command):
            return self._commit(found[1] or "NONE", found[2])
        if command == "clear":
            self._renew()
            return ""
        if command == "abort":
            self.leave_configuration()
            return ""
        if command == "end" or (command == "exit" and is_top):
            if self._target != self.device.running:
                return ask(self, _UNCOMMITTED, lambda: self._commit("NONE", None))
            self.leave_configuration()
            return ""
        fault = self.take(command)
        return "" if fault is None else self.refusal(fault)

    def _commit(self, label: str, seconds: str | None) -> str:
        device, is_changed = self.router, self._target != self.device.running
        if device.pending and seconds is None and not is_changed:
            confirm(device, self.user)
            device.save(self.user)
            return f"{_STAMP}\n% Confirming commit for trial session."
        if device.pending and seconds is not None:
            return "% Failed to commit: a trial commit waits for its confirmation."
        if not is_changed:
            return f"{_STAMP}\n% No configuration changes to commit."
        if len(device.commits) > self._began_at:
            return ask(self, _OTHERS, lambda: self._bring_in(label, seconds))
        return self._bring_in(label, seconds)

    def _bring_in(self, label: str, seconds: str | None) -> str:
        device = self.router
        if seconds is not None and int(seconds) < _SHORTEST_SECONDS:
            return self.refusal(Fault("invalid", 0, 0, seconds))
        taken = label != "NONE" and label in {known.label for known in device.commits}
        if taken or not _LABEL.fullmatch(label):
            return f"% Failed to commit: the label '{label}' cannot be used."
        if seconds is not None:
            arm(device, int(seconds), self.user, label, device.running)
        before = clone(device.running)
        device.replace(self._target, self.user, "commit")
        device.remember(label, self.user, "CLI", before)
        if seconds is None:
            device.save(self.user)
        self._renew()
        return _STAMP

    def _list(self, found: re.Match[str]) -> str:
        newest = self.router.commits[::-1][: int(found[1] or 100)]
        return "\n".join(map(_described, enumerate(newest, 1))) or "No commits found."

    def _rollback(self, found: re.Match[str]) -> str:
        known, number = self.router.commits, int(found[2])
        chosen = known[-number:] if found[1] else [one for one in known if one.number == number]
        if not chosen:
            return "% Nothing to roll back."
        self.router.take_back(chosen, self.user)
        return "Loading Rollback Changes.\nCommitting.\nConfiguration successfully rolled back."

    def _dir(self) -> str:
        files = self.device.flash.listing().items()
        lines = [f"{number:>5} -rw-r--r-- 1 {size:>5} Nov 28 02:00 {name}"
                 for number, (name, size) in enumerate(files, 11)]  # fmt: skip
        return "\n".join(["Directory of disk0:", *lines, "", "1012660 kbytes total (939092 free)"])

    def _file(self, found: re.Match[str]) -> str:
        newest = [_described((1, commit)) for commit in self.router.commits[-1:]]
        taken = self.device.flash.write(found[1], "".join(newest).encode())
        return "[OK]" if taken else "% Invalid file name."

    def _delete(self, found: re.Match[str]) -> str:
        path = self.device.flash.path(found[1])
        if path is None or not path.is_file():
            return "% No such file or directory."
        path.unlink()
        return ""

    def _exit(self, _found: re.Match[str]) -> str:
        self.closed = True
        return ""


def _described(numbered: tuple[int, Commit]) -> str:
    place, commit = numbered
    return (
        f"\n   {place}) CommitId: {commit.number:<27} Label: {commit.label}\n"
        f"      UserId:   {commit.user:<27} Line:  vty0:node0_RP0_CPU0\n"
        f"      Client:   {commit.client:<27} Time:  {_STAMP}\n"
        "      Comment:  NONE\n"
    )


def _text(tree: Tree) -> str:
    head = ["Building configuration...", "!! IOS XR Configuration 7.3.2"]
    return "\n".join([*head, *_lines(tree, 0), "end"])


def _lines(tree: Tree, depth: int) -> list[str]:
    """The lines of a section, each subsection ended by a `!` as deep as its head."""
    lines: list[str] = []
    for key, below in tree.items():
        lines.append(" " * depth + key)
        if below:
            lines += [*_lines(below, depth + 1), f"{' ' * depth}!"]
    return lines
