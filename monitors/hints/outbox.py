"""Hands hints to the monitor and keeps them for people: merged, bounded, never in the way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert
from sqlalchemy.exc import SQLAlchemyError

from hatang import clock, log
from hatang.errors import HatangError, NotFoundError
from monitors.choices import ElementKind
from monitors.elements import Element
from monitors.hints import counters
from monitors.models import HintRow

if TYPE_CHECKING:
    from datetime import datetime

    from hatang.db import Database
    from monitors.client import MonitorClient
    from monitors.hints.catalogue import Hint
    from monitors.hints.senders import Sender

_logger = log.get_logger(__name__)

MOST_WAITING: Final = 2_000
WRITE_SECONDS: Final = 2.0
MERGE_SECONDS: Final = 10.0
"""The same said again within this time is one row with a count."""


@dataclass(slots=True)
class _Kept:
    sender: Sender
    hint: Hint
    at: datetime
    last_at: datetime
    since: float
    element: Element
    count: int = 1
    is_told: bool = False
    is_verified: bool = False

    def row(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "last_at": self.last_at,
            "owner": self.sender.key,
            "element": self.element.key,
            "scope_id": self.sender.scope_id,
            "kind": self.hint.kind,
            "source": self.hint.source,
            "rule": self.hint.rule,
            "detail": self.hint.detail,
            "count": self.count,
            "is_verified": self.is_verified,
        }


@dataclass(slots=True)
class Outbox:
    """Hints on their way to `monitor` and into `db`."""

    db: Database
    monitor: MonitorClient
    merge_seconds: float = MERGE_SECONDS
    write_seconds: float = WRITE_SECONDS
    _kept: dict[tuple[str, str, str], _Kept] = field(default_factory=dict)
    _untold: dict[tuple[str, str, str], _Kept] = field(default_factory=dict)
    _some: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, sender: Sender, hint: Hint) -> None:
        """Take a hint; the same said again is counted, and told again once it was told."""
        key = (sender.key, hint.rule, hint.part)
        now = clock.now()
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= MOST_WAITING:
                counters.HINTS.labels("lost").inc()
                return
            device = Element(ElementKind.DEVICE, sender.key)
            kept = _Kept(sender, hint, now, now, clock.monotonic(), device)
            self._kept[key] = kept
        else:
            kept.count += 1
            kept.last_at = now
        self._untold[key] = kept
        self._some.set()

    async def serve(self, stopping: asyncio.Event) -> None:
        """Tell and write until `stopping`, then write what is left."""
        telling = asyncio.create_task(self._tell_all(), name="tell")
        try:
            while not stopping.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), self.write_seconds)
                await self._write(is_last=stopping.is_set())
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _tell_all(self) -> None:
        while True:
            if not self._untold:
                self._some.clear()
                await self._some.wait()
            key = next(iter(self._untold))
            await self._tell(self._untold.pop(key))

    async def _tell(self, kept: _Kept) -> None:
        hint = kept.hint
        outcome = "kept"
        if hint.verifies:
            try:
                kept.element = await self.monitor.hint(hint.element, kept.sender.key, hint.part)
                kept.is_verified, outcome = True, "handed_on"
            except NotFoundError:
                outcome = "unwatched"
            except HatangError as error:
                outcome = "unheard"
                _logger.debug("no monitor took a hint about %s: %s", kept.sender.key, error)
        kept.is_told = True
        counters.HINTS.labels(outcome).inc()

    async def _write(self, *, is_last: bool = False) -> None:
        old = clock.monotonic() - self.merge_seconds
        due = {
            key: kept
            for key, kept in self._kept.items()
            if is_last or (kept.is_told and kept.since <= old)
        }
        if not due:
            return
        for key in due:
            del self._kept[key]
        try:
            await asyncio.to_thread(self._insert, [kept.row() for kept in due.values()])
        except SQLAlchemyError as error:
            counters.HINTS.labels("lost").inc(len(due))
            _logger.warning("%s hints cannot be written: %s", len(due), error)

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        with self.db.write() as session:
            session.execute(insert(HintRow), rows)
