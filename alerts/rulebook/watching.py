"""Users' rules take hold without a restart: what changed is checked, copied, and read anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.rulebook import service
from hatang.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.settings import Settings

_Marks = tuple[tuple[str, int, int], ...]
logger = get_logger(__name__)


class RulesWatch:
    """Looks whether users' files changed; `reload` has Prometheus read its rules, if it can."""

    def __init__(self, settings: Settings, reload: Callable[[], bool]) -> None:
        self._settings = settings
        self._reload = reload
        self._seen: _Marks | None = None
        self._is_due = False

    def look(self) -> None:
        """Check and copy what changed, and have it read; until that worked it is tried again."""
        marks = tuple(_mark(path) for path in service.own_paths(self._settings))
        if marks != self._seen:
            before = service.staged(self._settings)
            for file in service.stage(self._settings, keeps_last=True):
                for problem in file.problems:
                    logger.warning("%s is not loaded as it is: %s", file.file, problem)
            self._is_due |= service.staged(self._settings) != before
            self._seen = marks
        if self._is_due and self._reload():
            self._is_due = False
            logger.info("the rules were read anew")


def _mark(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (path.name, 0, 0)
    return (path.name, found.st_mtime_ns, found.st_size)
