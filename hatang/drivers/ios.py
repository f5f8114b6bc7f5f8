"""NAPALM's IOS driver, which also tells what the device knows of a commit that waits.

IOS keeps no name for it: `show archive config rollback timer` tells the user and the length.

netmiko looks for the prompt anew before each command, which takes more time than the command:
here once, and again after what may have changed the device's name.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, CommitConfirmException
from napalm.ios.ios import IOSDriver

from hatang import clock
from hatang.drivers.byways import ByWay
from hatang.drivers.iosline import IosLine
from hatang.drivers.pending import PendingCommit
from hatang.errors import DriverError, Reason

# Of the timer, counted from before it was armed; what is left is for the copying itself.
_SENDING_SHARE: Final = 0.75
_TIMER: Final = "show archive config rollback timer"
_NOTHING: Final = "No Rollback Confirmed Change pending"
_WAITS: Final = re.compile(r"^(Timer value|User): *(.*?) *$", re.MULTILINE)
# `*Jan 21 02:17:09.123: %SYS-5-CONFIG_I: …`, perhaps numbered: what a line that logs prints itself.
_LOGGED: Final = re.compile(
    r"^.*%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)?[0-7]-([A-Z0-9_]+):.*$", re.MULTILINE
)
_ROLLS_BACK: Final = "ROLLBACK_START"
_MINUTES: Final = re.compile(r"(\d+)\s*min")


class ConfirmableIosDriver(ByWay, IOSDriver):  # type: ignore[misc]  # NAPALM ships no types
    """NAPALM's driver that says whose commit waits, and sends no text whose timer may be over."""

    line: ClassVar[type | None] = IosLine

    _until: float | None = None
    _prompt: str | None = None
    _has_archive = False

    def open(self) -> None:
        """Log in."""
        super().open()
        self._send = self.device.send_command
        self.device.send_command = self._send_knowing_prompt

    def _send_knowing_prompt(
        self, command_string: str, expect_string: str | None = None, **named: Any
    ) -> Any:
        # The echo is read first, so that what was printed before is never taken for an answer.
        if expect_string is None:
            self._prompt = self._prompt or re.escape(self.device.find_prompt().strip())
            expect_string = self._prompt
        return self._send(command_string, expect_string=expect_string, **named)

    def _check_archive_feature(self) -> bool:
        self._has_archive = self._has_archive or bool(super()._check_archive_feature())
        return self._has_archive

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Apply the candidate under IOS' own timer, which a command of its own arms first."""
        self._until = None
        if revert_in is not None:
            self._until = clock.monotonic() + revert_in * _SENDING_SHARE
        super().commit_config(message, revert_in)

    def _commit_handler(self, cmd: str) -> Any:
        # A process that stood still in between would send it when no way back waits any more.
        until, self._until = self._until, None
        if until is not None and clock.monotonic() > until:
            message = "the text was not sent: the timer armed for it may have run out"
            raise DriverError(message, Reason.TIMEOUT)
        self._prompt, self._has_archive = None, False
        return super()._commit_handler(cmd)

    def confirm_commit(self) -> None:
        """Keep the change and save it.

        Saved is only what the device says it keeps: startup with a change that it takes back would
        bring that change in again at the next boot, with no way back.

        Raises:
            CommitConfirmException: nothing waits, somebody else's commit does, or the device
                answered something else than that it keeps this one; nothing is saved.
            CommandErrorException: the device does not say what waits; nothing is saved.
        """
        waiting = self._get_pending_commits()
        if waiting and waiting["user"] != self.username:
            raise CommitConfirmException("another user's commit waits")
        if not waiting:
            raise CommitConfirmException("no commit waits for its confirmation")
        answer = self._send_command_postprocess(self.device.send_command("configure confirm"))
        if complaint := _complaint(answer):
            raise CommitConfirmException(f"the device does not confirm: {complaint}")
        if self._get_pending_commits():
            raise CommitConfirmException("the commit still waits after its confirmation")
        self.device.save_config()

    def _get_pending_commits(self) -> dict[str, str]:
        """Return `user` and `timer` of the commit that waits, or nothing where none does.

        Raises:
            CommandErrorException: the answer tells neither.
        """
        if not self._check_archive_feature():
            return {}
        told = self.device.send_command(_TIMER)
        if _NOTHING in told:
            return {}
        waits = dict(_WAITS.findall(told))
        if not waits:
            raise CommandErrorException(f"{_TIMER}: {_complaint(told) or 'no answer'}")
        return {"user": waits.get("User", ""), "timer": waits.get("Timer value", "")}

    def discard_config(self) -> None:
        """Delete the candidate from the device's flash, and change nothing in its configuration.

        NAPALM empties it by copying, for which it turns the questions of `copy` off and on again:
        six steps in configuration mode, logged as changes of a device that nobody changes.
        """
        candidate = self.candidate_cfg if self.config_replace else self.merge_cfg
        self.device.send_command(f"delete /force {self._gen_full_path(candidate)}")

    def save_startup(self) -> None:
        """Write what runs to startup, as a confirmation does."""
        self.device.save_config()

    def pending_commits(self) -> list[PendingCommit]:
        """Return the commit that waits, with its user and its timer's length."""
        told = self._get_pending_commits()
        if not told:
            return []
        minutes = _MINUTES.search(told["timer"])
        seconds = int(minutes[1]) * 60 if minutes else None
        return [PendingCommit(user=told["user"] or None, seconds=seconds)]


def _complaint(answer: str) -> str:
    """Return what `answer` says beside lines that log, or that it takes a change back."""
    if any(_ROLLS_BACK in name for name in _LOGGED.findall(answer)):
        return "it takes the change back"
    return " ".join(_LOGGED.sub("", answer).split())
