"""One agent and what is asked of it: one request in flight, retries, a deadline for the whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from hatang.drivers.failures import reason_of
from hatang.drivers.snmp.ber import DecodeError
from hatang.drivers.snmp.gaps import Gap
from hatang.drivers.snmp.security import Dropped
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from hatang.drivers.snmp.codec import Pdu, Secured
    from hatang.drivers.snmp.limits import SnmpLimits
    from hatang.drivers.snmp.pace import Pace
    from hatang.drivers.snmp.requests import Template
    from hatang.drivers.snmp.security import Security
    from hatang.drivers.snmp.sockets import Address
    from hatang.drivers.snmp.work import Work

Answer: TypeAlias = "asyncio.Future[Gap | None]"
# So often one request is made anew because the agent's engine or its time was not the one known.
_RENEWALS: Final = 4


class Way(Protocol):
    """What a session sends through; the engine."""

    def now(self) -> float:
        """Return the loop's time."""
        ...

    def begin(self, session: Session) -> int:
        """Note that `session` awaits an answer, and return a request id of its own."""
        ...

    def end(self, session: Session, request_id: int) -> None:
        """Note that `session` awaits nothing any more under this id."""
        ...

    def launch(self, session: Session) -> None:
        """Call `transmit` of `session` as soon as there is room for its answer."""
        ...

    def deliver(self, session: Session, datagram: bytes, until: float) -> None:
        """Send `datagram` now, and call `expired` when no answer came by `until`."""
        ...


class Session:
    """Asks one agent; what is asked at the same time is done one after the other."""

    __slots__ = (
        "_complaint", "_deadline", "_future", "_heard", "_learned", "_left", "_limits", "_pace",
        "_renewals", "_request_id", "_security", "_skips", "_template", "_waiting", "_way", "_work",
        "address", "counted", "due", "family", "queued", "seat",
    )  # fmt: skip

    def __init__(self, way: Way, security: Security, pace: Pace, limits: SnmpLimits) -> None:
        self._way = way
        self._security = security
        self._pace = pace
        self._limits = limits
        self.family = 0
        self.address: Address = ()
        self.due = 0
        self.seat = 0
        self.counted = -1
        self.queued = False
        self._waiting: list[tuple[Work, Answer, float, int]] = []
        self._work: Work | None = None
        self._future: Answer | None = None
        self._template: Template | None = None
        self._request_id = 0
        self._left = 0
        self._renewals = 0
        self._deadline = 0.0
        self._complaint: Gap | None = None
        self._heard = False
        self._learned = 0
        self._skips = 0

    async def do(self, work: Work, patience: int = 0) -> Gap | None:
        """Do `work` after what was asked before; so many silences are passed over.

        Returns None when it was done, else why it ended early; what was read until then is in
        `work`, whose rest has that gap.
        """
        future: Answer = asyncio.get_running_loop().create_future()
        deadline = self._way.now() + self._limits.deadline_seconds
        self._waiting.append((work, future, deadline, patience))
        if self._work is None:
            self._next_work()
        try:
            return await future
        except asyncio.CancelledError:
            self._forsake(future)
            raise

    def transmit(self) -> None:
        """Send the request, now that there is room for its answer."""
        if self._template is None:
            return
        now = self._way.now()
        if now >= self._deadline:
            self._give_up(Gap(Reason.TIMEOUT, "no end within the time allowed"))
            return
        until = min(now + self._limits.request_seconds, self._deadline)
        try:
            datagram = self._security.seal(self._template, self._request_id)
            self._way.deliver(self, datagram, until)
        except OSError as error:
            self._give_up(Gap(reason_of(error), str(error)))
        except DriverError as error:
            self._give_up(Gap(error.reason, error.message))

    def answered(self, message: Pdu | Secured) -> bool:
        """Take a message with our id from our agent; returns whether it was taken."""
        try:
            pdu = self._security.open(message)
        except Dropped as dropped:
            self._complaint = dropped.gap
            return False
        except DecodeError as error:
            self.complain(str(error))
            return False
        except DriverError as error:
            self._give_up(Gap(error.reason, error.message))
            return True
        if pdu is None:
            self._renew()
        elif pdu.id != self._request_id:
            self.complain("the PDU and its message differ in id")
            return False
        else:
            self._take(pdu)
        return True

    def _take(self, pdu: Pdu) -> None:
        self._heard = True
        self._retire()
        if self._work is None:
            return
        try:
            self._work.answer(pdu, self._pace)
        except DecodeError as error:
            self._give_up(Gap(Reason.PROTOCOL_ERROR, str(error)))
        else:
            self._next_request()

    def complain(self, detail: str) -> None:
        """Remember what was wrong with an answer: the reason, should no good one follow."""
        self._complaint = Gap(Reason.PROTOCOL_ERROR, detail)

    def expired(self) -> None:
        """Try again, or end the work, after silence."""
        work = self._work
        if work is None or self._template is None:
            return
        if self._left == 0 or self._way.now() >= self._deadline:
            self._fall_silent(work, self._complaint or Gap(Reason.TIMEOUT, "no answer"))
            return
        self._left -= 1
        work.silence(self._pace, last=self._left == 0)
        template = work.request(self._pace)
        if template is not self._template and template is not None:
            # The late answer to the larger request is not one to the smaller.
            self._retire()
            self._request_id = self._way.begin(self)
            self._template = template
        self._way.launch(self)

    def _fall_silent(self, work: Work, gap: Gap) -> None:
        """Go on with something else, where the agent has answered to this work before."""
        self._security.silent()
        if not (self._heard and self._skips and work.skip(gap)):
            self._give_up(gap)
            return
        self._skips -= 1
        self._retire()
        self._next_request()

    def _next_work(self) -> None:
        while self._waiting:
            self._work, self._future, self._deadline, self._skips = self._waiting.pop(0)
            self._heard = False
            self._learned = self._pace.limit
            self._next_request()
            if self._work is not None:
                return

    def _next_request(self) -> None:
        work = self._work
        if work is None:
            return
        template = work.request(self._pace)
        if template is None:
            self._pace.went_well()
            self._finish(None)
            return
        self._template = template
        self._left = self._limits.retries
        self._renewals = 0
        self._complaint = None
        self._request_id = self._way.begin(self)
        self._way.launch(self)

    def _renew(self) -> None:
        self._renewals += 1
        if self._renewals > _RENEWALS:
            self._give_up(Gap(Reason.PROTOCOL_ERROR, "the agent never accepts our time"))
        else:
            self.transmit()

    def _give_up(self, gap: Gap) -> None:
        self._retire()
        if self._work is not None:
            if not self._heard:
                self._pace.forgive(self._learned)
            self._work.stop(gap)
            self._finish(gap)

    def _finish(self, gap: Gap | None) -> None:
        future = self._future
        self._work = self._future = None
        if future is not None and not future.done():
            future.set_result(gap)
        if self._waiting:
            self._next_work()

    def _forsake(self, future: Answer) -> None:
        if future is self._future:
            self._retire()
            self._finish(None)
        else:
            self._waiting = [each for each in self._waiting if each[1] is not future]

    def _retire(self) -> None:
        self.due = 0
        if self._template is not None:
            self._template = None
            self._way.end(self, self._request_id)
