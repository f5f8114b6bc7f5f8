"""Ways measured by a router's own test (IP SLA, NQA), where no reflector stands.

What is told is the test's last round, as old as the router says.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from hatang.errors import DriverError, Reason
from inventory.models import Device
from monitors.loading import snmp_login
from monitors.paths import Measured
from monitors.probes import sla
from monitors.targets import DeviceTarget
from monitors.transports import NetworkTransports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.db import AnySession
    from hatang.drivers.protocols import SnmpReader
    from monitors.conversation import Transports
    from monitors.probes.sla import RouterTest

SCHEME: Final = "sla"
FAMILY: Final = "cisco-udp-jitter"
SECONDS: Final = 4.0
AT_ONCE: Final = 64
OLD_SECONDS: Final = 900.0
"""A test that did not run for so long says nothing of now."""
METHODS: Final = {"cisco-udp-jitter": "ipsla", "cisco-echo": "ipsla"}


@dataclass(frozen=True, slots=True)
class RouterAim:
    """A test on a device: `target` is None of one that nobody can ask, and `problem` says why."""

    family: str
    test: str
    target: DeviceTarget | None = None
    problem: str = ""

    @property
    def method(self) -> str:
        """What its figures are shown under."""
        return METHODS.get(self.family, "nqa")


def is_test(url: str | None) -> bool:
    """Whether `url` names a device's own test: `sla://DEVICE/TEST?family=FAMILY`."""
    return url is not None and url.startswith(f"{SCHEME}://")


def aims(session: AnySession, urls: Mapping[str, str]) -> dict[str, RouterAim]:
    """Return the aims of `urls` by their keys; the device's address and login are its own."""
    parsed = {key: _parsed(url) for key, url in urls.items()}
    names = {host for host, _, _ in parsed.values()}
    rows = session.scalars(select(Device).where(Device.name.in_(names)).order_by(Device.id))
    devices = {row.name: row for row in rows}
    return {
        key: _aim(session, devices.get(host), family, test)
        for key, (host, family, test) in parsed.items()
    }


def _parsed(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    family = parse_qs(parts.query).get("family", [FAMILY])[0]
    return parts.netloc, family, parts.path.strip("/")


def _aim(session: AnySession, row: Device | None, family: str, test: str) -> RouterAim:
    if row is None or row.primary_ip4 is None:
        return RouterAim(family, test, problem="no such device")
    login = snmp_login(session, row.credentials.get("snmp"))
    if login is None:
        return RouterAim(family, test, problem=Reason.AUTH_FAILED)
    port = row.ports.get("snmp", 161)
    at = DeviceTarget(row.device_key, row.name, "", "", "", row.primary_ip4, None, port, login)
    return RouterAim(family, test, at)


async def router_tests(
    wanted: Mapping[str, RouterAim], transports: Transports | None = None
) -> dict[str, Measured]:
    """Return the last result of each test by its key; one that cannot be read says why."""
    real = transports or NetworkTransports.of(SECONDS / 2, 1, SECONDS)
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(key: str, aim: RouterAim) -> tuple[str, Measured]:
        reader = None if aim.target is None else real.snmp(aim.target)
        if reader is None:
            return key, Measured(0, method=aim.method, reason=aim.problem or Reason.AUTH_FAILED)
        async with limit:
            return key, await _read(reader, aim)

    return dict(await asyncio.gather(*(one(key, aim) for key, aim in wanted.items())))


async def _read(reader: SnmpReader, aim: RouterAim) -> Measured:
    try:
        async with asyncio.timeout(SECONDS):
            found = await sla.read(reader, aim.family, aim.test)
    except TimeoutError:
        return Measured(0, method=aim.method, reason=Reason.TIMEOUT)
    except DriverError as error:
        return Measured(0, method=aim.method, reason=error.reason)
    finally:
        await reader.close()
    if found.sent is None or found.received is None:
        return Measured(0, method=aim.method, reason=Reason.NOT_SUPPORTED)
    if _is_old(found):
        return Measured(0, method=aim.method, reason="old", age_seconds=found.age_seconds)
    return Measured(
        found.sent,
        found.received,
        found.rtt_seconds,
        jitter_forward_seconds=found.jitter_forward_seconds,
        jitter_backward_seconds=found.jitter_backward_seconds,
        longest_gap_seconds=None,
        dscp_sent=found.dscp or 0,
        method=aim.method,
        age_seconds=found.age_seconds,
    )


def _is_old(found: RouterTest) -> bool:
    """Tell whether a result says nothing of now: long ago, or of no told age and not going on."""
    if found.age_seconds is None:
        return not found.is_running
    return found.age_seconds > OLD_SECONDS
