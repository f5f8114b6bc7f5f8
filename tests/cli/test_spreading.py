"""How a change spreads as the command line gives it."""

from __future__ import annotations

from cli.commands.changes import _shape
from playbooks.changes import Rollout


def test_an_option_of_spreading_leaves_the_others_as_usual() -> None:
    assert _shape((None, None, 0, 60), None, None)[0] == Rollout(1, 50, 0, 60)
    assert _shape((None, 10, 0, 0), None, None)[0] == Rollout(1, 10)
    assert _shape((3, None, 0, 0), None, None)[0] == Rollout(3, 50)


def test_zero_is_taken_as_given() -> None:
    assert _shape((0, 0, 1, 0), None, None)[0] == Rollout(0, 0, 1)


def test_without_options_the_change_decides_itself() -> None:
    assert _shape((None, None, 0, 0), None, None)[0] is None
