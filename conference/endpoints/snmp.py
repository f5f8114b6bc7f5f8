"""Endpoints over SNMP: Poly's (HDX, Group, G, Studio X) and Cisco TelePresence's peripherals.

Source: POLYCOM-VIDEO-MIB (1.3.6.1.4.1.13885.101) as a Studio X50 fills it, whose states are 1
disabled, 2 ok, 3 failed; and the column of CISCO-TELEPRESENCE-MIB that centreon-plugins reads, in
which 0 is no error. What the other numbers mean there is left to Cisco: they are hints, not faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conference import agents
from conference.endpoints.status import Diagnostic, EndpointStatus
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conference.bridges.protocol import OpenClient
    from conference.endpoints.protocol import EndpointAccess
    from hatang.drivers.protocols import SnmpReader, SnmpValue

_POLY: Final = "1.3.6.1.4.1.13885.101.1"
VERSION: Final = f"{_POLY}.1.1.0"
CONFERENCES: Final = f"{_POLY}.5.1.0"
H323_REGISTRATION: Final = f"{_POLY}.2.7.2.0"
SIP_REGISTRATIONS: Final = f"{_POLY}.2.8.3.1.2"
PARTS: Final = {
    f"{_POLY}.3.1.0": "hardware",
    f"{_POLY}.3.5.1.0": "microphone",
    f"{_POLY}.3.6.1.0": "camera",
    f"{_POLY}.3.10.1.0": "network interface",
}
CISCO_PERIPHERALS: Final = "1.3.6.1.4.1.9.9.643.1.2.1.1.3"
_OK, _FAILED = 2, 3
CISCO_FIELDS: Final = frozenset({"diagnostics"})
POLY_FIELDS: Final = CISCO_FIELDS | {"version", "registered", "active_calls"}


class SnmpDriver:
    """Reads an endpoint's SNMP agent."""

    async def status(self, access: EndpointAccess, open_client: OpenClient) -> EndpointStatus:
        """Return registration, calls and what it finds wrong in itself."""
        del open_client
        with observe("driver", "endpoint_snmp"):
            async with agents.agent(access) as reader:
                return await read(reader, access.key)


async def read(reader: SnmpReader, key: str) -> EndpointStatus:
    """Return what the agent tells; raises DriverError NOT_SUPPORTED for one of another make."""
    scalars = await reader.get([VERSION, CONFERENCES, H323_REGISTRATION, *PARTS])
    columns = await reader.columns([SIP_REGISTRATIONS, CISCO_PERIPHERALS])
    lines, peripherals = columns.get(SIP_REGISTRATIONS, {}), columns.get(CISCO_PERIPHERALS, {})
    if not (scalars or lines or peripherals):
        raise DriverError(f"{key}: its agent is not Poly's or Cisco's", Reason.NOT_SUPPORTED)
    registered, why = _registered(scalars, lines)
    return EndpointStatus(
        version=agents.text(scalars.get(VERSION)),
        registered=registered,
        registration_reason=why,
        active_calls=agents.whole(scalars.get(CONFERENCES)),
        diagnostics=_diagnostics(scalars, peripherals),
        fields_supported=POLY_FIELDS if scalars or lines else CISCO_FIELDS,
    )


def _registered(
    scalars: Mapping[str, SnmpValue], lines: Mapping[str, SnmpValue]
) -> tuple[bool | None, str]:
    """Return whether it is registered anywhere; None when each way is disabled or untold."""
    ways = {"H.323": agents.whole(scalars.get(H323_REGISTRATION))}
    ways |= {f"SIP line {index}": agents.whole(state) for index, state in lines.items()}
    failed = [name for name, state in ways.items() if state == _FAILED]
    why = f"{', '.join(failed)}: failed" if failed else ""
    if _OK in ways.values():
        return True, why
    return (False, why) if failed else (None, "")


def _diagnostics(
    scalars: Mapping[str, SnmpValue], peripherals: Mapping[str, SnmpValue]
) -> tuple[Diagnostic, ...] | None:
    """Return what it finds wrong; None unless it tells of each part it is known to have."""
    parts = {name: agents.whole(scalars.get(oid)) for oid, name in PARTS.items()}
    others = {index: agents.whole(state) for index, state in peripherals.items()}
    found = [
        Diagnostic(True, name, f"{name} failed")  # noqa: FBT003 - a fault
        for name, state in parts.items()
        if state == _FAILED
    ]
    found += [
        Diagnostic(False, "peripheral", f"peripheral {index}: status {state}")  # noqa: FBT003
        for index, state in others.items()
        if state
    ]
    told = [*(parts.values() if scalars else ()), *others.values()]
    return tuple(found) if found or (told and None not in told) else None
