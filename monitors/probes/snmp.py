"""Does the SNMP agent tell how long it has been up (SNMPv2-MIB sysUpTime, RFC 3418)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from hatang.drivers.target import SnmpCommunity, SnmpLogin, SnmpUser
from hatang.errors import DriverError, Reason
from monitors.probes.result import Answer, Options, Probe

if TYPE_CHECKING:
    from hatang.drivers.protocols import SnmpReader
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

SYS_UP_TIME: Final = "1.3.6.1.2.1.1.3.0"


class SnmpOptions(Options):
    """`credential` names the stored login; that of the device, where the probe has a device."""

    of_device: ClassVar = True
    credential: str = ""


async def ask(aim: Aim, means: Means, options: SnmpOptions) -> Answer:
    """Answer when the agent gives sysUpTime to a proven user."""
    reader = await agent(aim, means, options.credential)
    try:
        found = await reader.get([SYS_UP_TIME])
    finally:
        await reader.close()
    if SYS_UP_TIME not in found:
        raise DriverError(f"{aim.host}: the agent shows no sysUpTime", Reason.REJECTED)
    return Answer()


async def agent(aim: Aim, means: Means, credential: str) -> SnmpReader:
    """Return a reader of the agent at `aim`.

    Raises:
        DriverError: NOT_SUPPORTED when no credential of this name can be used for SNMP.
    """
    login: SnmpLogin
    try:
        stored = await means.credential(credential)
        is_community = stored.kind == "snmpv2c"
        login = SnmpCommunity.of(stored, credential) if is_community else SnmpUser.of(stored)
    except (LookupError, ValueError) as error:
        raise DriverError(
            f"{aim.host}: no SNMP credential {credential!r}",
            Reason.NOT_SUPPORTED,
            fix="Name a stored credential of kind snmpv3 or snmpv2c.",
        ) from error
    reader = means.snmp(aim, login)
    if reader is None:
        raise DriverError(f"{aim.host}: SNMP is not read here", Reason.NOT_SUPPORTED)
    return reader


PROBE: Final = Probe(ask, ("snmp",), SnmpOptions)
