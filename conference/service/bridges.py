"""A bridge's state as it answers now; one that does not answer is down, with the reason."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from conference.bridges import driver
from conference.bridges.protocol import BridgeAccess, BridgeStatus
from conference.choices import BridgeState
from hatang import secrets
from hatang.auth import Permission, require
from hatang.drivers.addresses import AddressRule
from hatang.drivers.http import HttpOptions, open_async_http
from hatang.drivers.tls import TlsTrust
from hatang.errors import DriverError, Reason, SettingsError
from hatang.log import get_logger
from inventory import service as inventory

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from hatang.auth import Actor
    from hatang.db import AnySession, Database
    from hatang.settings import Settings

TIMEOUT_SECONDS: Final = 5.0
WAIVER: Final = "conference.clear_text_hosts"
_logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ways:
    """How bridges and registrars may be reached: by https, unless something allows otherwise."""

    lab: bool = False
    clear_text_hosts: frozenset[str] = frozenset()
    ca_file: Path | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings allow."""
        own = settings.conference
        return cls(settings.lab, frozenset(own.clear_text_hosts), own.ca_file)

    def waiver(self, base_url: str) -> str:
        """Return what allows to go there in clear text; empty where nothing is needed.

        A bridge's secret travels in the body of a request, so the whole way has to be proven.

        Raises:
            DriverError: REJECTED, it is in clear text and nothing allows that.
        """
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return ""
        if self.lab or host in self.clear_text_hosts:
            return WAIVER
        raise DriverError(
            f"{host}: is asked over {parts.scheme}://, where anybody on the way reads the secret",
            Reason.REJECTED,
            fix=f"Give it https://, or name {host} in {WAIVER}.",
        )


def client(base_url: str, *, ways: Ways) -> httpx.AsyncClient:
    """Return a client for a bridge or registrar.

    Raises:
        DriverError: REJECTED, the way is not allowed; UNREACHABLE, the name does not resolve.
        SettingsError: `conference.ca_file` holds no certificate authority.
    """
    options = HttpOptions(
        trust=TlsTrust(ca_file=ways.ca_file),
        addresses=AddressRule(lab=ways.lab),
        timeout_seconds=TIMEOUT_SECONDS,
        clear_text=ways.waiver(base_url),
    )
    try:
        return open_async_http(base_url, options)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"conference.ca_file: {ways.ca_file} holds no certificate authority",
            fix="Give a PEM file with the authorities' certificates.",
        ) from error


def access(session: AnySession, actor: Actor, code: str) -> tuple[str, BridgeAccess]:
    """Return the bridge's driver name and what opens it; raises NotFoundError."""
    row = inventory.get_bridge(session, actor, code)
    secret = ""
    if row.credential is not None:
        held = secrets.get(session, row.credential)
        secret = held.reveal("token" if held.has("token") else "password")
    found = BridgeAccess(row.code, row.url, row.admin_url, secret, row.capacity_ports)
    return row.driver, found


async def ask(driver_name: str, access: BridgeAccess, *, ways: Ways) -> BridgeStatus:
    """Ask the bridge; a failure is a state too, with its reason."""
    try:
        return await driver(driver_name).status(access, partial(client, ways=ways))
    except DriverError as error:
        _logger.warning("bridge %s: %s. %s", access.key, error, error.fix)
        return BridgeStatus(BridgeState.DOWN, None, reason=error.reason)


def bridge_status(
    db: Database, actor: Actor, code: str, *, ways: Ways | None = None
) -> BridgeStatus:
    """Return how the bridge `code` answers now.

    Raises:
        NotFoundError: there is no such bridge, driver or credential.
    """
    require(actor, Permission.CONFERENCE_READ)
    with db.read() as session:
        name, found = access(session, actor, code)
    return asyncio.run(ask(name, found, ways=ways or Ways()))
