"""Every probe under its name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from monitors.probes import (
    backup,
    dns,
    feed,
    http,
    imap,
    journey,
    mysql,
    ntp,
    ping,
    postgresql,
    reach,
    revocation,
    sip_options,
    sip_register,
    sla,
    smtp,
    snmp,
    ssh,
    stamp,
    tcp,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.probes.result import Probe

PROBES: Final[Mapping[str, Probe]] = MappingProxyType(
    {
        "backup": backup.PROBE,
        "dns": dns.PROBE,
        "feed": feed.PROBE,
        "http": http.PROBE,
        "imap": imap.PROBE,
        "journey": journey.PROBE,
        "mysql": mysql.PROBE,
        "ntp": ntp.PROBE,
        "ping": ping.PROBE,
        "postgresql": postgresql.PROBE,
        "reach": reach.PROBE,
        "revocation": revocation.PROBE,
        "sip_options": sip_options.PROBE,
        "sip_register": sip_register.PROBE,
        "sla": sla.PROBE,
        "smtp": smtp.PROBE,
        "snmp": snmp.PROBE,
        "ssh": ssh.PROBE,
        "stamp": stamp.PROBE,
        "tcp": tcp.PROBE,
    }
)
