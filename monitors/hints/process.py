"""The receiver process: takes traps and log lines, so that a flood of them makes no poll late."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from hatang import clock, events, log, secrets
from hatang.drivers.datagrams import udp_socket, unix_socket
from hatang.drivers.target import SnmpCommunity, SnmpUser
from hatang.errors import HatangError
from inventory import service as inventory
from inventory.rows import EVERYTHING
from monitors.client import MonitorClient
from monitors.exposition import Exposition
from monitors.hints import syslog
from monitors.hints.catalogue import Catalogue
from monitors.hints.intakes import LineDoor, TrapDoor
from monitors.hints.outbox import Outbox
from monitors.hints.senders import Sender
from monitors.http import MetricsServer
from monitors.loading import ACTOR, levels
from monitors.process import RELOAD_ANYWAY_SECONDS, RELOAD_SECONDS, RELOAD_TOPICS

if TYPE_CHECKING:
    from hatang.db import AnySession, Database, WriteSession
    from hatang.events import Event
    from hatang.settings import Settings

SWEEP_SECONDS: Final = 300.0
CONSUMER: Final = "monitors.receiver"
_logger = log.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the receiver believes."""

    senders: dict[str, Sender]
    users: tuple[SnmpUser, ...]
    communities: tuple[str, ...]
    levels: dict[str, int]


def known(session: AnySession) -> Known:
    """Return every device with an address, and the SNMP logins that somebody stored."""
    rows = inventory.list_devices(session, ACTOR, EVERYTHING).items
    senders = {
        row.primary_ip4: Sender(row.device_key, row.scope_id) for row in rows if row.primary_ip4
    }
    users: dict[str, SnmpUser] = {}
    communities: set[str] = set()
    for summary in secrets.list_all(session):
        try:
            if summary.kind == "snmpv2c":
                found = SnmpCommunity.of(secrets.get(session, summary.name), summary.name)
                communities.add(found.community)
            elif summary.kind == "snmpv3":
                user = SnmpUser.of(secrets.get(session, summary.name))
                users.setdefault(user.username, user)
        except (HatangError, ValueError) as error:
            _logger.warning("credential %s cannot be used for traps: %s", summary.name, error)
    above = levels(session)
    by_address = {row.primary_ip4: above.get(row.name, 0) for row in rows if row.primary_ip4}
    return Known(senders, tuple(users.values()), tuple(sorted(communities)), by_address)


class Receiver:
    """Takes what devices say unasked and hands it on."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings = settings
        self._db = db
        self._known: Known | None = None
        self._outbox = Outbox(db, MonitorClient(settings.monitors_socket))
        self._traps: TrapDoor | None = None
        self._lines: LineDoor | None = None
        self.is_ready = False

    @property
    def trap_port(self) -> int:
        """Return the UDP port on which traps are taken, 0 when none are."""
        return self._traps.port if self._traps is not None else 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping`; raises SettingsError when an address cannot be bound."""
        own, catalogue = self._settings.receiver, Catalogue()
        listen = own.traps
        lines = unix_socket(self._settings.lines_socket)
        self._lines = LineDoor(lines, own, catalogue, self._outbox.put)
        if listen.port:
            sock = udp_socket(listen.host, listen.port, "receiver.traps")
            self._traps = TrapDoor(sock, own, catalogue, self._outbox.put)
        await self._load()
        token = self._settings.monitors.token.get_secret_value()
        page = await MetricsServer(Exposition(), token).start(own.listen.host, own.listen.port)
        try:
            self.is_ready = True
            await self._serve(stopping)
        finally:
            page.close()
            self._settings.lines_socket.unlink(missing_ok=True)

    async def _serve(self, stopping: asyncio.Event) -> None:
        keeping = asyncio.create_task(self._outbox.serve(stopping), name="outbox")
        others = [
            asyncio.create_task(door.serve(), name=name)
            for name, door in (("traps", self._traps), ("lines", self._lines))
            if door is not None
        ]
        others.append(asyncio.create_task(self._reload(), name="reload"))
        if self._settings.syslog.is_wanted:
            others.append(asyncio.create_task(self._sweep(), name="sweep"))
        done, _ = await asyncio.wait({keeping, *others}, return_when=asyncio.FIRST_COMPLETED)
        stopping.set()
        for task in others:
            task.cancel()
        await asyncio.gather(keeping, *others, return_exceptions=True)
        for task in done:
            task.result()

    async def _load(self) -> None:
        found = await asyncio.to_thread(self._read)
        before, self._known = self._known, found
        for door in (self._traps, self._lines):
            if door is not None:
                door.gate.know(found.senders)
        logins = found.users, found.communities
        if self._traps is not None and (
            before is None or logins != (before.users, before.communities)
        ):
            self._traps.know(*logins)
            _logger.info("taking traps of %s devices", len(found.senders))

    def _read(self) -> Known:
        with self._db.read() as session:
            return known(session)

    async def _reload(self) -> None:
        loaded_at = clock.monotonic()
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            try:
                is_old = clock.monotonic() - loaded_at >= RELOAD_ANYWAY_SECONDS
                if await asyncio.to_thread(self._consume) or is_old:
                    await self._load()
                    loaded_at = clock.monotonic()
            except SQLAlchemyError as error:
                _logger.warning("the inventory cannot be read, the old one stays: %s", error)

    async def _sweep(self) -> None:
        while True:
            try:
                known_levels = self._known.levels if self._known is not None else {}
                gone = await asyncio.to_thread(syslog.sweep, self._settings, known_levels)
                for day in gone:
                    _logger.info("log lines of %s were kept long enough and are gone", day)
            except OSError as error:
                _logger.warning("log lines that are too old cannot be removed: %s", error)
            await asyncio.sleep(SWEEP_SECONDS)

    def _consume(self) -> int:
        return events.consume(self._db, CONSUMER, RELOAD_TOPICS, _nothing, limit=1000)


def _nothing(session: WriteSession, event: Event) -> None:
    """Take an event that only says: look again."""


def run_receiver(settings: Settings, db: Database) -> None:
    """Run the receiver until SIGTERM or SIGINT.

    Raises:
        OSError, SettingsError: an address or socket cannot be bound.
    """
    asyncio.run(_main(Receiver(settings, db)))


async def _main(receiver: Receiver) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await receiver.run(stopping)
