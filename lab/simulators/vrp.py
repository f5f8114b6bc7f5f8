"""The Huawei VRP 8 persona: two-stage commit, with `commit trial` as its dead-man.

Written after Huawei's published command references; no real device was at hand.
"""

import re
from time import time

from lab.simulators.device import Device, arm, confirm, revert
from lab.simulators.editor import Editor
from lab.simulators.grammar import Fault
from lab.simulators.tree import clone
from lab.simulators.views import ViewSession, ask, configuration, takes_logins

FACTORY = "sysname {hostname}\nstelnet server enable\naaa\n local-user ops password x\n"
_TRIAL = re.compile(r"commit trial (\d+)(?: persist (\S+))?")
_BY_NAME = re.compile(r"(commit|abort trial) persist (\S+)")
_VERSION = """\
Huawei Versatile Routing Platform Software
VRP (R) software, Version 8.180 (CE6850HI V200R005C10SPC800)
Copyright (C) 2012-2018 Huawei Technologies Co., Ltd.
HUAWEI CE6850-48S4Q-HI uptime is 3 days, 2 hours, 1 minute"""
_UNSAVED = (
    "Warning: Uncommitted configurations found. Are you sure to commit them before exiting? "
    "[Y(yes)/N(no)/C(cancel)]:"
)


def login(device: Device, user: str) -> "VrpSession":
    """Let `user` in."""
    return VrpSession(device, user)


def prepare(device: Device) -> None:
    """Make `device` close its door when its SSH server is turned off."""
    device.takes_logins = takes_logins(device)


class VrpSession(ViewSession):
    """A login whose lines gather in a candidate until they are committed."""

    def __init__(self, device: Device, user: str) -> None:
        super().__init__(device, user)
        self._candidate = clone(device.running)
        self._is_changed = False
        self.shows |= {
            "version": lambda: _VERSION,
            "configuration candidate merge": lambda: configuration(self._candidate),
            "configuration trial status": self._status,
        }

    @property
    def mark(self) -> str:  # type: ignore[override]
        """`*` while lines wait to be committed."""
        return "*" if self._is_changed else "~"

    def refusal(self, fault: Fault) -> str:
        """A refused line, as VRP words it."""
        kind = {"incomplete": "Incomplete", "ambiguous": "Ambiguous"}.get(fault.kind)
        return (
            f"{' ' * fault.column}^\nError: {kind or 'Unrecognized'} command found at '^' position."
        )

    def take(self, line: str) -> Fault | None:
        """Take one line into the candidate."""
        if self.editor is None:
            return Fault("invalid", 0, 0, line)
        before = clone(self._candidate)
        fault = self.editor.enter(line)
        self._is_changed = self._is_changed or self._candidate != before
        return fault

    def _user(self, command: str) -> str:
        if command == "screen-length 0 temporary":
            return (
                "Info: The configuration takes effect on the current user terminal interface only."
            )
        if command == "system-view":
            self._candidate, self._is_changed = clone(self.device.running), False
            self.editor = Editor(self.device.grammar, self._candidate, self.device.fixed)
            return "Enter system view, return user view with return command."
        if command == "save":
            text = (
                "Warning: The current configuration will be written to the device. Continue? [Y/N]:"
            )
            return ask(self, text, self._save)
        return super()._user(command)

    def _save(self) -> str:
        self.device.save(self.user)
        return "Info: Save the configuration successfully."

    def _configure(self, command: str) -> str:
        editor = self.editor
        if found := _BY_NAME.fullmatch(command):
            return self._end(found[1], found[2])
        if found := _TRIAL.fullmatch(command):
            return self._commit(int(found[1]), found[2] or "")
        if command == "commit":
            return self._commit(None, "")
        if command == "clear configuration candidate":
            self._renew()
            return ""
        leaves = command == "return" or (command == "quit" and editor and not editor.path)
        if leaves and self._is_changed:
            return ask(self, _UNSAVED, lambda: self._commit(None, ""))
        return super()._configure(command)

    def _commit(self, seconds: int | None, name: str) -> str:
        device = self.device
        if device.pending:
            if seconds is None and not device.pending.name:
                confirm(device, self.user)
                return ""
            return "Error: The system is in the trial state, and another commit is refused."
        if seconds is not None:
            arm(device, seconds, self.user, name, device.running)
        device.replace(self._candidate, self.user, "commit")
        self._renew()
        return ""

    def _end(self, verb: str, name: str) -> str:
        pending = self.device.pending
        if pending is None or pending.name != name:
            return "Error: The persist ID does not exist."
        if verb == "commit":
            confirm(self.device, self.user)
        else:
            revert(self.device, self.user, "abort trial")
        self._renew()
        return ""

    def _renew(self) -> None:
        self._candidate, self._is_changed = clone(self.device.running), False
        self.editor = Editor(self.device.grammar, self._candidate, self.device.fixed)

    def _status(self) -> str:
        pending = self.device.pending
        if pending is None:
            return "Trial status: INACTIVE"
        left = int(pending.armed_at + pending.seconds - time())
        return (
            f"Trial status: ACTIVE\nTrial time left: {left} seconds\n"
            f"User: {pending.user}\nPersist ID: {pending.name or '-'}"
        )
