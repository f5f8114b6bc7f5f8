"""A line that points share, and what a meeting puts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conference.choices import CheckResult


@dataclass(frozen=True, slots=True)
class Line:
    """A line; `up` is from the points to the bridge.

    `usual` is the 95th percentile of that weekday and hour in bit/s, `weeks` of how many weeks it
    is told. None is not known. `name` is told to people. `is_within_site` says that it is a cable
    that leaves no site.
    """

    key: str
    name: str
    up_kbps: int | None = None
    down_kbps: int | None = None
    usual_up_bps: float | None = None
    usual_down_bps: float | None = None
    weeks: int = 0
    is_within_site: bool = False

    def capacity_bps(self, direction: str) -> int | None:
        """Return what the line carries; None when nobody wrote it down."""
        kbps = self.up_kbps if direction == "up" else self.down_kbps
        return None if kbps is None else kbps * 1000

    def usual_bps(self, direction: str) -> float | None:
        """Return what usually runs there at that hour; None when it was not measured."""
        return self.usual_up_bps if direction == "up" else self.usual_down_bps


@dataclass(frozen=True, slots=True)
class Load:
    """What a meeting puts on a line in one direction, and what is free there, in bit/s.

    `points` are the rooms of this meeting that share it; `reserved_bps` is what other meetings
    take at that time.
    """

    line: Line
    direction: str
    points: tuple[str, ...]
    need_bps: int
    reserved_bps: int
    result: CheckResult

    @property
    def free_bps(self) -> float | None:
        """What is left for this meeting; None when the rate or the usual load is not known."""
        capacity, usual = (
            self.line.capacity_bps(self.direction),
            self.line.usual_bps(self.direction),
        )
        return None if capacity is None or usual is None else capacity - usual - self.reserved_bps
