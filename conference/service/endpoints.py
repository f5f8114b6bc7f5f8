"""What the endpoints in the points' rooms tell of themselves: faults, certificate, clock."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import select

from conference import agents
from conference.beside import Beside
from conference.bridges.recording import recording
from conference.choices import Check, CheckResult
from conference.endpoints import driver
from conference.endpoints.protocol import EndpointAccess
from conference.endpoints.status import EndpointStatus
from conference.readiness import Outcome
from conference.service import bridges
from hatang import clock, scope, secrets
from hatang.auth import Permission
from hatang.errors import DriverError, NotFoundError, Reason, SettingsError
from hatang.log import get_logger
from inventory.choices import DeviceStatus
from inventory.models import Endpoint, Room

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from pathlib import Path

    from conference.bridges.protocol import OpenClient
    from conference.bridges.status import BridgeStatus
    from conference.service.meetings import PointRow
    from hatang.auth import Actor
    from hatang.db import AnySession, Database

SNMP: Final = "snmp"
EXPIRES_SOON: Final = timedelta(days=14)
CLOCK_OFF_SECONDS: Final = 10.0
"""More than this, and what an endpoint writes down does not fit the minutes' seconds."""
_logger = get_logger(__name__)
Proven: TypeAlias = "BridgeStatus | EndpointStatus"


def of_rooms(session: AnySession, rooms: Collection[str]) -> dict[str, list[EndpointAccess]]:
    """Return how the endpoints of `rooms` that have a driver are asked, by room."""
    statement = (
        select(Endpoint, Room.code)
        .join(Room, Room.id == Endpoint.room_id)
        .where(Room.code.in_(rooms), Endpoint.driver.is_not(None))
        .where(Endpoint.status == DeviceStatus.ACTIVE)
        .order_by(Endpoint.code)
    )
    found: dict[str, list[EndpointAccess]] = defaultdict(list)
    for row, room in session.execute(statement):
        found[room].append(_access(session, row))
    return found


def _access(session: AnySession, row: Endpoint) -> EndpointAccess:
    username = secret = problem = ""
    try:
        held = None if row.credential is None else secrets.get(session, row.credential)
    except NotFoundError:
        held, problem = None, Reason.AUTH_FAILED
    snmp = None if held is None else agents.login_of(held)
    if held is not None:
        secret = held.reveal("password") if held.has("password") else agents.secret_of(snmp)
        username = held.reveal("username") if held.has("username") else ""
    host = row.address or ""
    scheme = agents.SCHEME if row.driver == SNMP else "https://"
    url = row.url or (f"{scheme}[{host}]" if ":" in host else f"{scheme}{host}")
    return EndpointAccess(
        row.code, row.name, row.driver or "", url, secret, username, problem, snmp=snmp
    )


def endpoint_status(
    db: Database,
    actor: Actor,
    code: str,
    *,
    ways: bridges.Ways | None = None,
    record: Path | None = None,
) -> EndpointStatus:
    """Return how the endpoint `code` answers now; one that does not says why.

    With `record`, what it answers is kept in that directory as it came, without what was asked.

    Raises:
        DeniedError: the actor may not read conferences.
        NotFoundError: there is no such endpoint, it has no driver, or the actor may not see it.
    """
    acting = actor.acting(Permission.CONFERENCE_READ)
    with db.read() as session:
        row = session.scalar(
            select(Endpoint).where(Endpoint.code == code, scope.visible(acting, Endpoint.scope_id))
        )
        if row is None:
            raise NotFoundError(f"there is no endpoint {code}")
        if row.driver is None:
            raise NotFoundError(
                f"the endpoint {code} has no driver", fix="Give it one in the inventory."
            )
        found = _access(session, row)
    return asyncio.run(ask(found, ways=ways or bridges.Ways(), record=record))


async def ask(
    access: EndpointAccess, *, ways: bridges.Ways, record: Path | None = None
) -> EndpointStatus:
    """Ask an endpoint; a failure is an answer too, with its reason; `record` as of bridges."""
    if access.problem:
        return EndpointStatus(reason=access.problem)
    access = replace(access, allow_local=ways.lab, record=record)
    open_client: OpenClient = partial(bridges.client, ways=ways)
    if record is not None:
        open_client = recording(open_client, record)
    noted = Beside()
    try:
        bridges.REFUSALS.check(access)
        found = await driver(access.driver).status(access, noted.noting(open_client, access.url))
    except NotFoundError:
        return EndpointStatus(reason=Reason.NOT_SUPPORTED)
    except DriverError as error:
        bridges.REFUSALS.note(access, error)
        _logger.warning("endpoint %s: %s. %s", access.key, error, error.fix)
        return EndpointStatus(reason=error.reason)
    except SettingsError:
        raise
    except Exception:
        _logger.exception("endpoint %s answers what its driver breaks on", access.key)
        return EndpointStatus(reason=Reason.INTERNAL)
    return replace(
        found,
        certificate_expires_at=noted.certificate_expires_at,
        clock_offset_seconds=noted.clock_offset_seconds,
    )


def judge(
    point: PointRow, found: Sequence[tuple[EndpointAccess, EndpointStatus]], ends_at: datetime
) -> list[Outcome]:
    """Return what the point's endpoints come to: of several the worst counts."""
    if not found:
        cause = "no endpoint that can be asked"
        return [
            Outcome(point.room, check, CheckResult.SKIP, cause)
            for check in (Check.PERIPHERALS, Check.CERTIFICATE, Check.CLOCK)
        ]
    looks = [
        [
            _peripherals(access, status),
            certificate(access.name, access.url, status, ends_at),
            clock_of(access.name, status, is_silent=bool(status.reason)),
        ]
        for access, status in found
    ]
    return [replace(_worst(outcomes), room=point.room) for outcomes in zip(*looks, strict=True)]


_ORDER: Final = (CheckResult.FAIL, CheckResult.UNKNOWN, CheckResult.WARN, CheckResult.SKIP,
                 CheckResult.PASS)  # fmt: skip


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    return min(outcomes, key=lambda one: _ORDER.index(one.result))


def _peripherals(access: EndpointAccess, status: EndpointStatus) -> Outcome:
    measured: dict[str, object] = {"source": access.driver, "endpoint": access.key}
    if status.reason:
        cause = f"{access.name}: {status.reason}"
        return Outcome(None, Check.PERIPHERALS, CheckResult.UNKNOWN, cause, measured)
    if status.diagnostics is None:
        cause = f"{access.name}: tells no faults of its own"
        return Outcome(None, Check.PERIPHERALS, CheckResult.SKIP, cause, measured)
    measured["faults"] = [f"{one.kind}: {one.text}" for one in status.diagnostics]
    if not status.diagnostics:
        return Outcome(None, Check.PERIPHERALS, CheckResult.PASS, measured=measured)
    first = next((one for one in status.diagnostics if one.is_grave), status.diagnostics[0])
    result = CheckResult.FAIL if first.is_grave else CheckResult.WARN
    return Outcome(None, Check.PERIPHERALS, result, f"{access.name}: {first.text}", measured)


def certificate(name: str, url: str, status: Proven, ends_at: datetime) -> Outcome:
    """Return whether a server's certificate holds until the meeting is over."""
    expires = status.certificate_expires_at
    measured = {"expires_at": None if expires is None else expires.isoformat()}
    if not url.startswith("https:"):
        by_snmp = "is asked over SNMP, without a certificate"
        cause = f"{name}: {by_snmp if agents.is_agent(url) else 'is asked in clear text'}"
        return Outcome(None, Check.CERTIFICATE, CheckResult.SKIP, cause, measured)
    if status.reason == Reason.CERTIFICATE_INVALID:
        cause = f"{name}: {status.reason}"
        return Outcome(None, Check.CERTIFICATE, CheckResult.FAIL, cause, measured)
    if expires is None:
        cause = f"{name}: {status.reason or 'its certificate is not known'}"
        return Outcome(None, Check.CERTIFICATE, CheckResult.UNKNOWN, cause, measured)
    if expires <= ends_at:
        cause = f"{name}: certificate expires before the meeting is over"
        return Outcome(None, Check.CERTIFICATE, CheckResult.FAIL, cause, measured)
    if expires - clock.now() < EXPIRES_SOON:
        cause = f"{name}: certificate_expiring"
        return Outcome(None, Check.CERTIFICATE, CheckResult.WARN, cause, measured)
    return Outcome(None, Check.CERTIFICATE, CheckResult.PASS, measured=measured)


def clock_of(name: str, status: Proven, *, is_silent: bool) -> Outcome:
    """Return whether a server's clock agrees with ours; a wrong one stops no call."""
    offset = status.clock_offset_seconds
    measured = {"offset_seconds": offset}
    if offset is None:
        result = CheckResult.UNKNOWN if is_silent else CheckResult.SKIP
        cause = f"{name}: {status.reason if is_silent else 'tells no time'}"
        return Outcome(None, Check.CLOCK, result, cause, measured)
    if abs(offset) > CLOCK_OFF_SECONDS:
        cause = f"{name}: clock is {abs(offset):.0f} s off"
        return Outcome(None, Check.CLOCK, CheckResult.WARN, cause, measured)
    return Outcome(None, Check.CLOCK, CheckResult.PASS, measured=measured)
