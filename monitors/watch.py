"""One device under watch: gate, re-probe, poll, judge, render."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from hatang import clock, log
from hatang.errors import DriverError, Reason
from hatang.operations import classify
from monitors import own_metrics, verdicts
from monitors.choices import Cause, ElementKind, State
from monitors.collect import SYS_UP_TIME, Memory, collect
from monitors.elements import Element
from monitors.exposition import Renderer
from monitors.modules.plan import plan_for
from monitors.samples import PollSample

if TYPE_CHECKING:
    from hatang.drivers.protocols import Pinger, PingResult, SnmpReader
    from monitors.board import Board
    from monitors.exposition import Exposition
    from monitors.state import Measurement
    from monitors.targets import DeviceTarget

REPROBE_SECONDS: Final = 1.0
REPROBES: Final = 3
# A silent device whose echoes may be filtered is also asked by SNMP once in so many periods.
KNOCK_EVERY: Final = 10

UNUSED: Final = frozenset({Cause.NEVER_MEASURED, Cause.NOT_IN_USE})

_logger = log.get_logger(__name__)


class Transports(Protocol):
    """What a watch reaches devices with."""

    @property
    def pinger(self) -> Pinger:
        """The shared pinger."""
        ...

    def snmp(self, target: DeviceTarget) -> SnmpReader | None:
        """Return a new reader of `target`, None when it has no usable login."""
        ...


@dataclass(slots=True)
class Shared:
    """What all watches of a monitor share; times in seconds."""

    board: Board
    exposition: Exposition
    transports: Transports
    timeout_seconds: float = 2.0
    deadline_seconds: float = 25.0
    reprobe_seconds: float = REPROBE_SECONDS


@dataclass(slots=True)
class DeviceWatch:
    """Polls one device; one poll at a time.

    A device that is confirmed silent costs one echo request a period (the circuit is open) and
    comes back with the first answer. A device that answers SNMP but no echo is reachable: its
    echoes are filtered, and SNMP is its gate from then on.
    """

    target: DeviceTarget
    shared: Shared
    last: PollSample | None = None
    _reader: SnmpReader | None = None
    _renderer: Renderer | None = None
    _memory: Memory = field(default_factory=Memory)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _open_for: int = 0
    _filtered: bool = False

    @property
    def element(self) -> Element:
        """Return the device as an element."""
        return Element(ElementKind.DEVICE, self.target.key)

    async def poll(self) -> PollSample:
        """Measure the device now and tell the board and the exposition."""
        async with self._lock:
            started = clock.monotonic()
            sample = await self._measure()
            sample.duration_seconds = clock.monotonic() - started
            self._show(sample)
            own_metrics.POLLS.labels("device", _reason(sample)).inc()
            self.last = sample
            return sample

    async def close(self) -> None:
        """Release what the watch holds and forget the device's series."""
        self.shared.exposition.drop(self.target.key)
        if self._reader is not None:
            await self._reader.close()
            self._reader = None

    async def _measure(self) -> PollSample:
        sample = await self._gate(self.shared.timeout_seconds)
        self._tell(sample)
        for _ in range(REPROBES):
            if not self.shared.board.state(self.element).is_pending:
                break
            started = clock.monotonic()
            sample = await self._gate(self.shared.reprobe_seconds)
            self._tell(sample)
            rest = self.shared.reprobe_seconds - (clock.monotonic() - started)
            if not sample.reachable and rest > 0:
                await asyncio.sleep(rest)
        self._open_for = 0 if sample.reachable else self._open_for + 1
        return sample

    async def _gate(self, timeout_seconds: float) -> PollSample:
        """Ask whether the device is there at all, and poll it if so."""
        answer = await self._ping(timeout_seconds)
        if answer is not None and answer.received > 0:
            self._filtered = False
            return await self._poll_snmp(self._seen(answer.rtt_seconds))
        sample = PollSample(clock.now(), reachable=False)
        is_pending = self.shared.board.state(self.element).is_pending
        if self._filtered or (self._open_for % KNOCK_EVERY == 0 and not is_pending):
            return await self._knock(sample)
        return sample

    @staticmethod
    def _seen(rtt_seconds: float | None) -> PollSample:
        return PollSample(clock.now(), reachable=True, rtt_seconds=rtt_seconds)

    async def _ping(self, timeout_seconds: float) -> PingResult | None:
        address = self.target.address
        found = await self.shared.transports.pinger.ping(
            [address], count=1, timeout_seconds=timeout_seconds
        )
        return found.get(address)

    async def _knock(self, sample: PollSample) -> PollSample:
        """Ask a device without an echo for one value: its echoes may be filtered."""
        reader = self._open()
        if reader is None:
            return sample
        try:
            async with asyncio.timeout(self.shared.timeout_seconds):
                await reader.get([SYS_UP_TIME])
        except (DriverError, TimeoutError):
            return sample
        self._filtered = True
        return await self._poll_snmp(replace(sample, reachable=True))

    async def _poll_snmp(self, sample: PollSample) -> PollSample:
        reader = self._open()
        if reader is None:
            return sample
        plan = plan_for(self.target.platform, self.target.role)
        try:
            async with asyncio.timeout(self.shared.deadline_seconds):
                got = await collect(reader, plan, self._memory)
        except Exception as error:  # noqa: BLE001 - the reason is kept; one device spoils nothing
            reason = classify(error)
            if reason is Reason.INTERNAL:
                _logger.warning("polling %s failed: %r", self.target.name, error)
            return replace(sample, at=clock.now(), reason=reason)
        return replace(
            sample, at=clock.now(), reason=Reason.OK, scalars=got.scalars, tables=got.tables
        )

    def _open(self) -> SnmpReader | None:
        if self._reader is None:
            self._reader = self.shared.transports.snmp(self.target)
        return self._reader

    def _tell(self, sample: PollSample) -> None:
        board = self.shared.board
        board.observe(*verdicts.device(self.target, sample))
        if board.state(self.element).state is State.BAD:
            board.lose_parts(self.target.key, sample.at)
        if sample.answered:
            known = board.parts(self.target.key) - {self.element}
            for element, measurement in verdicts.parts(self.target, sample, known):
                board.observe(element, self._in_use(element, measurement))

    def _in_use(self, element: Element, measurement: Measurement) -> Measurement:
        """Keep a port that nobody intends from counting as broken when it never was up or is gone.

        Tunnels and virtual ports come and go; what the inventory names must be there.
        """
        if element.kind is not ElementKind.INTERFACE or element.name in self.target.interfaces:
            return measurement
        if measurement.cause is Cause.NOT_PRESENT:
            return replace(measurement, state=State.UNKNOWN, cause=Cause.NOT_REPORTED)
        before = self.shared.board.state(element)
        was_used = before.state is not State.UNKNOWN or before.cause not in UNUSED
        if measurement.state is not State.BAD or was_used:
            return measurement
        return replace(measurement, state=State.UNKNOWN, cause=Cause.NOT_IN_USE)

    def _show(self, sample: PollSample) -> None:
        if self._renderer is None:
            plan = plan_for(self.target.platform, self.target.role)
            self._renderer = Renderer(self.target, plan)
        state = self.shared.board.state(self.element).state
        up = {State.GOOD: True, State.DEGRADED: True, State.BAD: False}.get(state)
        self.shared.exposition.put(self.target.key, self._renderer.render(sample, up))


def _reason(sample: PollSample) -> Reason:
    if not sample.reachable:
        return Reason.TIMEOUT
    return sample.reason or Reason.OK
