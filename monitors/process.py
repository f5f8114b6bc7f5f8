"""The monitor process: reads targets, polls, serves, writes down, and drains when told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from hatang import clock, events, log
from monitors import loading, means, probing, repository
from monitors.board import PERIODS_UNTIL_STALE, Board, policies
from monitors.doubts import Doubts
from monitors.exporter.door import SnmpDoor
from monitors.exposing import Policy
from monitors.exposition import Exposition
from monitors.flush import Flusher
from monitors.http import MetricsServer
from monitors.loop import Loop
from monitors.plane import PlaneServer
from monitors.probes import lines
from monitors.service_watch import ServiceShared
from monitors.slots import Slots
from monitors.transports import NetworkTransports
from monitors.watch import Shared

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession
    from hatang.events import Event
    from hatang.settings import Settings
    from monitors.conversation import Transports
    from monitors.targets import Targets

RELOAD_SECONDS: Final = 2.0
RELOAD_ANYWAY_SECONDS: Final = 900.0
RELOAD_TOPICS: Final = ("inventory.changed", "credential.changed")
DEADLINE_SHARE: Final = 0.8
"""Part of a period one device's poll may take, so that it is over before the next."""

# Collections of cyclic garbage: what a poll leaves behind is none, and a look at everything that
# is kept takes seconds where thousands of devices are watched. A look at the million objects that
# twenty collections of 50,000 had left took one, once in a quarter of an hour.
YOUNG_OBJECTS: Final = 10_000
YOUNG_COLLECTIONS: Final = 5
_NEVER: Final = 1_000_000
# So often what survived is put out of the collector's sight: while devices are met, and later.
_MEETING_SECONDS: Final = 10.0
_MEETINGS: Final = 18
_FREEZE_SECONDS: Final = 600.0

SWITCH_SECONDS: Final = 0.0005
"""For how long a thread that reads the inventory may keep the polls waiting each time; the
interpreter's own 5 ms are paid at every wait for a datagram."""

_logger = log.get_logger(__name__)


async def tame_collector() -> None:
    """Keep the collector of cyclic garbage from stopping the polls of thousands of devices.

    What is known of the devices is put out of its sight, bit by bit: even what comes in one
    period alone takes a quarter of a second to look at.
    """
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_COLLECTIONS, _NEVER)
    for turn in count():
        await asyncio.sleep(_MEETING_SECONDS if turn < _MEETINGS else _FREEZE_SECONDS)
        gc.freeze()


@dataclass(slots=True)
class Monitor:
    """One monitor with all its parts, ready to run."""

    name: str
    settings: Settings
    db: Database
    loop: Loop
    exposition: Exposition

    @classmethod
    def build(
        cls, settings: Settings, db: Database, transports: Transports | None = None
    ) -> Monitor:
        """Return the monitor that `settings` describe; `transports` default to the network."""
        own = settings.monitors
        deadline = own.period_seconds * DEADLINE_SHARE
        real = transports or NetworkTransports.of(own.timeout_seconds, own.retries, deadline)
        board, exposition = Board(policies(own.period_seconds)), Exposition()
        devices = Shared(
            board,
            exposition,
            real,
            Slots(own.concurrency, own.site_concurrency),
            timeout_seconds=own.timeout_seconds,
            deadline_seconds=deadline,
            stale_seconds=own.period_seconds * PERIODS_UNTIL_STALE,
            policy=Policy(own.series),
        )
        services = ServiceShared(
            board,
            exposition,
            means.of(settings, db, real),
            timeout_seconds=own.timeout_seconds * 2,
            allow_local=settings.lab,
        )
        loop = Loop(
            devices, services, period_seconds=own.period_seconds, concurrency=own.concurrency
        )
        return cls(own.shard_name, settings, db, loop, exposition)

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping`, then write down what is known and let go."""
        await self._restore()
        await self._load()
        own = self.settings.monitors
        door = SnmpDoor(self.loop, self.exposition, own.snmp_modules_file)
        metrics = MetricsServer(self.exposition, own.token.get_secret_value(), door)
        doubts = Doubts(self.loop)
        plane = PlaneServer(self.loop, doubts)
        servers = [
            await metrics.start(own.listen.host, own.listen.port),
            await plane.start(self.settings.monitors_socket),
        ]
        try:
            await self._serve(stopping, doubts)
        finally:
            for server in servers:
                server.close()
            await plane.close()
            self.settings.monitors_socket.unlink(missing_ok=True)

    async def _serve(self, stopping: asyncio.Event, doubts: Doubts) -> None:
        flusher = asyncio.create_task(
            Flusher(self.db, self.loop, self.name).serve(stopping), name="flush"
        )
        others = [
            asyncio.create_task(self.loop.serve(), name="poll"),
            asyncio.create_task(self._reload(), name="reload"),
            asyncio.create_task(doubts.serve(), name="doubts"),
        ]
        taming = asyncio.create_task(tame_collector(), name="collector")
        done, _ = await asyncio.wait({flusher, *others}, return_when=asyncio.FIRST_COMPLETED)
        stopping.set()
        taming.cancel()
        for task in others:
            task.cancel()
        await asyncio.gather(flusher, *others, return_exceptions=True)
        for task in done:
            task.result()

    async def _restore(self) -> None:
        def read() -> None:
            with self.db.read() as session:
                for element, state in repository.restore(session, self.name).items():
                    self.loop.board.restore(element, state)

        await asyncio.to_thread(read)

    async def _load(self) -> None:
        targets = await asyncio.to_thread(self._targets)
        if await self.loop.apply(targets):
            devices, services = len(targets.devices), len(targets.services)
            _logger.info("watching %s devices and %s services", devices, services)
            await asyncio.to_thread(self._announce, devices)

    def _announce(self, devices: int) -> None:
        where = self.settings.monitors.listen.reachable, devices
        with self.db.write() as session:
            repository.announce(session, self.name, self.loop.board.feed.epoch, where)

    def _targets(self) -> Targets:
        chosen, problems = lines.read(self.settings.data_dir / probing.DIRECTORY)
        for problem in problems:
            _logger.warning("probes: %s", problem)
        with self.db.read() as session:
            return loading.load(session, self.settings.monitors.shard, chosen)

    async def _reload(self) -> None:
        """Load the targets anew when the inventory, a credential or a line of probes changed.

        Reading a whole province costs seconds, so it is not done each minute for nothing.
        """
        loaded_at, own = clock.monotonic(), self.settings.data_dir / probing.DIRECTORY
        written = await asyncio.to_thread(lines.stamp, own)
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            try:
                is_old = clock.monotonic() - loaded_at >= RELOAD_ANYWAY_SECONDS
                now_written = await asyncio.to_thread(lines.stamp, own)
                changed = await asyncio.to_thread(self._consume) or now_written != written
                if changed or is_old:
                    written = now_written
                    await self._load()
                    loaded_at = clock.monotonic()
            except SQLAlchemyError as error:
                _logger.warning("the targets cannot be read, the old ones stay: %s", error)

    def _consume(self) -> int:
        consumer = f"monitors.{self.name}"
        return events.consume(self.db, consumer, RELOAD_TOPICS, _nothing, limit=1000)


def _nothing(session: WriteSession, event: Event) -> None:
    """Take an event that only says: look again."""


def run_monitor(settings: Settings, db: Database, *, transports: Transports | None = None) -> None:
    """Run one monitor until SIGTERM or SIGINT; the caller has migrated `db`.

    Raises:
        OSError: its address or socket cannot be bound.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    asyncio.run(_main(Monitor.build(settings, db, transports)))


async def _main(monitor: Monitor) -> None:
    stopping = asyncio.Event()
    running = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            running.add_signal_handler(number, stopping.set)
    await monitor.run(stopping)
