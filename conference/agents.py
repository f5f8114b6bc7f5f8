"""Bridges and endpoints that are asked over SNMP: their agent, at `snmp://host`."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from conference.walks import RecordingReader
from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.target import SnmpCommunity, SnmpLogin, SnmpUser, Target
from hatang.errors import DriverError, Reason
from monitors.probes.aim import take

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hatang import secrets
    from hatang.drivers.protocols import SnmpReader, SnmpValue

SCHEME: Final = "snmp://"
LIMITS: Final = SnmpLimits(request_seconds=2.0, deadline_seconds=6.0, retries=1)


class Asked(Protocol):
    """What is asked over SNMP: a bridge, or an endpoint."""

    @property
    def key(self) -> str:
        """Return what it is called."""
        ...

    @property
    def url(self) -> str:
        """Return where it is."""
        ...

    @property
    def snmp(self) -> SnmpLogin | None:
        """Return what opens it; None without a credential of kind snmpv3 or snmpv2c."""
        ...

    @property
    def allow_local(self) -> bool:
        """Return whether it may be on this machine."""
        ...

    @property
    def record(self) -> Path | None:
        """Return the directory in which what it answers is kept too."""
        ...


def is_agent(url: str) -> bool:
    """Whether `url` is asked over SNMP."""
    return url.startswith(SCHEME)


def login_of(held: secrets.Credential) -> SnmpLogin | None:
    """Return the SNMP login that a credential is; None when it is of another kind."""
    if held.kind == "snmpv3":
        return SnmpUser.of(held)
    return SnmpCommunity.of(held, held.name) if held.kind == "snmpv2c" else None


def secret_of(login: SnmpLogin | None) -> str:
    """Return what proves the login, by which a new one is told from one that was refused."""
    if login is None:
        return ""
    return login.auth_password if isinstance(login, SnmpUser) else login.community


@asynccontextmanager
async def agent(access: Asked) -> AsyncIterator[SnmpReader]:
    """Give a reader of the agent, which keeps what it answers where `access` wants that.

    Raises:
        DriverError: AUTH_FAILED, nothing opens it; REJECTED, it may not be there; what its reader
            raises.
    """
    if access.snmp is None:
        raise DriverError(
            f"{access.key}: has no SNMP login",
            Reason.AUTH_FAILED,
            fix="Give it a credential of kind snmpv3, or snmpv2c where it knows nothing better.",
        )
    seconds = LIMITS.request_seconds
    aim = await take(access.url, timeout_seconds=seconds, allow_local=access.allow_local)
    reader = Engine().reader(Target(access.key, aim.address, aim.port), access.snmp, LIMITS)
    try:
        yield reader if access.record is None else RecordingReader(reader, access.record)
    finally:
        await reader.close()


def text(value: SnmpValue | None) -> str | None:
    """Return a value as text that says something; None for what is absent or empty."""
    if value is None:
        return None
    told = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return told.strip("\0 \t\r\n")[:255] or None


def whole(value: SnmpValue | None) -> int | None:
    """Return a number without a fraction and a sign, written or not; None for anything else."""
    told = text(value)
    return int(told) if told is not None and told.isdecimal() else None
