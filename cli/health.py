"""What the monitor measures now, for those who may not know the monitors' package."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang.errors import HatangError
from hatang.gates import Finding, Verdict
from monitors.choices import ElementKind, State
from monitors.elements import Element
from monitors.models import ElementRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hatang.db import AnySession
    from monitors.client import KnownState, MonitorClient

SOURCE: Final = "monitors"
AT_ONCE: Final = 32
_VERDICTS: Final = {State.GOOD: Verdict.PASS, State.UNKNOWN: Verdict.UNKNOWN}


class MonitorHealth:
    """The health gate: elements are measured freshly, what was not measured is unknown."""

    def __init__(self, monitor: MonitorClient) -> None:
        self._monitor = monitor

    def covers(self, session: AnySession, elements: Sequence[str]) -> Sequence[str]:
        """Return the devices asked for, the parts of them that have a state, and services.

        A device nobody watches is asked for all the same: then it is unknown, and is told so.
        """
        devices = {each.partition(":")[2] for each in elements if each.startswith("device:")}
        services = {each for each in elements if each.startswith("service:")}
        found = {each for each in elements if each.startswith("device:")}
        rows = session.execute(select(ElementRow.element, ElementRow.kind, ElementRow.owner))
        for name, kind, owner in rows:
            if name in services or (kind != ElementKind.SERVICE and owner in devices):
                found.add(name)
        return sorted(found)

    def check(self, elements: Sequence[str]) -> Sequence[Finding]:
        """Return one finding an element."""
        seen = asyncio.run(measure(self._monitor, elements))
        return [_finding(name, seen[name]) for name in elements]


def _finding(name: str, seen: KnownState | HatangError) -> Finding:
    if isinstance(seen, HatangError):
        return Finding(name, Verdict.UNKNOWN, str(seen), SOURCE)
    verdict = _VERDICTS.get(seen.state, Verdict.FAIL)
    return Finding(name, verdict, f"{seen.state} ({seen.cause})", SOURCE)


async def measure(
    monitor: MonitorClient, elements: Collection[str]
) -> dict[str, KnownState | HatangError]:
    """Return the state of each element as measured now, or why it was not."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> KnownState | HatangError:
        try:
            async with limit:
                return await monitor.verify(Element.parse(name))
        except HatangError as error:
            return error
        except ValueError:
            return HatangError(f"{name} is nothing that is measured")

    names = list(dict.fromkeys(elements))
    return dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))
