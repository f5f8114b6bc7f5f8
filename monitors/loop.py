"""The poll loop of one monitor: who is watched, when, and what has become too old."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from zlib import crc32

from hatang import clock, log
from hatang.errors import NotFoundError
from monitors import own_metrics
from monitors.choices import ElementKind, State
from monitors.elements import MAX_NAME, Element
from monitors.fitting import Cost
from monitors.placing import place
from monitors.schedule import Schedule
from monitors.service_watch import ServiceShared, ServiceWatch
from monitors.watch import DeviceWatch, Shared

if TYPE_CHECKING:
    from monitors.board import Board
    from monitors.samples import PollSample
    from monitors.state import ElementState
    from monitors.targets import ServiceTarget, Targets

_logger = log.get_logger(__name__)

EXPIRE_EVERY_SECONDS: Final = 5.0
EXPIRED_AT_ONCE: Final = 20
_ALL: Final = 1_000_000
_RANGE: Final = 2**32
# A Prometheus that has not come for so many periods is gone.
_SCRAPED_WITHIN: Final = 2.5


class Loop:
    """Watches the targets it is given; belongs to one event loop."""

    def __init__(
        self, shared: Shared, services: ServiceShared, *, period_seconds: float, concurrency: int
    ) -> None:
        self.board: Board = shared.board
        self.gone: set[Element] = set()
        self._targets: Targets | None = None
        self._shared = shared
        self._service_shared = services
        self._told_at = clock.monotonic()
        self._devices: dict[str, DeviceWatch] = {}
        self._services: dict[str, ServiceWatch] = {}
        self._period = period_seconds
        # Nobody waits to be asked whether it is there: turns are taken for what comes after.
        self._polls = Schedule("device", period_seconds, _ALL, self._poll_device, self._placed)
        self._probes = Schedule("service", period_seconds, concurrency, self._probe_service)

    @property
    def device_count(self) -> int:
        """Return how many devices are watched."""
        return len(self._devices)

    async def apply(self, targets: Targets) -> bool:
        """Watch exactly `targets` from now on and return whether that is a change.

        What did not change keeps what it knows.
        """
        if targets == self._targets:
            return False
        self._targets = targets
        await self._apply_devices(targets)
        self._apply_services(targets)
        owners = {device.key for device in targets.devices}
        owners |= {service.code for service in targets.services}
        # Also what an earlier process left behind of elements that are no targets any more.
        for owner in self.board.parts.keys() - owners:
            self.gone |= self.board.forget(owner)
        return True

    async def serve(self) -> None:
        """Poll, probe and let grow old until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._polls.serve())
                group.create_task(self._probes.serve())
                group.create_task(self._grow_old())
        finally:
            for watch in self._devices.values():
                await watch.close()

    async def verify(self, element: Element) -> ElementState:
        """Measure the owner of `element` now and return the element's state.

        Raises:
            NotFoundError: this monitor does not watch the owner.
        """
        if element.kind is ElementKind.SERVICE:
            service = self._services.get(element.owner)
            if service is None:
                raise _unwatched(element)
            await service.poll()
        else:
            await self._watch(element).verify()
        return self.board.state(element)

    def meant(self, kind: ElementKind, key: str, part: str) -> Element:
        """Return the element of the device `key` that is called `part`, or has it as ifIndex.

        A part that has no state yet, or that nobody named, is the device itself. Raises
        NotFoundError when this monitor does not watch the device.
        """
        device = Element(ElementKind.DEVICE, key)
        last = self._watch(device).last
        if kind is ElementKind.INTERFACE and last is not None and part.isdecimal():
            table = last.tables.get("ifTable")
            if table is not None:
                part = table.text("ifName", part) or table.text("ifDescr", part) or part
        element = Element(kind, key, part[:MAX_NAME])
        return element if element in self.board.parts.get(key, ()) else device

    def sample(self, key: str) -> PollSample | None:
        """Return the last poll of the device `key`, None when there is none."""
        watch = self._devices.get(key)
        return None if watch is None else watch.last

    def samples(self) -> dict[str, PollSample]:
        """Return the last poll of every device that has one."""
        return {key: watch.last for key, watch in self._devices.items() if watch.last is not None}

    def watch_of(self, whom: str) -> DeviceWatch:
        """Return the watch of the device with this key, name or address.

        Raises:
            NotFoundError: no such device is watched here.
        """
        watch = self._devices.get(whom) or next(
            (w for w in self._devices.values() if whom in {w.target.name, w.target.address}), None
        )
        if watch is None:
            raise NotFoundError(f"{whom} is no device that is watched here")
        return watch

    def costs(self) -> list[Cost]:
        """Return what the last poll of each device took; those not polled yet are left out."""
        series = self._shared.exposition.series
        return [
            Cost(key, watch.target.site, series(key), sample.values, _turn_seconds(sample))
            for key, watch in self._devices.items()
            if (sample := watch.last) is not None
        ]

    def _watch(self, element: Element) -> DeviceWatch:
        watch = self._devices.get(element.owner)
        if watch is None:
            raise _unwatched(element)
        return watch

    def _placed(self, key: str) -> float | None:
        scrapes = self._shared.exposition.scrapes(key, _SCRAPED_WITHIN * self._period)
        return place(crc32(key.encode()) / _RANGE, scrapes, self._period)

    async def _apply_devices(self, targets: Targets) -> None:
        wanted = {target.key: target for target in targets.devices}
        for key, watch in list(self._devices.items()):
            if key not in wanted:
                await watch.close()
                del self._devices[key]
            elif wanted[key] != watch.target:
                await watch.retarget(wanted[key])
        for key, target in wanted.items():
            self.board.scopes[key] = target.scope_id
            if key not in self._devices:
                self._devices[key] = DeviceWatch(target, self._shared)
        self._polls.set_members(wanted)

    def _apply_services(self, targets: Targets) -> None:
        wanted: dict[str, tuple[ServiceTarget, ...]] = {}
        for target in targets.services:
            wanted[target.code] = (*wanted.get(target.code, ()), target)
        for code, watch in list(self._services.items()):
            if wanted.get(code) != watch.targets:
                watch.close()
                del self._services[code]
        for code, probes in wanted.items():
            self.board.scopes[code] = probes[0].scope_id
            if code not in self._services:
                self._services[code] = ServiceWatch(probes, self._service_shared)
        usual = self._probes.period_seconds
        quickest = {
            code: min(probe.period_seconds or usual for probe in probes)
            for code, probes in wanted.items()
        }
        # What is probed more rarely still says at each round what it knows, or it would grow old.
        self._probes.set_members(wanted, {k: v for k, v in quickest.items() if v < usual})

    async def _poll_device(self, key: str) -> None:
        watch = self._devices.get(key)
        if watch is not None:
            await watch.poll()

    async def _probe_service(self, code: str) -> None:
        watch = self._services.get(code)
        if watch is not None:
            await watch.tick()

    async def _grow_old(self) -> None:
        while True:
            for number, _ in enumerate(self.board.expiring(clock.now())):
                if number % EXPIRED_AT_ONCE == 0:
                    await asyncio.sleep(0)  # polls come between
            self._tell_load(clock.monotonic())
            for state in State:
                own_metrics.ELEMENTS.labels(state).set(self.board.counts[state])
            await asyncio.sleep(EXPIRE_EVERY_SECONDS)

    def _tell_load(self, now: float) -> None:
        """Say once a period how busy it was and what had to be left out."""
        seconds = now - self._told_at
        if seconds < self._period:
            return
        slots = self._shared.slots
        busy, shed = slots.take_load()
        self._told_at = now
        own_metrics.BUSY_RATIO.set(busy / (slots.limit * seconds))
        for priority, number in shed.items():
            own_metrics.SHED.labels(priority).inc(number)
        if shed:
            _logger.warning("the plan does not fit: %s agents were not asked", shed.total())


def _turn_seconds(sample: PollSample) -> float:
    return sample.duration_seconds if sample.answered else 0.0


def _unwatched(element: Element) -> NotFoundError:
    return NotFoundError(f"{element} is not watched here")
