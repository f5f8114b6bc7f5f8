"""Does the SNMP agent tell how long it has been up (SNMPv2-MIB sysUpTime, RFC 3418)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason
from monitors.probes.result import Answer

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"


async def probe(aim: Aim, means: Means) -> Answer:
    """Answer when the agent gives sysUpTime to a proven user."""
    reader = means.snmp(aim)
    if reader is None:
        raise DriverError(f"{aim.host}: no SNMP credential", Reason.NOT_SUPPORTED)
    try:
        found = await reader.get([SYS_UP_TIME])
    finally:
        await reader.close()
    if SYS_UP_TIME not in found:
        raise DriverError(f"{aim.host}: the agent shows no sysUpTime", Reason.REJECTED)
    return Answer()
