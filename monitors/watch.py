"""One device under watch: gate, re-probe, poll, judge, render."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.errors import Reason
from monitors import own_metrics, verdicts
from monitors.choices import Cause, ElementKind, State
from monitors.conversation import Answer, Conversation, Transports, is_same_agent
from monitors.elements import Element
from monitors.exposing import Policy
from monitors.renderer import Renderer
from monitors.samples import PollSample

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from prometheus_client import Counter

    from hatang.drivers.protocols import PingResult, SnmpReader
    from monitors.board import Board
    from monitors.exposition import Exposition
    from monitors.slots import Slots
    from monitors.state import Measurement
    from monitors.targets import DeviceTarget
    from monitors.text import Blocks

REPROBE_SECONDS: Final = 1.0
REPROBES: Final = 3
# A silent device whose echoes may be filtered is also asked by SNMP once in so many periods.
KNOCK_EVERY: Final = 10
# Where nothing between here and the device is up, an answer is not expected: less patience.
_HIDDEN_PATIENCE: Final = 0.25

UNUSED: Final = frozenset({Cause.NEVER_MEASURED, Cause.NOT_IN_USE})


@dataclass(slots=True)
class Shared:
    """What all watches of a monitor share; times in seconds."""

    board: Board
    exposition: Exposition
    transports: Transports
    slots: Slots
    timeout_seconds: float = 2.0
    deadline_seconds: float = 25.0
    reprobe_seconds: float = REPROBE_SECONDS
    stale_seconds: float = 90.0
    policy: Policy = field(default_factory=Policy)


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
    _renderer: Renderer | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _open_for: int = 0
    _filtered: bool = False
    _judged: tuple[object, ...] | None = None
    _judged_number: int = 0
    _next: asyncio.Task[PollSample] | None = None
    _talk: Conversation = field(init=False)
    _element: Element = field(init=False)

    def __post_init__(self) -> None:
        self._element = Element(ElementKind.DEVICE, self.target.key)
        shared = self.shared
        self._talk = Conversation(
            self.target, shared.transports, shared.slots, shared.deadline_seconds
        )

    @property
    def element(self) -> Element:
        """Return the device as an element."""
        return self._element

    async def poll(self) -> PollSample:
        """Measure the device now and tell the board and the exposition."""
        async with self._lock:
            return await self._poll()

    async def verify(self) -> PollSample:
        """Measure the device once more, in a poll that begins after this call.

        Whoever asks meanwhile gets the same poll: a hundred doubts cost one measurement.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._after_this())
        return await asyncio.shield(self._next)

    async def read(self, modules: tuple[str, ...]) -> Blocks:
        """Return the lines of `modules`, read now, without anything of the poll loop's.

        Raises:
            DriverError: the agent does not answer, or refuses.
        """
        async with self._lock:
            got = await self._talk.read(modules)
        sample = PollSample(
            clock.now(), reachable=True, reason=Reason.OK, scalars=got.scalars, tables=got.tables
        )
        return Renderer(self.target, got.plan).bare(sample)

    async def ask(self, job: Callable[[SnmpReader], Awaitable[Answer]]) -> Answer:
        """Return what `job` learns of the agent, now, in a turn and within the deadline.

        Raises:
            DriverError: the agent does not answer, or refuses.
            TimeoutError: it took too long.
        """
        async with self._lock:
            return await self._talk.lend(job)

    async def retarget(self, target: DeviceTarget) -> None:
        """Watch the same device as `target` describes it now; what did not change is kept."""
        async with self._lock:
            before, self.target = self.target, target
            self._judged = self._renderer = None
            self._judged_number = 0
            self._talk.target = target
            if not is_same_agent(before, target):
                await self._talk.close()

    async def close(self) -> None:
        """Release what the watch holds and forget the device's series."""
        self.shared.exposition.drop(self.target.key)
        await self._talk.close()

    async def _after_this(self) -> PollSample:
        async with self._lock:
            self._next = None
            return await self._poll()

    async def _poll(self) -> PollSample:
        started = clock.monotonic()
        sample = await self._measure()
        sample.duration_seconds = clock.monotonic() - started
        self._show(sample)
        _counted(_reason(sample)).inc()
        self.last = sample
        return sample

    async def _measure(self) -> PollSample:
        patience = _HIDDEN_PATIENCE if self._is_hidden() else 1.0
        sample = await self._gate(self.shared.timeout_seconds * patience)
        self._tell(sample)
        pause = self.shared.reprobe_seconds * patience
        for _ in range(REPROBES):
            if not self.shared.board.state(self._element).is_pending:
                break
            started = clock.monotonic()
            sample = await self._gate(pause)
            self._tell(sample)
            rest = pause - (clock.monotonic() - started)
            if not sample.reachable and rest > 0:
                await asyncio.sleep(rest)
        self._open_for = 0 if sample.reachable else self._open_for + 1
        return sample

    def _is_hidden(self) -> bool:
        """Return whether everything it could be reached through is confirmed silent."""
        uplinks = self.target.uplinks
        state = self.shared.board.state
        return bool(uplinks) and all(
            state(Element(ElementKind.DEVICE, key)).state is State.BAD for key in uplinks
        )

    async def _gate(self, timeout_seconds: float) -> PollSample:
        """Ask whether the device is there at all, and poll it if so."""
        answer = await self._ping(timeout_seconds)
        if answer is not None and answer.received > 0:
            self._filtered = False
            return await self._talk.ask(_seen(answer.rtt_seconds))
        sample = PollSample(clock.now(), reachable=False)
        is_pending = self.shared.board.state(self.element).is_pending
        is_knocked = self._open_for % KNOCK_EVERY == 0 and not is_pending and not self._is_hidden()
        if self._filtered or is_knocked:
            return await self._knock(sample)
        return sample

    async def _knock(self, sample: PollSample) -> PollSample:
        """Ask a device without an echo for one value: its echoes may be filtered."""
        if not await self._talk.knock(self.shared.timeout_seconds):
            return sample
        self._filtered = True
        return await self._talk.ask(replace(sample, reachable=True))

    async def _ping(self, timeout_seconds: float) -> PingResult | None:
        address = self.target.address
        found = await self.shared.transports.pinger.ping(
            [address], count=1, timeout_seconds=timeout_seconds
        )
        return found.get(address)

    def _tell(self, sample: PollSample) -> None:
        board = self.shared.board
        board.observe(*verdicts.device(self.target, sample))
        if board.state(self.element).state is State.BAD:
            board.lose_parts(self.target.key, sample.at)
        if sample.answered:
            self._judge(sample)

    def _judge(self, sample: PollSample) -> None:
        board, key = self.shared.board, self.target.key
        if self._is_as_judged(sample) and board.confirm(key, sample.at):
            return
        judged = verdicts.judged(sample)
        if judged == self._judged and board.confirm(key, sample.at):
            return
        self._judged = judged
        known = board.parts.get(key, {}).keys() - {self.element}
        for element, measurement in verdicts.parts(self.target, sample, known):
            board.observe(element, _in_use(board, self.target, element, measurement))
        board.settle(key, sample.at)

    def _is_as_judged(self, sample: PollSample) -> bool:
        """Return whether it is known that nothing changed of what parts are judged by."""
        before, self._judged_number = self._judged_number, sample.number
        renewed = sample.renewed
        return renewed is not None and sample.after == before and not verdicts.is_judged(renewed)

    def _show(self, sample: PollSample) -> None:
        plan = self._talk.plan
        if self._renderer is None or self._renderer.plan is not plan:
            self._renderer = Renderer(self.target, plan)
        state = self.shared.board.state(self.element).state
        up = {State.GOOD: True, State.DEGRADED: True, State.BAD: False}.get(state)
        blocks = self.shared.policy.kept(self.target, self._renderer.render(sample, up))
        self.shared.exposition.put(self.target.key, blocks, self.shared.stale_seconds)


def _in_use(
    board: Board, target: DeviceTarget, element: Element, measurement: Measurement
) -> Measurement:
    """Keep a port that nobody intends from counting as broken when it never was up or is gone.

    Tunnels and virtual ports come and go; what the inventory names must be there.
    """
    if element.kind is not ElementKind.INTERFACE or element.name in target.interfaces:
        return measurement
    if measurement.cause is Cause.NOT_PRESENT:
        return replace(measurement, state=State.UNKNOWN, cause=Cause.NOT_REPORTED)
    before = board.state(element)
    was_used = before.state is not State.UNKNOWN or before.cause not in UNUSED
    if measurement.state is not State.BAD or was_used:
        return measurement
    return replace(measurement, state=State.UNKNOWN, cause=Cause.NOT_IN_USE)


def _seen(rtt_seconds: float | None) -> PollSample:
    return PollSample(clock.now(), reachable=True, rtt_seconds=rtt_seconds)


@cache
def _counted(reason: Reason) -> Counter:
    """Return the counter of polls that ended so."""
    return own_metrics.POLLS.labels("device", reason)


def _reason(sample: PollSample) -> Reason:
    if not sample.reachable:
        return Reason.TIMEOUT
    return sample.reason or Reason.OK
