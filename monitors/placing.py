"""Where in the period a poll goes, so that each scrape finds exactly one new sample of a device.

Polls and scrapes of the same period that follow close upon each other change places now and then:
one scrape finds the sample of before, the next two polls' growth, and `rate()` shows teeth that
the traffic never had. So a device is polled within the calm stretch after the scrape of its page,
and done before the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# Polls begin in this part of the calm stretch: after the scrape has its page, and early enough for
# a poll that takes a fifth of the stretch to be over before the next scrape.
_FIRST: Final = 0.02
_LAST: Final = 0.80


def place(fraction: float, scrapes: Sequence[float], period: float) -> float | None:
    """Return a moment at which to poll, or None where nobody scrapes.

    Moments and `period` are seconds of one clock; the moment is one of many, a period apart.
    `fraction` (0 to 1) spreads the devices of a page; `scrapes` are the moments at which the page
    was lately scraped, by one or several Prometheus servers.
    """
    if not scrapes:
        return None
    phases = sorted(moment % period for moment in scrapes)
    ends = [*phases[1:], phases[0] + period]
    begin, end = max(zip(phases, ends, strict=True), key=lambda gap: gap[1] - gap[0])
    return begin + (end - begin) * (_FIRST + fraction * (_LAST - _FIRST))


def nearest(moment: float, wanted: float | None, period: float) -> float:
    """Return the moment nearest to `moment` that lies whole periods from `wanted`."""
    if wanted is None:
        return moment
    ahead = (wanted - moment) % period
    return moment + (ahead if ahead <= period / 2 else ahead - period)
