"""What FRR's driver makes of the words of its helper on the router."""

from __future__ import annotations

import pytest

from hatang.drivers.protocols import CommandResult
from playbooks.drivers.frr import FrrDriver


class Told(FrrDriver):
    """A router whose helper prints one word."""

    word = ""

    def _run(self, command: str, timeout_seconds: float | None = None) -> CommandResult:
        return CommandResult(f"{self.word}\n", "", 0)


@pytest.mark.parametrize(
    ("word", "is_undecided"),
    [
        *(("pending", True), ("reverting", True), ("confirmed", False)),
        *(("rolledback", False), ("unknown", False)),
    ],
)
def test_a_commit_is_undecided_until_it_is_kept_or_wholly_taken_back(
    word: str, is_undecided: bool
) -> None:
    router = Told("192.0.2.1", "u", "p", optional_args={"commit_id": "c1"})
    router.word = word
    assert router.has_pending_commit() is is_undecided
