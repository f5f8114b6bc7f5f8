"""What became of a host is read out of its events; what nobody saw end is unknown."""

from __future__ import annotations

import pytest

from playbooks.choices import HostOutcome
from playbooks.runs.outcomes import LAST_TASK, outcomes

START, OK, FAILED = "runner_on_start", "runner_on_ok", "runner_on_failed"


def outcome(*events: tuple[str, str]) -> HostOutcome:
    return outcomes(["srv"], [(kind, "srv", task, False) for kind, task in events])["srv"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], HostOutcome.UNFINISHED),
        ([(START, "a")], HostOutcome.UNKNOWN),
        ([(START, "a"), (OK, "a")], HostOutcome.UNFINISHED),
        ([(START, "a"), ("runner_on_skipped", "a")], HostOutcome.UNFINISHED),
        ([(START, "a"), (OK, "a"), (START, "b")], HostOutcome.UNKNOWN),
        ([(START, "a"), (FAILED, "a")], HostOutcome.FAILED),
        ([(START, "a"), ("runner_on_unreachable", "a")], HostOutcome.UNREACHABLE),
        ([(START, LAST_TASK)], HostOutcome.UNKNOWN),
        ([(START, LAST_TASK), (OK, LAST_TASK)], HostOutcome.DONE),
        ([(FAILED, "a"), (START, "rescue"), (OK, "rescue")], HostOutcome.UNFINISHED),
    ],
)
def test_the_outcome_of_a_host(events: list[tuple[str, str]], expected: HostOutcome) -> None:
    assert outcome(*events) is expected


def test_an_ignored_failure_is_no_failure() -> None:
    assert outcomes(["srv"], [(FAILED, "srv", "a", True)])["srv"] is HostOutcome.UNFINISHED


def test_a_host_outside_the_run_is_not_counted() -> None:
    assert outcomes(["srv"], [(OK, "other", LAST_TASK, False)]) == {"srv": HostOutcome.UNFINISHED}
