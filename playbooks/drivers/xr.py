"""Cisco IOS XR: a target configuration, committed under `commit label NAME confirmed SECONDS`.

The device merges the lines into the target; what differs from the running configuration is the
difference. Of NAPALM's own drivers none can be made to prove its peer, so this one is ours.

No router tells whether a trial still waits, but each lists its commits: ours on top has not been
taken back, since the device does that by a commit of its own. That it was kept we leave as a file
on its disk. Ours below another's is neither confirmed nor taken back: what it would do to theirs
nobody knows. Nothing found says whether a login other than the one that committed may confirm. So
only the device's own word that it confirms a trial counts: where it has another one the change
takes itself back, and is never called kept.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, CommitError

from hatang.drivers.pending import PendingCommit
from playbooks.drivers import tree
from playbooks.drivers.candidates import CandidateDriver

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMIT: Final = re.compile(
    r"\bCommitId: *(\S+) +Label: *(\S+)\s+UserId: *(\S+)[^\n]*\s+Client: *(\S+)"
)
_KEPT: Final = re.compile(r"\bhatang-[\w-]+-kept\b")
_CONFIRMING: Final = re.compile(r"Confirming commit for trial", re.IGNORECASE)
_STAMP: Final = re.compile(r"^\w{3} \w{3} +\d+ \d+:\d+:\d+\.\d+ ")
# Policies and sets are texts of their own, with an end that no indentation tells.
_TEXTS: Final = re.compile(r"(?:no )?(?:route-policy|[\w-]+-set|end-policy|end-set)\b")


@dataclass(frozen=True, slots=True)
class Listed:
    """A commit as the router lists it; `label` is NONE where it was given none."""

    number: str
    label: str
    user: str
    client: str


class XrDriver(CandidateDriver):
    """Changes IOS XR."""

    device_type: ClassVar[str] = "cisco_xr"
    prompt: ClassVar[str] = r"{name}[^\s#(]*(?:\([^)\n]*\))?#\s*$"
    refusal: ClassVar[re.Pattern[str]] = re.compile(
        r"^\s*(?:!!)?%(?! ?Confirming commit)", re.MULTILINE
    )
    question: ClassVar[str] = r"\[(?:no|cancel)\]: ?$"
    running: ClassVar[str] = "show running-config"
    enter: ClassVar[str] = "configure"
    leave: ClassVar[str] = "abort"
    left: ClassVar[str] = "exit"
    merged: ClassVar[str] = "show configuration merge"
    shortest: ClassVar[int] = 30  # as the command takes it

    def close(self) -> None:
        """Log out; what was not committed is thrown away."""
        try:
            self._leave()
        finally:
            super().close()

    def discard_config(self) -> None:
        """Throw the target configuration away."""
        self._leave()
        super().discard_config()

    def pending_commits(self) -> list[PendingCommit]:
        """Return our commit if it waits; where another's lies on top of it, that one."""
        ours, above = self._listed()
        if ours is None or self._file in self._files():
            return []
        top = (above or [ours])[0]
        return [PendingCommit(name=top.number if above else top.label, user=top.user)]

    def _read(self, text: str) -> tree.Lines:
        found = next((line for line in text.splitlines() if _TEXTS.match(line.strip())), None)
        if found is not None:
            raise ValueError(f"{found.strip()}: policies and sets cannot be planned here")
        return self._parse(text)

    def _parse(self, text: str) -> tree.Lines:
        # A `!` ends the section it stands as deep as: indentation says that already.
        lines = [line for line in text.splitlines() if line.strip() != "!"]
        kept = "\n".join(line for line in lines if not _STAMP.match(line))
        return tree.indented(kept, "!", ("end", "exit", "Building configuration..."))

    def _typed(self, wanted: tree.Lines) -> Iterable[str]:
        return [f"commit label {self._commit_id} confirmed {self._seconds}"]

    def _listed(self) -> tuple[Listed | None, list[Listed]]:
        """Return our commit, None where the router has none or took it back, and those on top."""
        told = self._type("show configuration commit list detail")
        newest_first = [Listed(*found) for found in _COMMIT.findall(told)]
        above: list[Listed] = []
        for commit in newest_first:
            if commit.label == self._commit_id:
                is_back = bool(above) and above[-1].client == "Rollback"
                return (None if is_back else commit), above
            above.append(commit)
        return None, above

    @property
    def _file(self) -> str:
        return f"{self._commit_id}-kept"

    def _files(self) -> list[str]:
        return _KEPT.findall(self._type("dir disk0:"))

    def _keep(self) -> None:
        self._enter()
        try:
            told = self._type("commit")
        except CommandErrorException as error:
            raise CommitError(str(error)) from error
        finally:
            self._leave()
        if not _CONFIRMING.search(told):
            raise CommitError("the device does not say that it confirms a trial")
        # It is kept whatever becomes of the note: without it a later login is in doubt, no more.
        with suppress(CommandErrorException):
            self._note_kept()

    def _note_kept(self) -> None:
        self._type(f"show configuration commit list 1 | file disk0:{self._file}")
        for old in self._files():
            if old != self._file:
                self._type(f"delete /noprompt disk0:{old}")

    def _take_back(self) -> None:
        ours, above = self._listed()
        if ours is None:
            return
        if self._file in self._files():
            raise CommitError(f"{ours.number} was confirmed: it is taken back no more")
        if above:
            raise CommitError(
                f"commit {above[0].number} of {above[0].user} lies on top of {ours.number}: "
                "nothing is taken back"
            )
        # By its number: should another commit come in only now, that one stays.
        self._type(f"rollback configuration {ours.number}")
