"""The monitor's edge to the database: transitions in batches, each batch one transaction."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from hatang import clock, log
from monitors import facts, own_metrics, repository
from monitors.facts import FactBook
from monitors.loading import ACTOR

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.db import Database
    from monitors.elements import Element
    from monitors.facts import Facts
    from monitors.feed import Numbered
    from monitors.loop import Loop

EVERY_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 10.0
BATCH: Final = 1000
FACTS: Final = 200

_logger = log.get_logger(__name__)


class Flusher:
    """Writes down what the loop found out; what could not be written is kept and tried again."""

    def __init__(self, db: Database, loop: Loop, monitor: str) -> None:
        self._db = db
        self._loop = loop
        self._monitor = monitor
        self._beaten_at = float("-inf")
        self._facts = FactBook()

    async def serve(self, stopping: asyncio.Event) -> None:
        """Flush every second until `stopping`, and once more then.

        It is told rather than cancelled: a cancelled flush would forget what it had taken.
        """
        while not stopping.is_set():
            await self.flush()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), EVERY_SECONDS)
        await self.flush()

    async def flush(self) -> bool:
        """Write what is waiting; return whether everything is written."""
        feed = self._loop.board.feed
        waiting = feed.take()
        gone, self._loop.gone = self._loop.gone, set()
        is_beat_due = clock.monotonic() - self._beaten_at >= BEAT_SECONDS
        if not waiting and not gone and not is_beat_due:
            return True
        done = 0
        try:
            for start in range(0, max(1, len(waiting)), BATCH):
                batch = waiting[start : start + BATCH]
                await asyncio.to_thread(self._write, feed.epoch, batch, gone)
                done, gone = start + len(batch), set()
        except SQLAlchemyError as error:
            _logger.warning("transitions cannot be written, they are kept: %s", error)
            feed.give_back(waiting[done:])
            self._loop.gone |= gone
            own_metrics.UNWRITTEN.set(1)
            return False
        own_metrics.UNWRITTEN.set(0)
        if is_beat_due:
            self._beaten_at = clock.monotonic()
            await self._tell_facts()
        for numbered in waiting:
            own_metrics.TRANSITIONS.labels(numbered.transition.to_state).inc()
        return True

    async def _tell_facts(self) -> None:
        news = self._facts.news(self._loop.samples(), FACTS)
        if not news:
            return
        try:
            await asyncio.to_thread(self._record, news)
        except SQLAlchemyError as error:
            _logger.warning("facts cannot be written, they are told again later: %s", error)
        else:
            self._facts.told(news)

    def _record(self, news: dict[str, Facts]) -> None:
        with self._db.write() as session:
            for key, found in news.items():
                facts.record(session, ACTOR, key, found)

    def _write(self, epoch: str, batch: list[Numbered], gone: Collection[Element]) -> None:
        with self._db.write() as session:
            repository.write(session, self._monitor, epoch, batch, gone)
