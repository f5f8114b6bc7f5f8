"""What the approval of a schedule covers, part by part, so that a change of one can be named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from inventory.models import Device
from playbooks.catalogue import playbook
from playbooks.changes.selecting import Selection
from playbooks.runs import service as runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.db import AnySession
    from playbooks.models import PlaybookSchedule

SUBJECT: Final = "schedule"


class Part(StrEnum):
    """One thing that an approval of a schedule covers."""

    PLAYBOOK = "playbook"
    PARAMETERS = "parameters"
    TARGETS = "targets"
    TIMING = "timing"


CHANGED: Final[Mapping[Part, str]] = {
    Part.PLAYBOOK: "the text of its playbook or of a role has changed",
    Part.PARAMETERS: "its parameters have changed",
    Part.TARGETS: "its targets have changed, or a device it names is gone or another one",
    Part.TIMING: "its timing has changed",
}


def parts(session: AnySession, schedule: PlaybookSchedule) -> dict[str, str]:
    """Return the SHA-256 of each part as it is now.

    Devices chosen by name are covered by their keys: another device under an old name is another.
    Raises NotFoundError when there is no such playbook any more.
    """
    names = selection(schedule).names
    keys = select(Device.device_key).where(Device.name.in_(names)).order_by(Device.device_key)
    told: dict[Part, Any] = {
        Part.PLAYBOOK: [schedule.playbook, runs.texts(playbook(schedule.playbook).file)],
        Part.PARAMETERS: [schedule.parameters, schedule.is_check_mode],
        Part.TARGETS: [schedule.targets, list(session.scalars(keys))],
        Part.TIMING: [schedule.recurrence, schedule.timezone],
    }
    return {part.value: _sha256(content) for part, content in told.items()}


def plan_hash(found: Mapping[str, str]) -> str:
    """Return the SHA-256 over all `parts`: what approval is asked for."""
    return _sha256(dict(found))


def selection(schedule: PlaybookSchedule) -> Selection:
    """Return which devices the schedule is for."""
    return Selection(**{name: tuple(given) for name, given in schedule.targets.items()})


def plain(chosen: Selection) -> dict[str, list[str]]:
    """Return a selection as a schedule keeps it: only what is given, each in order."""
    return {name: sorted(given) for name, given in asdict(chosen).items() if given}


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
