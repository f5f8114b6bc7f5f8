"""Poly RMX, RPRM and DMA over SNMP: what their agents count.

Source: centreon-plugins' modes for RMX, RPRM (`sites`) and DMA, which read these objects of
Polycom's enterprise (1.3.6.1.4.1.13885). Which of the three it is shows in what its agent has.
Loss is per cent, jitter and delay milliseconds, both as averages over all calls of a site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conference import agents
from conference.bridges import answers
from conference.bridges.status import BridgeStatus
from conference.choices import BridgeState, Quality
from conference.quality import band
from conference.sums import total
from hatang import clock
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conference.bridges.protocol import BridgeAccess
    from hatang.drivers.protocols import SnmpReader, SnmpValue

POLYCOM: Final = "1.3.6.1.4.1.13885"
RMX_CONFERENCES: Final = f"{POLYCOM}.110.1.5.1.0"
RMX_VIDEO_CALLS: Final = f"{POLYCOM}.110.1.4.4.2.1.0"
_SITES: Final = f"{POLYCOM}.102.1.2.14.4.1"
SITE_NAME: Final = f"{_SITES}.2"
SITE_LOSS: Final = f"{_SITES}.8"
SITE_JITTER: Final = f"{_SITES}.9"
SITE_DELAY: Final = f"{_SITES}.10"
_REGISTRATIONS: Final = f"{POLYCOM}.13.2.3.3.1.2.1"
DMA_ACTIVE: Final = f"{_REGISTRATIONS}.3"
DMA_INACTIVE: Final = f"{_REGISTRATIONS}.4"

RMX_FIELDS: Final = frozenset({"participants", "ports_used", "ports_total", "conferences_active"})
RPRM_FIELDS: Final = frozenset({"alarms"})
DMA_FIELDS: Final = frozenset({"registrations_active", "registrations_inactive"})
_POOR: Final = (Quality.BAD, Quality.TERRIBLE)


async def status(access: BridgeAccess) -> BridgeStatus:
    """Return what the agent counts; raises DriverError NOT_SUPPORTED for one of another make."""
    async with agents.agent(access) as reader:
        return await read(reader, access)


async def read(reader: SnmpReader, access: BridgeAccess) -> BridgeStatus:
    """Return what the agent behind `reader` counts; as `status`.

    An RPRM tells how the calls of each of its sites are heard: a poor one is an alarm with its
    name. A column that one of the sites lacks stays unknown for that site.
    """
    started = clock.monotonic()
    scalars = await reader.get([RMX_CONFERENCES, RMX_VIDEO_CALLS])
    latency = clock.monotonic() - started
    columns = await reader.columns(
        [SITE_NAME, SITE_LOSS, SITE_JITTER, SITE_DELAY, DMA_ACTIVE, DMA_INACTIVE]
    )
    fields = _fields(scalars, columns)
    if not fields:
        raise DriverError(
            f"{access.key}: its agent has no object of RMX, RPRM or DMA", Reason.NOT_SUPPORTED
        )
    calls = agents.whole(scalars.get(RMX_VIDEO_CALLS))
    alarms = _poor_sites(columns)
    return BridgeStatus(
        state=BridgeState.DEGRADED if alarms else BridgeState.UP,
        api_latency_seconds=latency,
        participants=calls,
        ports_used=calls,
        ports_total=access.capacity_ports if fields & RMX_FIELDS else None,
        fields_supported=fields | {"api_latency_seconds"},
        alarms=alarms,
        conferences_active=agents.whole(scalars.get(RMX_CONFERENCES)),
        registrations_active=_counted(columns.get(DMA_ACTIVE)),
        registrations_inactive=_counted(columns.get(DMA_INACTIVE)),
    )


def _fields(
    scalars: Mapping[str, SnmpValue], columns: Mapping[str, Mapping[str, SnmpValue]]
) -> frozenset[str]:
    found: set[str] = set()
    if scalars:
        found |= RMX_FIELDS
    if columns.get(SITE_LOSS):
        found |= RPRM_FIELDS
    if columns.get(DMA_ACTIVE) or columns.get(DMA_INACTIVE):
        found |= DMA_FIELDS
    return frozenset(found)


def _poor_sites(columns: Mapping[str, Mapping[str, SnmpValue]]) -> tuple[str, ...]:
    found = []
    for index, told in columns.get(SITE_LOSS, {}).items():
        loss = answers.scaled(agents.text(told), 0.01)
        jitter = answers.scaled(agents.text(columns.get(SITE_JITTER, {}).get(index)), 0.001)
        if loss is None or band(loss, jitter) not in _POOR:
            continue
        name = agents.text(columns.get(SITE_NAME, {}).get(index)) or index
        delay = answers.number(agents.text(columns.get(SITE_DELAY, {}).get(index)))
        figures = [f"loss {loss:.1%}"]
        figures += [] if jitter is None else [f"jitter {jitter * 1000:.0f} ms"]
        figures += [] if delay is None else [f"delay {delay:.0f} ms"]
        found.append(f"{name}: {', '.join(figures)}")
    return tuple(found)


def _counted(column: Mapping[str, SnmpValue] | None) -> int | None:
    """Return the sum over all clusters; None where one of them, or every one, is not told."""
    return total(agents.whole(value) for value in column.values()) if column else None
