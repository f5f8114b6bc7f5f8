"""Changes over a command line that take themselves back: the order of steps all drivers share.

First the device's own timer, then the lines, then a mark that all of them came in. Without the
mark nothing is confirmed: a login that broke between two lines leaves a change to its timer.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, CommitError, MergeConfigException

from hatang import clock
from hatang.drivers.pending import UNCONFIRMED_SECONDS, PendingCommit
from playbooks.drivers.tree import difference
from playbooks.drivers.typed import TypedDriver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playbooks.drivers.tree import Lines

TYPING_SHARE: Final = 0.5  # of the timer; what is left is for the login that confirms


class TimedDriver(TypedDriver):
    """Merges a snippet under a timer; a `commit_id` in optional_args names it on the device.

    A driver says in `_parse`, `_merged` and `_typed` how its configurations read, merge and are
    entered, and in `pending_commits`, `_arm`, `_is_whole`, `_keep` and `_take_back` what its timer
    is.
    """

    saving: ClassVar[str] = ""

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(hostname, username, password, timeout, optional_args)
        self._candidate: Lines | None = None
        named: str | None = (optional_args or {}).get("commit_id")
        self._commit_id = named or f"hatang-{uuid.uuid4().hex[:12]}"

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Take a snippet as the candidate; the device does not see it yet."""
        self._require()
        text = config if config is not None else Path(filename or "").read_text(encoding="utf-8")
        try:
            self._candidate = self._read(text)
        except ValueError as error:
            raise MergeConfigException(str(error)) from error

    def load_replace_candidate(
        self, filename: str | None = None, config: str | None = None
    ) -> None:
        """Refuse: only a merge can be proven here."""
        raise NotImplementedError("this driver merges; it replaces no whole configuration")

    def compare_config(self) -> str:
        """Return what the candidate would change, `+` or `-` before each line."""
        if self._candidate is None:
            return ""
        before = self._parse(self._running())
        return difference(before, self._merged(before, self._candidate))

    def discard_config(self) -> None:
        """Forget the candidate."""
        self._candidate = None

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Apply the candidate; the device takes it back unless confirmed in `revert_in` seconds.

        Raises:
            MergeConfigException: the device refused a line, or the timer would not have lasted for
                all of them; those before it were taken back.
        """
        if self._candidate is None:
            raise CommitError("no candidate is loaded")
        seconds = revert_in or UNCONFIRMED_SECONDS
        self._arm(seconds)
        try:
            self._type_all(self._candidate, clock.monotonic() + seconds * TYPING_SHARE)
        except CommandErrorException as error:
            self.rollback()
            raise MergeConfigException(str(error)) from error
        self._leave()
        self._mark_whole()
        if revert_in is None:
            self.confirm_commit()

    def pending_commits(self) -> list[PendingCommit]:
        """Return this driver's own commit if it waits, or what another did on top of it.

        What another does keeps `commit_config` off by itself.
        """
        raise NotImplementedError

    def has_pending_commit(self) -> bool:
        """Tell whether a commit waits on the device."""
        return bool(self.pending_commits())

    def confirm_commit(self) -> None:
        """Keep the change and save it.

        Raises:
            CommitError: nothing waits under this name, or not all of its lines came in.
        """
        if not self._is_pending():
            raise CommitError("no commit of ours waits for its confirmation")
        if not self._is_whole():
            raise CommitError("not all lines came in; the device takes the change back")
        self._keep()
        self._candidate = None

    def save_startup(self) -> None:
        """Write what runs to startup, as a confirmation does, where it is a step of its own."""
        if self.saving:
            self._leave()
            self._type(self.saving, answer="y")

    def rollback(self) -> None:
        """Take the pending change back now."""
        self._leave()
        self._take_back()
        self._candidate = None

    def _type_all(self, wanted: Lines, until: float) -> None:
        # A line that comes in after the timer ran out would stand without a way back.
        for line in self._typed(wanted):
            if clock.monotonic() > until:
                raise CommandErrorException(f"{line}: the lines take too long for the timer")
            self._type(line)

    def _require(self) -> None:
        """Raise NotImplementedError where this device's version has no such timer."""

    def _leave(self) -> None:
        """Go back to where commands are typed."""

    def _read(self, text: str) -> Lines:
        """Read a snippet; raises ValueError for a line nobody can plan."""
        return self._parse(text)

    def _parse(self, text: str) -> Lines:
        raise NotImplementedError

    def _merged(self, before: Lines, wanted: Lines) -> Lines:
        raise NotImplementedError

    def _typed(self, wanted: Lines) -> Iterable[str]:
        raise NotImplementedError

    def _arm(self, seconds: int) -> None:
        raise NotImplementedError

    def _mark_whole(self) -> None:
        raise NotImplementedError

    def _ours(self, *, waits: bool) -> list[PendingCommit]:
        return [PendingCommit(name=self._commit_id)] if waits else []

    def _is_pending(self) -> bool:
        return any(commit.name == self._commit_id for commit in self.pending_commits())

    def _require_pending(self) -> None:
        """Raise CommitError unless ours waits: what others did since would be taken back too."""
        if not self._is_pending():
            raise CommitError("no commit of ours waits: nothing is taken back")

    def _is_whole(self) -> bool:
        raise NotImplementedError

    def _keep(self) -> None:
        raise NotImplementedError

    def _take_back(self) -> None:
        raise NotImplementedError
