"""How much of what an actor sees is covered: counted, never typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory import coverage
from inventory.service.reading import READ

if TYPE_CHECKING:
    from datetime import date

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.coverage import Figure

# What a figure counts, behind its number.
TEXTS: Final = {
    "departments_on_wan": "departments on the WAN",
    "other_units_on_wan": "other units with a place on the WAN",
    "communes_on_wan": "communes on the WAN",
    "wan_sites": "sites on the WAN beside the data centre",
    "internet_domestic": "kbit/s of domestic Internet",
    "internet_international": "kbit/s of international Internet",
    "other_units_with_desk": "other units with a place with a one-stop desk",
    "communes_with_desk": "communes with a one-stop desk",
    "desks": "one-stop desks",
    "points": "conference points",
    "points_above_communes": "conference points above communes",
    "points_at_communes": "conference points at communes",
    "points_with_phone": "conference points with a telephone",
    "communes_with_point": "communes with a conference point",
    "certificates": "certificates",
    "certificates_expiring": "certificates expiring within 30 days",
    "certificates_expired": "certificates expired",
}


def coverage_figures(session: AnySession, actor: Actor, on: date) -> tuple[Figure, ...]:
    """Return the figures of coverage for what the actor sees, on a day."""
    return coverage.figures(session, actor.acting(READ), on)


def in_words(figure: Figure) -> str:
    """Return a figure as people say it: "34/34 departments on the WAN"."""
    number = f"{figure.have}" if figure.total is None else f"{figure.have}/{figure.total}"
    return f"{number} {TEXTS[figure.code]}"
