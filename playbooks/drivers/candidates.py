"""Devices that keep a candidate: typed in, compared there, committed whole for a trial."""

from __future__ import annotations

from typing import ClassVar

from napalm.base.exceptions import CommandErrorException, MergeConfigException

from playbooks.drivers import tree
from playbooks.drivers.views import ViewDriver


class CandidateDriver(ViewDriver):
    """Types, compares and arms as all these devices do.

    A driver says what leaves a section (`left`), what shows the candidate merged into what runs
    (`merged`), and how many seconds its `shortest` trial lasts.
    """

    left: ClassVar[str]
    merged: ClassVar[str]
    shortest: ClassVar[int]

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Type a snippet into the device's candidate."""
        super().load_merge_candidate(filename, config)
        self._enter()
        try:
            for line in tree.typed(self._candidate or {}, self.left):
                self._type(line)
        except CommandErrorException as error:
            self.discard_config()
            raise MergeConfigException(str(error)) from error

    def compare_config(self) -> str:
        """Return how the device's candidate differs from what runs."""
        if self._candidate is None:
            return ""
        candidate = self._parse(self._type(self.merged))
        return tree.difference(self._parse(self._running()), candidate)

    def _arm(self, seconds: int) -> None:
        # One command arms the timer and applies the candidate: nothing can come between.
        self._seconds = max(self.shortest, seconds)

    def _mark_whole(self) -> None:
        """A candidate is committed whole or not at all."""

    def _is_whole(self) -> bool:
        return True
