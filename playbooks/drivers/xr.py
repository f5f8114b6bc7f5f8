"""Cisco IOS XR: a target configuration, committed under `commit label NAME confirmed SECONDS`.

The device merges the lines into the target; what differs from the running configuration is the
difference. Of NAPALM's own drivers none can be made to prove its peer, so this one is ours.

No router tells whether a trial still waits, but each lists its newest commit: ours on top has not
been taken back, since the device does that by a commit of its own. Nothing found says whether a
login other than the one that committed may confirm. So only the device's own word that it confirms
a trial counts: where it has another one the change takes itself back, and is never called kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, CommitError

from playbooks.drivers import tree
from playbooks.drivers.candidates import CandidateDriver

if TYPE_CHECKING:
    from collections.abc import Iterable

_LABEL: Final = re.compile(r"\bLabel: *(\S+)")
_CONFIRMING: Final = re.compile(r"Confirming commit for trial", re.IGNORECASE)
_STAMP: Final = re.compile(r"^\w{3} \w{3} +\d+ \d+:\d+:\d+\.\d+ ")
# Policies and sets are texts of their own, with an end that no indentation tells.
_TEXTS: Final = re.compile(r"(?:no )?(?:route-policy|[\w-]+-set|end-policy|end-set)\b")


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

    def _is_pending(self) -> bool:
        newest = _LABEL.search(self._type("show configuration commit list 1 detail"))
        return newest is not None and newest[1] == self._commit_id

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

    def _take_back(self) -> None:
        if self._is_pending():
            self._type("rollback configuration last 1")
