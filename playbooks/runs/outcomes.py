"""What became of each host of a run, told by its events alone.

A host is done when its play came to its last task, which every playbook of the catalogue has. One
whose last task had begun when the run was cut short is unknown: whether the task took place is
nothing anybody here saw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from playbooks.choices import HostOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable

LAST_TASK: Final = "Host is finished"
BEGUN: Final = "runner_on_start"
_RESULTS: Final = {
    BEGUN: HostOutcome.UNKNOWN,
    "runner_on_ok": HostOutcome.UNFINISHED,
    "runner_on_skipped": HostOutcome.UNFINISHED,
    "runner_on_failed": HostOutcome.FAILED,
    "runner_on_unreachable": HostOutcome.UNREACHABLE,
}


def outcomes(
    devices: Iterable[str], events: Iterable[tuple[str, str, str, bool]]
) -> dict[str, HostOutcome]:
    """Return the outcome of each device.

    `events` are kind, device, task and whether a failure was ignored, in the order they happened.
    A host that a task failed on and that went on afterwards was rescued by its playbook.
    """
    found = dict.fromkeys(devices, HostOutcome.UNFINISHED)
    for kind, device, task, is_ignored in events:
        result = _RESULTS.get(kind)
        if result is None or device not in found or found[device] is HostOutcome.DONE:
            continue
        if kind == "runner_on_ok" and task == LAST_TASK:
            result = HostOutcome.DONE
        found[device] = HostOutcome.UNFINISHED if is_ignored and kind != BEGUN else result
    return found
