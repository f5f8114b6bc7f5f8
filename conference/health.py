"""The health gate of rooms: around a wave each is asked whether it still answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from conference.service.calling import FINAL_CODES_ALIVE, options
from conference.service.checking import OPTIONS_AT_ONCE
from hatang.drivers.sip import UdpSipProber
from hatang.errors import DriverError
from hatang.gates import Finding, Verdict
from inventory.models import Room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hatang.db import AnySession, Database
    from hatang.drivers.protocols import SipProber

KIND: Final = "room:"
SOURCE: Final = "rooms"


class RoomHealth:
    """Fills the gate HEALTH for elements `room:CODE`; `allow_local` is the lab's."""

    def __init__(
        self, db: Database, *, allow_local: bool = False, prober: SipProber | None = None
    ) -> None:
        self._db = db
        self._allow_local = allow_local
        self._prober = prober or UdpSipProber()

    def covers(self, session: AnySession, elements: Sequence[str]) -> Sequence[str]:
        """Return the rooms asked for that have a SIP address: no other can be asked."""
        known = _addresses(session, elements)
        return [each for each in elements if each in known]

    def check(self, elements: Sequence[str]) -> Sequence[Finding]:
        """Ask every room at once; one that gives no final answer fails."""
        with self._db.read() as session:
            known = _addresses(session, elements)
        return asyncio.run(self._ask_all(elements, known))

    async def _ask_all(
        self, elements: Sequence[str], known: Mapping[str, str]
    ) -> Sequence[Finding]:
        limit = asyncio.Semaphore(OPTIONS_AT_ONCE)

        async def one(element: str) -> Finding:
            if element not in known:
                return Finding(element, Verdict.UNKNOWN, "has no SIP address", SOURCE)
            async with limit:
                return await self._ask(element, known[element])

        return await asyncio.gather(*map(one, elements))

    async def _ask(self, element: str, sip_uri: str) -> Finding:
        try:
            answer = await options(self._prober, sip_uri, allow_local=self._allow_local)
        except DriverError as error:
            return Finding(element, Verdict.FAIL, error.reason, SOURCE)
        is_alive = answer.code in FINAL_CODES_ALIVE
        verdict = Verdict.PASS if is_alive else Verdict.UNKNOWN
        return Finding(element, verdict, f"answers {answer.code}", SOURCE)


def _addresses(session: AnySession, elements: Sequence[str]) -> dict[str, str]:
    codes = [each.removeprefix(KIND) for each in elements if each.startswith(KIND)]
    statement = select(Room.code, Room.sip_uri).where(Room.code.in_(codes))
    return {f"{KIND}{code}": uri for code, uri in session.execute(statement) if uri is not None}
