"""Talking to the agent of one device: a turn, a deadline, and what is remembered between polls."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar
from zlib import crc32

from hatang import clock, log
from hatang.errors import DriverError, Reason
from hatang.operations import classify
from monitors.choosing import Choice
from monitors.collect import Collected, Memory, collect
from monitors.modules.plan import Asked, Plan, plan_of
from monitors.walking import SYS_UP_TIME

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hatang.drivers.protocols import Pinger, SnmpReader
    from monitors.samples import PollSample
    from monitors.slots import Slots
    from monitors.targets import DeviceTarget

_logger = log.get_logger(__name__)

Answer = TypeVar("Answer")


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
class Conversation:
    """What is said between here and the agent of `target`; the caller lets one at a time.

    `plan` is what the last poll asked for.
    """

    target: DeviceTarget
    transports: Transports
    slots: Slots
    deadline_seconds: float
    plan: Plan = field(default_factory=lambda: plan_of(()))
    _reader: SnmpReader | None = None
    _memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        self._forget()

    async def ask(self, sample: PollSample) -> PollSample:
        """Return `sample` with what the agent says put into it, where somebody may ask it."""
        reader, target = self._open(), self.target
        if reader is None:
            return sample
        try:
            async with (
                self.slots.turn(target.priority, target.site, self.deadline_seconds),
                asyncio.timeout(self.deadline_seconds),
            ):
                got = await collect(reader, target.platform, target.role, self._memory)
        except Exception as error:  # noqa: BLE001 - the reason is kept; one device spoils nothing
            reason = classify(error)
            if reason is Reason.INTERNAL:
                _logger.warning("polling %s failed: %r", target.name, error)
            return replace(sample, at=clock.now(), reason=reason)
        self.plan = got.plan
        sample.at, sample.reason = clock.now(), Reason.OK
        sample.scalars, sample.tables, sample.gaps = got.scalars, got.tables, got.gaps
        sample.values, sample.number = got.values, got.number
        sample.after, sample.renewed = got.after, got.renewed
        return sample

    async def read(self, names: tuple[str, ...]) -> Collected:
        """Return what the agent has of the modules `names`, all of it read anew.

        Raises:
            DriverError: it does not answer or refuses; NOT_SUPPORTED where nobody may ask it.
        """
        target = self.target
        asked = Asked(target.platform, target.role)
        once = Memory(choice=Choice(plan_of(names), asked))
        return await self.lend(lambda reader: collect(reader, target.platform, target.role, once))

    async def lend(self, job: Callable[[SnmpReader], Awaitable[Answer]]) -> Answer:
        """Return what `job` does with the agent's reader, in a turn and within the deadline.

        Raises:
            DriverError: as `job`; NOT_SUPPORTED where nobody may ask it.
            TimeoutError: the deadline passed.
        """
        reader, target = self._open(), self.target
        if reader is None:
            raise DriverError(f"{target.name}: no SNMP credential", Reason.NOT_SUPPORTED)
        async with (
            self.slots.turn(target.priority, target.site, self.deadline_seconds),
            asyncio.timeout(self.deadline_seconds),
        ):
            return await job(reader)

    async def knock(self, timeout_seconds: float) -> bool:
        """Return whether the agent answers at all within `timeout_seconds`."""
        reader = self._open()
        if reader is None:
            return False
        try:
            async with asyncio.timeout(timeout_seconds):
                await reader.get([SYS_UP_TIME])
        except (DriverError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Release what is held; what was learnt of the agent is forgotten."""
        self._forget()
        if self._reader is not None:
            await self._reader.close()
            self._reader = None

    def _forget(self) -> None:
        self._memory = Memory(salt=crc32(self.target.key.encode()))

    def _open(self) -> SnmpReader | None:
        if self._reader is None:
            self._reader = self.transports.snmp(self.target)
        return self._reader


def is_same_agent(one: DeviceTarget, other: DeviceTarget) -> bool:
    """Return whether what is known of the agent of `one` holds for that of `other`."""
    return _agent(one) == _agent(other)


def _agent(target: DeviceTarget) -> tuple[object, ...]:
    return target.address, target.snmp_port, target.snmp, target.platform, target.role
