"""One switch: running and startup configuration, flash, commit timer, and what its ports do.

As on the real things, nothing but startup-config and flash outlives the process: at start
running := startup, and a commit timer dies with the boot (its undo is the boot itself, because
startup is only written after the confirmation).
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import time

from lab.simulators.editor import Editor
from lab.simulators.flash import Flash
from lab.simulators.grammar import Fault, Grammar
from lab.simulators.journal import Journal, Value, lines_of, timestamp
from lab.simulators.ports import KernelPorts, NoPorts, Ports
from lab.simulators.settings import Settings
from lab.simulators.tree import Changes, Tree, changes, clone, follow, parse, render

# napalm-ios switches this line on and off around its own file operations.
_SESSION_SETTINGS = {("file prompt quiet",)}


@dataclass(frozen=True)
class Pending:
    """A commit that waits for its confirmation."""

    restore: Tree
    user: str
    name: str
    seconds: int
    armed_at: float
    handle: asyncio.TimerHandle


@dataclass(frozen=True)
class _Open:
    """What a configuration session has changed since it was last written down."""

    owner: object
    user: str
    before: Tree


class Device:
    """The state every session of the switch shares."""

    def __init__(self, settings: Settings, grammar: Grammar, initial: str) -> None:
        self.settings = settings
        self.grammar = grammar
        # Where lines are typed under a grammar, the sections of ports stand whatever is typed.
        ports = settings.physical if grammar else ()
        self.fixed = frozenset(f"interface {name}" for name in ports)
        self.flash = Flash(settings.state_dir)
        self.ports: Ports = (
            KernelPorts(settings.netns, settings.lldpcli) if settings.netns else NoPorts()
        )
        self.journal = Journal(settings.journal)
        self.booted_at = time()
        self.changed_by = ""
        self.takes_logins: Callable[[], bool] = lambda: True  # whether its login service is on
        self.has_rebooted = False  # sessions end with a boot; whoever listens looks here
        self.locked_by: object | None = None
        self.pending: Pending | None = None
        self.observers: list[Callable[[], None]] = []
        self._open: _Open | None = None
        stored = self.flash.read_startup()
        self.startup = parse(stored) if stored is not None else self._first(initial)
        self.running = clone(self.startup)
        for name, port in settings.interfaces.items():
            self.ports.set_admin(port, up=not self.is_shut(name))
        self.note("boot", "")

    def _first(self, initial: str) -> Tree:
        tree, faults = self.read(initial)
        if faults:
            raise ValueError("; ".join(f"initial_config: {fault.text!r}" for fault in faults))
        self.flash.write_startup("\n".join(render(tree)))
        return tree

    @property
    def hostname(self) -> str:
        """The configured name."""
        named = ("hostname ", "sysname ")
        names = (key.split()[1] for key in self.running if key.startswith(named))
        return next(names, self.settings.hostname)

    def is_shut(self, interface: str) -> bool:
        """Whether the running configuration holds `shutdown` there."""
        return "shutdown" in self.running.get(f"interface {interface}", {})

    def read(self, text: str) -> tuple[Tree, list[Fault]]:
        """The tree a whole text describes, and the lines of it that are refused."""
        tree: Tree = {}
        faults = Editor(self.grammar, tree, self.fixed).load(text)
        for section in sorted(self.fixed - tree.keys()):
            tree[section] = {}
        return tree, faults

    def editor(self) -> Editor:
        """A fresh position in the running configuration."""
        return Editor(self.grammar, self.running, self.fixed)

    def enter(self, editor: Editor, line: str, user: str) -> Fault | None:
        """Take one typed line into effect; it is journalled by `flush`, as one change."""
        if self._open is None or self._open.owner is not editor:
            self.flush()
            self._open = _Open(editor, user, clone(self.running))
        before = clone(self.running)
        fault = editor.enter(line)
        self._effect(before, user)
        return fault

    def flush(self, owner: object = None) -> None:
        """Journal the open configuration session (only the one of `owner`, when given)."""
        opened = self._open
        if opened is None or (owner is not None and opened.owner is not owner):
            return
        self._open = None
        self._note_change("change", opened.user, "configure terminal", opened.before)

    def merge(self, text: str, user: str, source: str) -> list[Fault]:
        """Apply a text line by line; refused lines are returned, the others stand."""
        self.flush()
        before = clone(self.running)
        faults = self.editor().load(text)
        self._settle(before, "change", user, source)
        return faults

    def replace(self, tree: Tree, user: str, source: str, action: str = "change") -> None:
        """Make `tree` the running configuration."""
        self.flush()
        before = clone(self.running)
        self.running.clear()
        # What goes back stands where it stood; what is new comes last, as a switch shows it.
        self.running.update(clone(tree) if action == "revert" else follow(tree, before))
        for section in sorted(self.fixed - tree.keys()):
            self.running[section] = {}
        self._settle(before, action, user, source)

    def save(self, user: str) -> None:
        """Write the running configuration to startup."""
        self.flush()
        self.startup = clone(self.running)
        self.flash.write_startup("\n".join(render(self.startup)))
        self.note("save", user)

    def note(self, action: str, user: str, detail: Mapping[str, Value] | None = None) -> None:
        """Write a journal entry."""
        self.journal.write(action, user, digest(self.running), detail or {})

    def _settle(self, before: Tree, action: str, user: str, source: str) -> None:
        self._note_change(action, user, source, before)
        self._effect(before, user)

    def _note_change(self, action: str, user: str, source: str, before: Tree) -> None:
        delta = changes(before, self.running)
        if not delta and action == "change":
            return
        kind = "setting" if action == "change" and _only_settings(delta) else action
        self.note(kind, user, {"source": source, **lines_of(delta)})

    def _effect(self, before: Tree, user: str) -> None:
        if before == self.running and list(before) == list(self.running):
            return
        self.changed_by = user
        for name, port in self.settings.interfaces.items():
            was = "shutdown" in before.get(f"interface {name}", {})
            if was != self.is_shut(name):
                self.ports.set_admin(port, up=was)
        for observer in self.observers:
            observer()


def _only_settings(delta: Changes) -> bool:
    return not delta.reordered and {*delta.added, *delta.removed} <= _SESSION_SETTINGS


def digest(tree: Tree) -> str:
    """SHA-256 of the rendered configuration."""
    return hashlib.sha256("\n".join(render(tree)).encode()).hexdigest()


def arm(device: Device, seconds: int, user: str, name: str, restore: Tree) -> None:
    """Start the commit timer: `restore` returns unless `confirm` comes within `seconds`."""
    armed_at = time()
    length = seconds / device.settings.clock_factor
    handle = asyncio.get_running_loop().call_later(length, revert, device, user, "timer")
    device.pending = Pending(clone(restore), user, name, seconds, armed_at, handle)
    device.note("timer_armed", user, {"seconds": seconds, "deadline": timestamp(armed_at + length)})


def confirm(device: Device, user: str) -> Pending | None:
    """Keep the running configuration; None when nothing was pending."""
    pending = _disarm(device)
    if pending:
        device.flush()
        device.note("confirm", user)
    return pending


def revert(device: Device, user: str, source: str) -> Pending | None:
    """Go back to what stood before the timer; None when nothing was pending."""
    pending = _disarm(device)
    if pending:
        device.replace(pending.restore, user, source, "revert")
    return pending


def _disarm(device: Device) -> Pending | None:
    pending, device.pending = device.pending, None
    if pending:
        pending.handle.cancel()
    return pending


def password(device: Device, user: str) -> str | None:
    """A user's password by the configuration; the settings' one counts while it names no user."""
    users = [key for key in device.running if key.startswith("username ") and " secret " in key]
    if not users:
        settings = device.settings
        return settings.password if user == settings.username else None
    mine = (line for line in users if line.split(" ", 2)[1] == user)
    return next((line.rsplit(" ", 1)[1] for line in mine), None)


def lets_in(device: Device, user: str, given: str) -> bool:
    """Whether a user is known and this is the password; compared in constant time."""
    wanted = password(device, user)
    return hmac.compare_digest(given.encode(), (wanted or "").encode()) and wanted is not None
