"""Can a point be called: is it registered, does it answer, and what does it offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conference import registrars
from conference.choices import Check, CheckResult
from conference.readiness import Outcome
from conference.service import bridges
from hatang import clock
from hatang.errors import DriverError
from monitors.choices import State
from monitors.probes.aim import take
from monitors.probes.sip_options import pinned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from httpx import AsyncClient

    from conference.endpoints.protocol import EndpointAccess
    from conference.endpoints.status import EndpointStatus
    from conference.service.known import Known
    from conference.service.meetings import PointRow
    from hatang.drivers.protocols import SipProber, SipResult

    Asked = Sequence[tuple[EndpointAccess, EndpointStatus]]

OPTIONS_SECONDS: Final = 2.0
FINAL_CODES_ALIVE: Final = range(200, 700)  # RFC 3261: any final answer proves a live user agent
VIDEO_CODECS: Final = frozenset({"H264", "H265", "VP8", "VP9"})
"""What a bridge may be expected to take: decision 157/QĐ-BTTTT of 2022 lists these."""


def cause_of(known: Known, point: PointRow) -> str:
    """Return the open incident's cause for the point, or its site's name."""
    named = known.causes.get(f"site:{point.site}") or known.causes.get(f"room:{point.room}")
    return named or point.site_name


def cut_off(known: Known, point: PointRow) -> str:
    """Return why nothing at the point's site can answer; empty where its site is reached."""
    return cause_of(known, point) if known.sites.get(point.site) is State.BAD else ""


class Registrars:
    """The registrars asked in one run, each over connections that are kept until `opened` ends."""

    def __init__(self, urls: Sequence[str], ways: bridges.Ways, opened: AsyncExitStack) -> None:
        self._urls = urls
        self._ways = ways
        self._opened = opened
        self._clients: dict[str, AsyncClient] = {}

    async def lookup(self, user: str) -> registrars.Registration:
        """Return where a user is registered; raises DriverError when a registrar does not tell."""
        found = registrars.Registration(registered=False)
        for url in self._urls:
            if url not in self._clients:
                made = self._clients[url] = bridges.client(url, ways=self._ways)
                self._opened.push_async_callback(made.aclose)
            found = await registrars.lookup(self._clients[url], url, user)
            if found.registered:
                return found
        return found


async def registered(known: Known, point: PointRow, asked: Registrars) -> Outcome:
    """Return whether the point is registered, and not silent since."""
    user = _user(point.sip_uri)
    cut = cut_off(known, point)
    if user is None or not known.registrar_urls:
        cause = cut or f"{point.name}: no SIP address or registrar"
        return Outcome(point.room, Check.REGISTERED, CheckResult.UNKNOWN, cause)
    try:
        found = await asked.lookup(user)
    except DriverError as error:
        cause = f"registrar: {error.reason}"
        return Outcome(point.room, Check.REGISTERED, CheckResult.UNKNOWN, cause)
    silent = found.silent_seconds(clock.now())
    measured = {
        "registered": found.registered,
        "contact": found.contact,
        "expires_in_seconds": found.expires_in_seconds,
        "silent_seconds": silent,
    }
    if not found.registered:
        cause = cut or f"{point.name}: not registered"
        return Outcome(point.room, Check.REGISTERED, CheckResult.FAIL, cause, measured)
    if silent is not None and silent > registrars.SILENT_AFTER_SECONDS:
        cause = cut or f"{point.name}: registered but silent"
        return Outcome(point.room, Check.REGISTERED, CheckResult.FAIL, cause, measured)
    return Outcome(point.room, Check.REGISTERED, CheckResult.PASS, measured=measured)


def as_the_endpoint_says(found: Outcome, asked: Asked) -> Outcome:
    """Return the registration, of which the endpoint tells what no registrar could be asked.

    What a registrar knows stands: an endpoint may take itself for registered where it is not.
    """
    if found.result is not CheckResult.UNKNOWN:
        return found
    told = [(access, status) for access, status in asked if status.registered is not None]
    if not told:
        return found
    access, status = next((pair for pair in told if pair[1].registered), told[0])
    measured = {
        "source": access.driver,
        "registered": status.registered,
        "reason": status.registration_reason,
    }
    if status.registered:
        return Outcome(found.room, Check.REGISTERED, CheckResult.PASS, measured=measured)
    cause = f"{access.name}: not registered"
    return Outcome(found.room, Check.REGISTERED, CheckResult.FAIL, cause, measured)


async def options(prober: SipProber, sip_uri: str, *, allow_local: bool) -> SipResult:
    """Return what a SIP address answers to OPTIONS; raises DriverError where it gives nothing."""
    aim = await take(sip_uri, timeout_seconds=OPTIONS_SECONDS, allow_local=allow_local)
    return await prober.options(pinned(aim), timeout_seconds=OPTIONS_SECONDS)


async def answers(
    known: Known, point: PointRow, prober: SipProber, *, ways: bridges.Ways
) -> list[Outcome]:
    """Return whether the point answers OPTIONS, and whether its codec suits the meeting."""
    cut = cut_off(known, point)
    if point.sip_uri is None:
        cause = cut or f"{point.name}: no SIP address"
        return [
            Outcome(point.room, Check.ANSWERS, CheckResult.UNKNOWN, cause),
            Outcome(point.room, Check.CODEC, CheckResult.SKIP, cause),
        ]
    try:
        answer = await options(prober, point.sip_uri, allow_local=ways.lab)
    except DriverError as error:
        cause = cut or f"{point.name}: {error.reason}"
        why = {"reason": error.reason}
        return [
            Outcome(point.room, Check.ANSWERS, CheckResult.FAIL, cause, why),
            Outcome(point.room, Check.CODEC, CheckResult.SKIP, cause, why),
        ]
    measured = {"code": answer.code, "rtt_seconds": answer.rtt_seconds, "n": 1}
    alive = answer.code in FINAL_CODES_ALIVE
    result = CheckResult.PASS if alive else CheckResult.UNKNOWN
    return [
        Outcome(point.room, Check.ANSWERS, result, measured=measured),
        codec(point, answer, known.meeting.call_kbps),
    ]


def codec(point: PointRow, answer: SipResult, call_kbps: int) -> Outcome:
    """Return whether what the point offers suits a call of that rate."""
    measured = {"codecs": list(answer.codecs), "max_kbps": answer.max_kbps, "call_kbps": call_kbps}
    result, why = CheckResult.PASS, ""
    if answer.has_video is None:
        result, why = CheckResult.SKIP, "its answer describes no media"
    elif not answer.has_video:
        result, why = CheckResult.FAIL, "offers no video"
    elif answer.codecs and not VIDEO_CODECS.intersection(answer.codecs):
        result, why = CheckResult.WARN, "offers no video codec that bridges share"
    elif answer.max_kbps is not None and answer.max_kbps < call_kbps:
        result, why = CheckResult.WARN, f"takes {answer.max_kbps} of {call_kbps} kbit/s"
    cause = f"{point.name}: {why}" if why else ""
    return Outcome(point.room, Check.CODEC, result, cause, measured)


def _user(sip_uri: str | None) -> str | None:
    if sip_uri is None:
        return None
    return urlsplit(sip_uri).path.partition("@")[0] or None
