"""The real means of probes: transports, stored credentials, enrolled keys, trusted authorities."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from hatang import secrets
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.drivers.sip import UdpSipProber
from hatang.errors import SettingsError
from monitors.probes.result import Means
from monitors.targets import DeviceTarget

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database
    from hatang.drivers.protocols import SnmpReader
    from hatang.drivers.target import SnmpLogin
    from hatang.secrets import Credential
    from hatang.settings import Settings
    from monitors.conversation import Transports
    from monitors.probes.aim import Aim


def of(settings: Settings, db: Database, transports: Transports) -> Means:
    """Return what probes are made with; credentials are read anew each time, so they may change.

    Raises:
        SettingsError: the file of authorities holds none.
    """

    def snmp(aim: Aim, login: SnmpLogin) -> SnmpReader | None:
        at = DeviceTarget(aim.host, aim.host, "", "", "", aim.address, None, aim.port, login)
        return transports.snmp(at)

    async def credential(name: str) -> Credential:
        return await asyncio.to_thread(_credential, db, name)

    return Means(
        transports.pinger,
        UdpSipProber(),
        snmp=snmp,
        authorities=_authorities(settings.monitors.ca_file),
        credential=credential,
        host_keys=StoredHostKeys(db),
    )


def _credential(db: Database, name: str) -> Credential:
    with db.read() as session:
        return secrets.get(session, name)


def _authorities(ca_file: Path | None) -> str:
    """Return the province's own authorities; raises SettingsError when the file is no such."""
    if ca_file is None:
        return ""
    try:
        text = ca_file.read_text(encoding="ascii")
        ssl.create_default_context().load_verify_locations(cadata=text)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise SettingsError(
            f"monitors.ca_file: {ca_file} holds no certificate authority",
            fix="Give a PEM file with the authorities' certificates.",
        ) from error
    return text
