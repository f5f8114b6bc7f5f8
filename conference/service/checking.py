"""One readiness run: read what is known, measure what is not, judge, write it down."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from conference.blame import blamed
from conference.choices import BridgeState, Check, CheckResult, Trigger
from conference.readiness import MeetingVerdict, Outcome, judge
from conference.service import bridges, calling, endpoints
from conference.service.capacity import bridge_capacity, headroom, work
from conference.service.heard import write_heard
from conference.service.known import DEFAULT_TERMS, Known, Terms, read
from conference.service.paths import Earlier, earlier, paths
from conference.service.power import power
from conference.service.reports import Run, write_run
from conference.service.waivers import active
from conference.sources import sourced
from hatang import clock
from hatang.auth import Permission
from hatang.drivers.sip import UdpSipProber
from hatang.operations import observe
from monitors.choices import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conference.bridges.status import BridgeStatus
    from conference.service.meetings import PointRow
    from hatang.auth import Actor
    from hatang.db import Database
    from hatang.drivers.protocols import SipProber

LOOKUPS_AT_ONCE: Final = 64
OPTIONS_AT_ONCE: Final = 256
"""Silent rooms wait together, or each hundred of them would add its own timeout."""
PORTS_MATTER: Final = timedelta(hours=2)
"""So long before and after the beginning the ports that are free now tell of the meeting's."""


def check_readiness(  # noqa: PLR0913 - whose meeting, and how it is looked at
    db: Database,
    actor: Actor,
    uid: str,
    *,
    ways: bridges.Ways | None = None,
    terms: Terms = DEFAULT_TERMS,
    trigger: Trigger = Trigger.MANUAL,
    full: bool | None = None,
    prober: SipProber | None = None,
) -> MeetingVerdict:
    """Look at every point of the meeting now and keep what was found.

    `full` measures each way with as many packets as tell a loss of half a per cent, which may take
    minutes; None does so an hour before only. A quick look can only make a way worse.

    Raises:
        DeniedError: the actor may not operate conferences.
        NotFoundError: there is no such meeting.
    """
    acting = actor.acting(Permission.CONFERENCE_OPERATE)
    ways = ways or bridges.Ways()
    started = clock.now()
    with db.read() as session:
        known = read(session, acting, uid, terms)
        before = earlier(session, [point.room for point in known.points])
        waived = active(session, known.meeting.id)
    at_length = trigger in (Trigger.HOUR, Trigger.AFTER) if full is None else full
    plan = _Plan(ways, terms, before, at_length, prober or UdpSipProber())
    with observe("job", "readiness"):
        measured = asyncio.run(_measure(known, plan))
    stated = [*_sites(known), *power(known.points, known.supplies)]
    reckoned = [*headroom(known), *work(known)]
    outcomes = [
        sourced(_waived(outcome, waived), known.monitored_age_seconds)
        for outcome in _weighed([*stated, *reckoned, *measured], known, plan)
    ]
    rooms = [point.room for point in known.points]
    required = frozenset(point.room for point in known.points if point.required)
    verdict = judge(rooms, required, outcomes)
    with db.write() as session:
        write_run(session, actor, known.meeting, Run(started, trigger, verdict, outcomes))
        for status in plan.heard:
            write_heard(session, known.access.key, status, started)
    return verdict


@dataclass(frozen=True, slots=True)
class _Plan:
    """How this run measures."""

    ways: bridges.Ways
    terms: Terms
    before: Mapping[str, Earlier]
    full: bool
    prober: SipProber
    heard: list[BridgeStatus] = field(default_factory=list)
    """How the bridge answered, to be kept."""


def _weighed(outcomes: Sequence[Outcome], known: Known, plan: _Plan) -> list[Outcome]:
    """Return the outcomes with one cause for what has one, and unknown what must be known."""
    lines = {point.room: known.ways.lines.get(point.site, ()) for point in known.points}
    return [
        replace(one, result=CheckResult.UNKNOWN)
        if one.result is CheckResult.SKIP and one.check in plan.terms.required
        else one
        for one in blamed(outcomes, lines, known.ways.by_key)
    ]


def _waived(outcome: Outcome, waived: Mapping[tuple[str, str], str]) -> Outcome:
    """Return the outcome, waived where somebody answers for it; its cause stays to be read."""
    by = waived.get((outcome.room or "", outcome.check))
    if by is None or outcome.result not in (CheckResult.FAIL, CheckResult.WARN,
                                            CheckResult.UNKNOWN):  # fmt: skip
        return outcome
    measured = {**outcome.measured, "waived": outcome.result, "waived_by": by}
    return replace(outcome, result=CheckResult.WAIVED, measured=measured)


def _sites(known: Known) -> list[Outcome]:
    return [_site(known, point) for point in known.points]


_RESULTS: Final = {State.BAD: CheckResult.FAIL, State.UNKNOWN: CheckResult.UNKNOWN}


def _site(known: Known, point: PointRow) -> Outcome:
    state = known.sites.get(point.site, State.UNKNOWN)
    result = _RESULTS.get(state, CheckResult.PASS)
    cause = "" if result is CheckResult.PASS else calling.cause_of(known, point)
    return Outcome(point.room, Check.SITE_REACHABLE, result, cause, {"state": state})


async def _measure(known: Known, plan: _Plan) -> list[Outcome]:
    async with AsyncExitStack() as opened:
        return await _measured(
            known, plan, calling.Registrars(known.registrar_urls, plan.ways, opened)
        )


async def _measured(known: Known, plan: _Plan, registrars: calling.Registrars) -> list[Outcome]:
    lookups = asyncio.Semaphore(LOOKUPS_AT_ONCE)
    questions = asyncio.Semaphore(OPTIONS_AT_ONCE)

    async def room(point: PointRow) -> list[Outcome]:
        async with lookups:
            registered = await calling.registered(known, point, registrars)
        async with questions:
            answers = await calling.answers(known, point, plan.prober, ways=plan.ways)
        async with questions:
            asked = [
                (one, await endpoints.ask(one, ways=plan.ways))
                for one in known.endpoints.get(point.room, ())
            ]
        return [
            calling.as_the_endpoint_says(registered, asked),
            *answers,
            *endpoints.judge(point, asked, known.meeting.ends_at),
        ]

    tasks = [
        asyncio.create_task(_bridge(known, plan)),
        *(asyncio.create_task(room(point)) for point in known.points),
    ]
    try:
        await quiet(tasks)
        over = await paths(
            known, plan.before, plan.terms, full=plan.full, allow_local=plan.ways.lab
        )
        found = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return [*(outcome for some in found for outcome in some), *over]


QUIET_SECONDS: Final = 0.3
"""When so long no question ended, those left only wait for somebody silent."""


async def quiet(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Return when all are done, or nothing is sent but again to who is silent.

    The ways are measured last and alone, since what else is sent would be measured with them; but
    the silent are waited for meanwhile.
    """
    left = set(tasks)
    while left:
        done, left = await asyncio.wait(
            left, timeout=QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            return


SIP_ALONE: Final = "generic_sip"
_BRIDGE_RESULTS: Final = {
    BridgeState.UP: CheckResult.PASS,
    BridgeState.DEGRADED: CheckResult.WARN,
}


async def _bridge(known: Known, plan: _Plan) -> list[Outcome]:
    status = await bridges.ask(known.driver, known.access, ways=plan.ways)
    plan.heard.append(status)
    name = f"bridge {known.access.key}"
    result = _BRIDGE_RESULTS.get(status.state, CheckResult.FAIL)
    cause = "" if result is CheckResult.PASS else f"{name}: {_why(status)}"
    measured = {"state": status.state, "api_latency_seconds": status.api_latency_seconds}
    reachable = Outcome(None, Check.BRIDGE_REACHABLE, result, cause, measured)
    own = [
        reachable,
        bridge_capacity(known),
        _certificate(known, status, name),
        endpoints.clock_of(name, status, is_silent=result is CheckResult.FAIL),
    ]
    return own if result is CheckResult.FAIL else [*own, _ports(known, status, name)]


def _certificate(known: Known, status: BridgeStatus, name: str) -> Outcome:
    if known.driver == SIP_ALONE:
        cause = f"{name}: is asked by SIP, without a certificate"
        return Outcome(None, Check.CERTIFICATE, CheckResult.SKIP, cause)
    return endpoints.certificate(name, known.access.url, status, known.meeting.ends_at)


def _why(status: BridgeStatus) -> str:
    return status.reason or ", ".join(status.alarms) or status.state


def _ports(known: Known, status: BridgeStatus, name: str) -> Outcome:
    # Who was heard last may have left since: no more are in than the bridge has ports in use.
    joined = min(known.joined, status.ports_used or 0)
    needed = len(known.points) - joined
    measured = {"free": status.ports_free, "needed": needed, "joined": joined}
    if not -PORTS_MATTER < known.meeting.starts_at - clock.now() < PORTS_MATTER:
        cause = f"{name}: what is free now says nothing of then"
        return Outcome(None, Check.BRIDGE_PORTS, CheckResult.SKIP, cause, measured)
    if status.ports_free is None:
        cause = f"{name}: free ports unknown"
        return Outcome(None, Check.BRIDGE_PORTS, CheckResult.UNKNOWN, cause, measured)
    fits = status.ports_free >= needed
    result = CheckResult.PASS if fits else CheckResult.FAIL
    cause = "" if fits else f"{name}: {status.ports_free} of {needed} ports free"
    return Outcome(None, Check.BRIDGE_PORTS, result, cause, measured)
