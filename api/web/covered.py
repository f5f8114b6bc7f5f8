"""Coverage on a page: what is counted in words, of how many, and what is missing behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from api.web import formats
from api.web.words import Badge
from hatang.i18n import _
from inventory import service as inventory
from inventory.rows import EVERYTHING
from inventory.service.covering import coverage_figures

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.coverage import Figure


@dataclass(frozen=True, slots=True)
class Missing:
    """One that lacks it: what it is called, and its page."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Covered:
    """A figure in words; `more` are missing beside those named."""

    text: str
    number: str
    badge: Badge | None
    missing: tuple[Missing, ...]
    more: int


def covered(session: AnySession, actor: Actor, on: date) -> list[Covered]:
    """Return the figures of a day that say something: of what there is, and how much of it."""
    figures = [one for one in coverage_figures(session, actor, on) if one.have or one.total]
    named = _names(session, actor) if any(one.missing for one in figures) else {}
    return [_covered(one, named) for one in figures]


def _covered(figure: Figure, named: Mapping[str, Missing]) -> Covered:
    lacking = 0 if figure.total is None else figure.total - figure.have
    have = figure.have / 1000 if figure.code.startswith("internet_") else figure.have
    whole = "" if figure.total is None else f"/{formats.number(figure.total)}"
    missing = tuple(named.get(key, Missing(key, "")) for key in figure.missing)
    return Covered(
        text=_text(figure.code),
        number=formats.number(have) + whole,
        badge=_badge(figure),
        missing=missing,
        more=lacking - len(missing),
    )


def _badge(figure: Figure) -> Badge | None:
    """Return whether all of it is covered; a plain count is neither."""
    if figure.is_complete is None:
        return None
    if figure.is_complete:
        return Badge(_("complete"), "circle-check", "good")
    return Badge(_("incomplete"), "alert-triangle", "degraded")


def _names(session: AnySession, actor: Actor) -> dict[str, Missing]:
    units = inventory.list_units(session, actor, EVERYTHING).items
    rooms = inventory.list_rooms(session, actor, EVERYTHING).items
    return {
        row.code: Missing(row.name, f"/inventory/{section}/{quote(row.code, safe='')}")
        for section, rows in (("rooms", rooms), ("units", units))
        for row in rows
    }


def _text(code: str) -> str:
    known = {
        "departments_on_wan": _("departments on the wide-area network"),
        "other_units_on_wan": _("other units with a site on the wide-area network"),
        "communes_on_wan": _("communes on the wide-area network"),
        "wan_sites": _("sites on the wide-area network beside the data centre"),
        "internet_domestic": _("Mbit/s of domestic Internet"),
        "internet_international": _("Mbit/s of international Internet"),
        "other_units_with_desk": _("other units with a one-stop desk"),
        "communes_with_desk": _("communes with a one-stop desk"),
        "desks": _("one-stop desks"),
        "points": _("conference points"),
        "points_above_communes": _("conference points above communes"),
        "points_at_communes": _("conference points at communes"),
        "points_with_phone": _("conference points with a telephone"),
        "communes_with_point": _("communes with a conference point"),
        "certificates": _("digital certificates"),
        "certificates_expiring": _("digital certificates expiring within 30 days"),
        "certificates_expired": _("digital certificates expired"),
    }
    return known.get(code, code)
