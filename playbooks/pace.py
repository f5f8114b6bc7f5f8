"""How many devices are logged in to at once: of one round, and of one AAA server by everybody."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hatang.jobs import turns

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hatang.db import Database
    from hatang.settings import Settings

PATIENCE_SECONDS: Final = 600.0  # for other devices of the same server to be done with


@dataclass(frozen=True, slots=True)
class Pace:
    """`at_once` devices of one round or plan, `per_aaa_server` of one AAA server by everybody.

    Where nobody says otherwise the numbers are those of the settings `jobs.concurrency` and
    `jobs.aaa_server_concurrency` before anybody changed them.
    """

    at_once: int = 8
    per_aaa_server: int = 4

    @classmethod
    def of(cls, settings: Settings) -> Pace:
        """Return what the settings say."""
        return cls(settings.jobs.concurrency, settings.jobs.aaa_server_concurrency)

    def turn(
        self, db: Database, aaa_server: str | None, holder: str = ""
    ) -> AbstractContextManager[None]:
        """Return what holds a turn at the AAA server while a device that asks it is logged in to.

        A device without one needs no turn. `holder` names who goes on after a crash. To enter it
        raises NoTurnError, a DriverError, when none came for ten minutes.
        """
        if aaa_server is None:
            return nullcontext()
        resource = f"aaa/{aaa_server}"
        places = self.per_aaa_server
        return turns.turn(db, resource, places, patience=PATIENCE_SECONDS, holder=holder)


USUAL: Final = Pace()
