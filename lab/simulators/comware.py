"""The H3C Comware 7 persona: lines act at once, `configuration commit delay` is its dead-man.

Written after H3C's published command references; no real device was at hand.
"""

import re

from lab.simulators.device import Device, arm, confirm
from lab.simulators.grammar import Fault
from lab.simulators.ios_session import Question
from lab.simulators.patterns import Commands, answer
from lab.simulators.tree import parse, render, unified_diff
from lab.simulators.views import ViewSession, ask, takes_logins

FACTORY = "sysname {hostname}\nstelnet server enable\nline vty 0 63\n authentication-mode scheme\n"
_DIFF = re.compile(r"diff configfile (?:flash:/)?(\S+) current-configuration")
_VERSION = """\
H3C Comware Software, Version 7.1.070, Release 6317P01
Copyright (c) 2004-2019 New H3C Technologies Co., Ltd. All rights reserved.
H3C S5560X-30C-EI uptime is 0 weeks, 3 days, 2 hours, 1 minute"""


def login(device: Device, user: str) -> "ComwareSession":
    """Let `user` in."""
    return ComwareSession(device, user)


def prepare(device: Device) -> None:
    """Make `device` close its door when its SSH server is turned off."""
    device.takes_logins = takes_logins(device)


class ComwareSession(ViewSession):
    """A login whose lines act as they are typed."""

    def __init__(self, device: Device, user: str) -> None:
        super().__init__(device, user)
        self.shows["version"] = lambda: _VERSION
        self._commands: Commands = {
            "screen-length disable": lambda _found: "",
            "system-view": self._enter,
            "save force": self._save,
            r"save (?:flash:/)?(\S+\.cfg)": self._ask_to_store,
            "dir flash:/": self._dir,
            r"delete /unreserved (?:flash:/)?(\S+)": self._ask_to_delete,
        }
        self._timed: Commands = {
            r"configuration commit delay (\d+)": self._delay,
            "configuration commit": self._commit,
            r"configuration replace file (?:flash:/)?(\S+)": self._replace,
        }

    def refusal(self, fault: Fault) -> str:
        """A refused line, as Comware words it."""
        kind = {"incomplete": "Incomplete", "ambiguous": "Ambiguous"}.get(fault.kind)
        return f"{' ' * fault.column}^\n % {kind or 'Unrecognized'} command found at '^' position."

    def take(self, line: str) -> Fault | None:
        """Take one line into effect."""
        if self.editor is None:
            return Fault("invalid", 0, 0, line)
        return self.device.enter(self.editor, line, self.user)

    def _display(self, rest: str) -> str:
        found = _DIFF.fullmatch(rest.strip())
        if found is None:
            return super()._display(rest)
        stored = self.device.flash.read(found[1])
        if stored is None:
            return f"The file flash:/{found[1]} does not exist."
        names = (f"flash:/{found[1]}", "current-configuration")
        return unified_diff(parse(stored.decode()), self.device.running, names, 1)

    def _user(self, command: str) -> str:
        told = answer(self._commands, command)
        return super()._user(command) if told is None else told

    def _enter(self, _found: re.Match[str]) -> str:
        self.editor = self.device.editor()
        return "System View: return to User View with Ctrl+Z."

    def _save(self, _found: re.Match[str]) -> str:
        self.device.save(self.user)
        return "Validating file. Please wait...\nSaved the current configuration to mainboard."

    def _ask_to_store(self, found: re.Match[str]) -> str:
        text = f"The current configuration will be saved to flash:/{found[1]}. Continue? [Y/N]:"
        return ask(self, text, lambda: self._store(found[1]))

    def _dir(self, _found: re.Match[str]) -> str:
        flash = self.device.flash
        names = [f"   -rw- {size} {name}" for name, size in flash.listing().items()]
        return "\n".join(["Directory of flash:", *names, "", f"{flash.free()} KB free"])

    def _ask_to_delete(self, found: re.Match[str]) -> str:
        text = f"The file cannot be restored. Delete flash:/{found[1]}? [Y/N]:"
        return ask(self, text, lambda: self._delete(found[1]))

    def _store(self, name: str) -> str:
        self.device.flush()
        self.device.flash.write(name, "\n".join(render(self.device.running)).encode())
        return f"Now saving current configuration to the device.\nSaving flash:/{name}. Done."

    def _delete(self, name: str) -> str:
        path = self.device.flash.path(name)
        if path is None or not path.is_file():
            return f"Error: flash:/{name} does not exist."
        path.unlink()
        return f"Deleting file flash:/{name}... Done."

    def _configure(self, command: str) -> str:
        told = answer(self._timed, command)
        return super()._configure(command) if told is None else told

    def _delay(self, found: re.Match[str]) -> str:
        if self.device.pending is None:
            return self._arm(int(found[1]))
        text = "A delay timer is running. Overwrite it? [Y/N]:"
        return ask(self, text, lambda: self._arm(int(found[1])))

    def _commit(self, _found: re.Match[str]) -> str:
        return "" if confirm(self.device, self.user) else " % No delay timer is running."

    def _arm(self, minutes: int) -> str:
        device = self.device
        device.flush()
        if device.pending:
            confirm(device, self.user)
        arm(device, minutes * 60, self.user, "", device.running)
        return ""

    def _replace(self, found: re.Match[str]) -> str:
        name = found[1]

        def replaced(told: str) -> str:
            stored = self.device.flash.read(name)
            if stored is None or told.strip().lower().startswith("y"):
                return "Info: Failed to replace the current configuration."
            self.device.replace(parse(stored.decode()), self.user, "configuration replace")
            return f"Info: Succeeded in replacing current configuration with the file {name}."

        text = "Current configuration will be lost, save current configuration? [Y/N]:"
        self.question = Question(text, replaced)
        return ""
