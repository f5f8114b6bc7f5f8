"""Which modules an agent has: by what it is, and by what it answers.

What a device is (sysObjectID, sysDescr) is asked for at the first poll and after a restart. A
probe that answered once counts from then on, so that a table which vanishes is a loss and not a
module the device does not have; one that did not answer is tried again seldom.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError
from monitors.modules.expressions import as_text
from monitors.modules.plan import Asked, Plan, candidates, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.drivers.protocols import SnmpReader, SnmpValue
    from monitors.modules.schema import Module

# SNMPv2-MIB system group (RFC 3418).
SYS_DESCR: Final = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID: Final = "1.3.6.1.2.1.1.2.0"
RETRY_EVERY: Final = 120
"""After how many polls probes that did not answer are tried again."""


@dataclass(slots=True)
class Choice:
    """What was chosen for an agent, and why."""

    plan: Plan | None = None
    asked: Asked | None = None
    present: set[str] = field(default_factory=set)
    up_time: int | None = None
    age: int = 0

    def doubt(self) -> None:
        """Choose anew at the next poll; what once answered stays."""
        self.plan = None


def is_restart(choice: Choice, up_time: SnmpValue | None) -> bool:
    """Return whether the agent's clock went back, and remember it."""
    before = choice.up_time
    choice.up_time = up_time if isinstance(up_time, int) else None
    return before is not None and choice.up_time is not None and choice.up_time < before


async def choose(reader: SnmpReader, choice: Choice, platform: str, role: str) -> Plan:
    """Return the plan for an agent, asking it what it is where that is not known.

    Raises:
        DriverError: it does not answer.
    """
    choice.age += 1
    fits = choice.asked is not None and (choice.asked.platform, choice.asked.role) == (
        platform,
        role,
    )
    if choice.plan is not None and fits and choice.age < RETRY_EVERY:
        return choice.plan
    reply = await reader.get([SYS_OBJECT_ID, SYS_DESCR])
    asked = Asked(
        platform,
        role,
        as_text(reply.get(SYS_OBJECT_ID)).lstrip("."),
        as_text(reply.get(SYS_DESCR)),
    )
    modules = candidates(asked)
    await _try(reader, choice, modules)
    names = [m.name for m in modules if m.is_there(choice.present)]
    choice.plan, choice.asked, choice.age = plan_of(tuple(names)), asked, 0
    return choice.plan


async def _try(reader: SnmpReader, choice: Choice, modules: Iterable[Module]) -> None:
    probes = {oid for m in modules if not m.is_there(choice.present) for oid in m.probe}
    scalars = sorted(oid for oid in probes if oid.endswith(".0"))
    if scalars:
        try:
            choice.present |= (await reader.get(scalars)).keys()
        except DriverError:
            await reader.get([SYS_OBJECT_ID])
    for column in sorted(probes - set(scalars)):
        try:
            if (await reader.columns([column])).get(column):
                choice.present.add(column)
        except DriverError:
            # One that stumbles over a probe lacks the module; one that is silent fails here.
            await reader.get([SYS_OBJECT_ID])
