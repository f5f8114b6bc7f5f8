"""A bridge's state as it answers now; one that does not answer is down, with the reason."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, Self
from urllib.parse import urlsplit

from conference import agents
from conference.beside import Beside
from conference.bridges import driver
from conference.bridges.protocol import BridgeAccess
from conference.bridges.recording import recording
from conference.bridges.status import BridgeStatus
from conference.choices import BridgeState
from conference.service.heard import write_heard
from hatang import clock, secrets
from hatang.auth import Permission, require
from hatang.drivers.addresses import AddressRule
from hatang.drivers.http import HttpOptions, open_async_http
from hatang.drivers.tls import TlsTrust
from hatang.errors import DriverError, NotFoundError, Reason, SettingsError
from hatang.log import get_logger
from inventory import service as inventory

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from conference.bridges.protocol import OpenClient
    from conference.bridges.status import Participant
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
    username = secret = ""
    snmp = None
    if row.credential is not None:
        held = secrets.get(session, row.credential)
        username = held.reveal("username") if held.has("username") else ""
        snmp = agents.login_of(held)
        secret = agents.secret_of(snmp) if snmp else _secret(held)
    found = BridgeAccess(
        row.code, row.url, row.admin_url, secret, row.capacity_ports, username, snmp=snmp
    )
    return row.driver, found


def _secret(held: secrets.Credential) -> str:
    return held.reveal("token" if held.has("token") else "password")


class Opened(Protocol):
    """What is opened with a credential: a bridge, or an endpoint."""

    @property
    def key(self) -> str:
        """Return what it is called."""
        ...

    @property
    def url(self) -> str:
        """Return where it is."""
        ...

    @property
    def username(self) -> str:
        """Return as whom it is asked."""
        ...

    @property
    def secret(self) -> str:
        """Return what proves that."""
        ...


@dataclass(slots=True)
class Refusals:
    """Which credentials were refused lately: asking on would lock the account out."""

    pause_seconds: float = 900.0
    _until: dict[tuple[str, str], float] = field(default_factory=dict)

    def check(self, access: Opened) -> None:
        """Return when it may be asked; raises DriverError AUTH_FAILED when not yet."""
        left = self._until.get(self._key(access), 0.0) - clock.monotonic()
        if left > 0:
            raise DriverError(
                f"{access.key}: refused its credential; not tried for {left / 60:.0f} minutes",
                Reason.AUTH_FAILED,
                fix="Rotate the credential; a new one is tried at once.",
            )

    def note(self, access: Opened, error: DriverError) -> None:
        """Remember a refusal."""
        if error.reason is Reason.AUTH_FAILED:
            self._until[self._key(access)] = clock.monotonic() + self.pause_seconds

    @staticmethod
    def _key(access: Opened) -> tuple[str, str]:
        told = f"{access.url}\0{access.username}\0{access.secret}"
        return access.key, hashlib.sha256(told.encode()).hexdigest()


REFUSALS: Final = Refusals()


async def ask(
    driver_name: str, access: BridgeAccess, *, ways: Ways, record: Path | None = None
) -> BridgeStatus:
    """Ask the bridge; a failure is a state too, with its reason.

    With `record`, what it answers is kept in that directory as it came, without what was asked.
    """
    access = replace(access, allow_local=ways.lab, record=record)
    open_client: OpenClient = partial(client, ways=ways)
    if record is not None:
        open_client = recording(open_client, record)
    noted = Beside()
    try:
        REFUSALS.check(access)
        found = await _asked(driver_name, access, noted.noting(open_client, access.url))
    except DriverError as error:
        _logger.warning("bridge %s: %s. %s", access.key, error, error.fix)
        return BridgeStatus(BridgeState.DOWN, None, reason=error.reason)
    except (NotFoundError, SettingsError):
        raise
    except Exception:
        _logger.exception("bridge %s answers what its driver breaks on", access.key)
        return BridgeStatus(BridgeState.DOWN, None, reason=Reason.INTERNAL)
    return replace(
        found,
        certificate_expires_at=noted.certificate_expires_at,
        clock_offset_seconds=noted.clock_offset_seconds,
    )


async def _asked(driver_name: str, access: BridgeAccess, open_client: OpenClient) -> BridgeStatus:
    try:
        return await driver(driver_name).status(access, open_client)
    except DriverError as error:
        REFUSALS.note(access, error)
        raise


async def people_of(
    driver_name: str, access: BridgeAccess, *, ways: Ways
) -> tuple[Participant, ...]:
    """Return who is in the bridge's conferences; raises DriverError when it does not tell."""
    access = replace(access, allow_local=ways.lab)
    REFUSALS.check(access)
    try:
        return await driver(driver_name).participants(access, partial(client, ways=ways))
    except DriverError as error:
        REFUSALS.note(access, error)
        raise


def bridge_status(
    db: Database,
    actor: Actor,
    code: str,
    *,
    ways: Ways | None = None,
    record: Path | None = None,
) -> BridgeStatus:
    """Return how the bridge `code` answers now, and keep that; with `record`, also as files there.

    Raises:
        NotFoundError: there is no such bridge, driver or credential.
    """
    require(actor, Permission.CONFERENCE_READ)
    with db.read() as session:
        name, found = access(session, actor, code)
    status = asyncio.run(ask(name, found, ways=ways or Ways(), record=record))
    with db.write() as session:
        write_heard(session, code, status, clock.now())
    return status
