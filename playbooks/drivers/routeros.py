"""MikroTik RouterOS: each command acts and lasts; a scheduler loads a backup unless it is removed.

Loading a backup boots the router, so taking a change back is disruptive. The scheduler outlives a
power cut. What a snippet may hold is what its effect can be told of beforehand: `add`, `set`,
`remove`, `enable` and `disable`, one command a line below its menu or behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommitError, LockError

from playbooks.drivers.routeros_export import commands, exported, joined, predicted, snippet
from playbooks.drivers.timed import TimedDriver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.drivers.pending import PendingCommit
    from playbooks.drivers.tree import Lines

_REFUSED: Final = (
    r"failure:|bad command name|syntax error|expected |input does not match|no such item|"
    r"invalid value|ambiguous value|value of .* (?:is|should|must)"
)
_OURS: Final = re.compile(r"name=\"?(hatang-[\w-]+)")


class RouterOsDriver(TimedDriver):
    """Changes RouterOS 6 and 7."""

    device_type: ClassVar[str] = "mikrotik_routeros"
    prompt: ClassVar[str] = r"{name}[^\n>]*>\s*$"
    refusal: ClassVar[re.Pattern[str]] = re.compile(rf"^\s*(?:{_REFUSED})", re.MULTILINE)
    running: ClassVar[str] = "/export"

    def _running(self) -> str:
        return without_own(joined(self._type(self.running)))

    def _parse(self, text: str) -> Lines:
        return exported(text)

    def _read(self, text: str) -> Lines:
        return snippet(text)

    def _merged(self, before: Lines, wanted: Lines) -> Lines:
        return predicted(before, wanted)

    def _typed(self, wanted: Lines) -> Iterable[str]:
        return commands(wanted)

    def _arm(self, seconds: int) -> None:
        name = self._commit_id
        found = _OURS.search(self._schedulers())
        if found is not None:
            raise LockError(f"{found[1]} waits for its confirmation")
        # The backup comes first: what is restored must not hold the scheduler again.
        self._type(f"/system backup save name={name} dont-encrypt=yes")
        event = rf'"/system backup load name={name} password=\"\""'
        self._type(f"/system scheduler add name={name} interval={seconds}s on-event={event}")

    def _mark_whole(self) -> None:
        self._type(f"/system backup save name={self._commit_id}-whole dont-encrypt=yes")

    def pending_commits(self) -> list[PendingCommit]:
        """Return our commit while what is to take it back is scheduled."""
        return self._ours(waits=self._commit_id in self._schedulers())

    def _is_whole(self) -> bool:
        return f"{self._commit_id}-whole.backup" in self._type("/file print")

    def _keep(self) -> None:
        self._type(f"/system scheduler remove [ find name={self._commit_id} ]")
        if self._is_pending():
            raise CommitError("the scheduler would not go")
        self._forget()

    def _take_back(self) -> None:
        self._require_pending()
        self._type(f'/system backup load name={self._commit_id} password=""', answer="y")

    def _schedulers(self) -> str:
        return self._type("/system scheduler print terse without-paging")

    def _forget(self) -> None:
        for name in (f"{self._commit_id}.backup", f"{self._commit_id}-whole.backup"):
            self._type(f"/file remove [ find name={name} ]")


def without_own(text: str) -> str:
    """Return an export without the scheduler that waits to take a change back."""
    kept: list[str] = []
    for line in text.splitlines():
        if "name=hatang-" in line and "/system backup load" in line:
            if kept and kept[-1].strip() == "/system scheduler":
                kept.pop()
            continue
        kept.append(line)
    return "\n".join(kept) + "\n"
