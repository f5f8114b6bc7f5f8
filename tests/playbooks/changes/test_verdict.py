"""How a change ended follows from how its devices did."""

from __future__ import annotations

import pytest

from playbooks.changes.ending import verdict
from playbooks.choices import ChangeState, TargetState

CONFIRMED, REVERTED, UNKNOWN = TargetState.CONFIRMED, TargetState.REVERTED, TargetState.UNKNOWN
CANCELLED = TargetState.CANCELLED


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({CONFIRMED}, ChangeState.DONE),
        ({CONFIRMED, TargetState.UNCHANGED}, ChangeState.DONE),
        ({REVERTED}, ChangeState.ROLLED_BACK),
        ({REVERTED, TargetState.REJECTED}, ChangeState.ROLLED_BACK),
        ({CONFIRMED, REVERTED}, ChangeState.FAILED),
        ({CONFIRMED, UNKNOWN}, ChangeState.FAILED),
        ({UNKNOWN}, ChangeState.FAILED),
        ({CANCELLED}, ChangeState.CANCELLED),
        ({CANCELLED, CONFIRMED}, ChangeState.CANCELLED),
        ({CANCELLED, REVERTED}, ChangeState.CANCELLED),
        ({CANCELLED, UNKNOWN}, ChangeState.FAILED),
        ({CONFIRMED, TargetState.DRIFT}, ChangeState.FAILED),
    ],
)
def test_a_change_ends_as_its_devices_did(states: set[TargetState], expected: ChangeState) -> None:
    assert verdict(states) is expected
