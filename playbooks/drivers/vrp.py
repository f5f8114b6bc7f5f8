"""Huawei VRP 8: a candidate, committed under `commit trial … persist NAME`.

The device merges the lines into its candidate; what differs from the running configuration is the
difference. The name outlives the login, so that another one may confirm.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, CommitError

from hatang.drivers.pending import PendingCommit
from playbooks.drivers import tree
from playbooks.drivers.candidates import CandidateDriver

_ACTIVE: Final = re.compile(r"status *: *ACTIVE", re.IGNORECASE)
_NAME: Final = re.compile(r"persist ?id *: *(\S+)", re.IGNORECASE)
_USER: Final = re.compile(r"^ *user *: *(\S+)", re.IGNORECASE | re.MULTILINE)

if TYPE_CHECKING:
    from collections.abc import Iterable


class VrpDriver(CandidateDriver):
    """Changes VRP 8."""

    device_type: ClassVar[str] = "huawei_vrp"
    prompt: ClassVar[str] = r"[<\[][~*]?{name}[^\s>\]]*[>\]]\s*$"
    refusal: ClassVar[re.Pattern[str]] = re.compile(r"^\s*Error:", re.MULTILINE)
    running: ClassVar[str] = "display current-configuration"
    saving: ClassVar[str] = "save"
    startup: ClassVar[str] = "display saved-configuration"
    left: ClassVar[str] = "quit"
    merged: ClassVar[str] = "display configuration candidate merge"
    shortest: ClassVar[int] = 60  # as the command takes it

    def close(self) -> None:
        """Log out; what was not committed is thrown away."""
        try:
            if self._is_in_view:
                self.discard_config()
        finally:
            super().close()

    def discard_config(self) -> None:
        """Clear the candidate and leave the system view."""
        if self._is_in_view:
            self._type("clear configuration candidate")
            self._leave()
        super().discard_config()

    def pending_commits(self) -> list[PendingCommit]:
        """Return the trial that runs, under the name it was given."""
        told = self._type("display configuration trial status")
        if not _ACTIVE.search(told):
            return []
        name, user = _NAME.search(told), _USER.search(told)
        is_named = name is not None and name[1] != "-"
        return [
            PendingCommit(
                name=name[1] if name is not None and is_named else None,
                user=user[1] if user else None,
            )
        ]

    def _require(self) -> None:
        if not re.search(r"\bVersion 8\.", self._type("display version")):
            raise NotImplementedError("only VRP 8 takes a change back by itself")

    def _parse(self, text: str) -> tree.Lines:
        return tree.indented(text, "#", ("return", "quit"))

    def _typed(self, wanted: tree.Lines) -> Iterable[str]:
        return [f"commit trial {self._seconds} persist {self._commit_id}"]

    def _keep(self) -> None:
        self._enter()
        try:
            self._type(f"commit persist {self._commit_id}")
        except CommandErrorException as error:
            raise CommitError(str(error)) from error
        self._leave()
        self.save_startup()

    def _take_back(self) -> None:
        self._enter()
        if self._is_pending():
            self._type(f"abort trial persist {self._commit_id}")
        self._type("clear configuration candidate")
        self._leave()
