"""Every probe under its name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from monitors.probes import dns, http, ping, sip_options, smtp, snmp, tcp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.probes.result import Probe

PROBES: Final[Mapping[str, Probe]] = MappingProxyType(
    {
        "dns": dns.PROBE,
        "http": http.PROBE,
        "ping": ping.PROBE,
        "sip_options": sip_options.PROBE,
        "smtp": smtp.PROBE,
        "snmp": snmp.PROBE,
        "tcp": tcp.PROBE,
    }
)
