"""One readiness run: read what is known, measure what is not, judge, write it down."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sqlalchemy import select

from alerts.choices import IncidentState
from alerts.models import Incident, IncidentEffect
from conference import registrars
from conference.choices import BridgeState, Check, CheckResult
from conference.readiness import MeetingVerdict, Outcome, judge
from conference.service import bridges
from conference.service.meetings import MeetingRow, PointRow, get_meeting, list_points
from conference.service.reports import write_run
from hatang import clock, scope
from hatang.auth import Permission
from hatang.drivers.sip import UdpSipProber
from hatang.errors import DriverError
from hatang.operations import observe
from inventory import service as inventory
from monitors import service as monitors
from monitors.choices import State
from monitors.probes.aim import take
from monitors.probes.sip_options import pinned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conference.bridges.protocol import BridgeAccess, BridgeStatus
    from hatang.auth import Actor
    from hatang.db import AnySession, Database
    from hatang.drivers.protocols import SipProber

AT_ONCE: Final = 64
OPTIONS_SECONDS: Final = 4.0
FINAL_CODES_ALIVE: Final = range(200, 700)  # RFC 3261: any final answer proves a live user agent


@dataclass(frozen=True, slots=True)
class _Known:
    meeting: MeetingRow
    points: Sequence[PointRow]
    driver: str
    access: BridgeAccess
    registrar_urls: Sequence[str]
    sites: Mapping[str, State]
    causes: Mapping[str, str]


def check_readiness(
    db: Database,
    actor: Actor,
    uid: str,
    *,
    ways: bridges.Ways | None = None,
    prober: SipProber | None = None,
) -> MeetingVerdict:
    """Look at every point of the meeting now and keep what was found.

    Raises:
        DeniedError: the actor may not operate conferences.
        NotFoundError: there is no such meeting.
    """
    acting = actor.acting(Permission.CONFERENCE_OPERATE)
    ways = ways or bridges.Ways()
    started = clock.now()
    with db.read() as session:
        known = _read(session, acting, uid)
    with observe("job", "readiness"):
        measured = asyncio.run(_measure(known, prober or UdpSipProber(), ways=ways))
    outcomes = [*_sites(known), *measured]
    rooms = [point.room for point in known.points]
    required = frozenset(point.room for point in known.points if point.required)
    verdict = judge(rooms, required, outcomes)
    with db.write() as session:
        write_run(session, actor, known.meeting, started, (verdict, outcomes))
    return verdict


def _read(session: AnySession, actor: Actor, uid: str) -> _Known:
    meeting = get_meeting(session, actor, uid)
    driver, access = bridges.access(session, actor, meeting.bridge)
    return _Known(
        meeting=meeting,
        points=list_points(session, actor, uid),
        driver=driver,
        access=access,
        registrar_urls=[row.url for row in inventory.list_registrars(session, actor).items],
        sites={row.site: row.state for row in monitors.site_statuses(session, actor)},
        causes=_causes(session, actor),
    )


def _causes(session: AnySession, actor: Actor) -> dict[str, str]:
    """Return the open incident's cause by the element it affects (`site:SLUG`, `room:CODE`).

    Only of incidents that the actor may know of.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    statement = (
        select(IncidentEffect.element, Incident.name)
        .join(Incident, Incident.id == IncidentEffect.incident_id)
        .where(Incident.state.in_((IncidentState.OPEN, IncidentState.ACKNOWLEDGED)))
        .where(scope.visible(acting, Incident.scope_id))
        .order_by(Incident.id)
    )
    return dict(session.execute(statement).all())


def _sites(known: _Known) -> list[Outcome]:
    return [_site(known, point) for point in known.points]


_RESULTS: Final = {State.BAD: CheckResult.FAIL, State.UNKNOWN: CheckResult.UNKNOWN}


def _site(known: _Known, point: PointRow) -> Outcome:
    state = known.sites.get(point.site, State.UNKNOWN)
    result = _RESULTS.get(state, CheckResult.PASS)
    cause = "" if result is CheckResult.PASS else _cause(known, point)
    return Outcome(point.room, Check.SITE_REACHABLE, result, cause, {"state": state})


def _cause(known: _Known, point: PointRow) -> str:
    named = known.causes.get(f"site:{point.site}") or known.causes.get(f"room:{point.room}")
    return named or point.site_name


async def _measure(known: _Known, prober: SipProber, *, ways: bridges.Ways) -> list[Outcome]:
    limit = asyncio.Semaphore(AT_ONCE)

    async def room(point: PointRow) -> list[Outcome]:
        async with limit:
            return [
                await _registered(known, point, ways=ways),
                await _answers(point, prober, _cut_off(known, point), ways=ways),
            ]

    bridge, *rooms = await asyncio.gather(
        _bridge(known, ways=ways), *(room(point) for point in known.points)
    )
    return [*bridge, *(outcome for found in rooms for outcome in found)]


def _cut_off(known: _Known, point: PointRow) -> str:
    return _cause(known, point) if known.sites.get(point.site) is State.BAD else ""


async def _bridge(known: _Known, *, ways: bridges.Ways) -> list[Outcome]:
    status = await bridges.ask(known.driver, known.access, ways=ways)
    name = f"bridge {known.access.key}"
    up = status.state is BridgeState.UP
    cause = "" if up else f"{name}: {status.reason}"
    result = CheckResult.PASS if up else CheckResult.FAIL
    measured = {"state": status.state, "api_latency_seconds": status.api_latency_seconds}
    reachable = Outcome(None, Check.BRIDGE_REACHABLE, result, cause, measured)
    return [reachable, _ports(known, status, name)] if up else [reachable]


def _ports(known: _Known, status: BridgeStatus, name: str) -> Outcome:
    needed = len(known.points)
    measured = {"free": status.ports_free, "needed": needed}
    if status.ports_free is None:
        cause = f"{name}: free ports unknown"
        return Outcome(None, Check.BRIDGE_PORTS, CheckResult.UNKNOWN, cause, measured)
    fits = status.ports_free >= needed
    result = CheckResult.PASS if fits else CheckResult.FAIL
    cause = "" if fits else f"{name}: {status.ports_free} of {needed} ports free"
    return Outcome(None, Check.BRIDGE_PORTS, result, cause, measured)


async def _registered(known: _Known, point: PointRow, *, ways: bridges.Ways) -> Outcome:
    user = _user(point.sip_uri)
    cut = _cut_off(known, point)
    if user is None or not known.registrar_urls:
        cause = cut or f"{point.name}: no SIP address or registrar"
        return Outcome(point.room, Check.REGISTERED, CheckResult.UNKNOWN, cause)
    try:
        found = await _lookup(known.registrar_urls, user, ways=ways)
    except DriverError as error:
        cause = f"registrar: {error.reason}"
        return Outcome(point.room, Check.REGISTERED, CheckResult.UNKNOWN, cause)
    silent = found.silent_seconds(clock.now())
    measured = {"registered": found.registered, "silent_seconds": silent}
    if not found.registered:
        cause = cut or f"{point.name}: not registered"
        return Outcome(point.room, Check.REGISTERED, CheckResult.FAIL, cause, measured)
    if silent is not None and silent > registrars.SILENT_AFTER_SECONDS:
        cause = cut or f"{point.name}: registered but silent"
        return Outcome(point.room, Check.REGISTERED, CheckResult.FAIL, cause, measured)
    return Outcome(point.room, Check.REGISTERED, CheckResult.PASS, measured=measured)


async def _lookup(urls: Sequence[str], user: str, *, ways: bridges.Ways) -> registrars.Registration:
    open_client = partial(bridges.client, ways=ways)
    found = registrars.Registration(registered=False)
    for url in urls:
        async with open_client(url) as client:
            found = await registrars.lookup(client, url, user)
        if found.registered:
            return found
    return found


async def _answers(point: PointRow, prober: SipProber, cut: str, *, ways: bridges.Ways) -> Outcome:
    if point.sip_uri is None:
        cause = cut or f"{point.name}: no SIP address"
        return Outcome(point.room, Check.ANSWERS, CheckResult.UNKNOWN, cause)
    try:
        aim = await take(point.sip_uri, timeout_seconds=OPTIONS_SECONDS, allow_local=ways.lab)
        answer = await prober.options(pinned(aim), timeout_seconds=OPTIONS_SECONDS)
    except DriverError as error:
        cause = cut or f"{point.name}: {error.reason}"
        return Outcome(point.room, Check.ANSWERS, CheckResult.FAIL, cause, {"reason": error.reason})
    measured = {"code": answer.code, "rtt_seconds": answer.rtt_seconds, "n": 1}
    alive = answer.code in FINAL_CODES_ALIVE
    result = CheckResult.PASS if alive else CheckResult.UNKNOWN
    return Outcome(point.room, Check.ANSWERS, result, measured=measured)


def _user(sip_uri: str | None) -> str | None:
    if sip_uri is None:
        return None
    return urlsplit(sip_uri).path.partition("@")[0] or None
