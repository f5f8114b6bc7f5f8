"""The words of schedules: where one stands, what became of a time, when it comes and on what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.web import words
from api.web.words import Badge
from hatang.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WEEK = 7
_LAST_WEEK = 5


def state(value: str) -> Badge:
    """Return the badge of where a schedule stands."""
    known = {
        "proposed": Badge(_("waits for approval"), "clock", "unknown"),
        "standing": Badge(_("standing"), "circle-check", "good"),
        "paused": Badge(_("paused"), "hourglass", "degraded"),
        "ended": Badge(_("ended"), "ban", "unknown"),
    }
    return known.get(value, Badge(value, "help-circle", "unknown"))


def occurrence(value: str) -> Badge:
    """Return the badge of what became of one time that started no run."""
    known = {
        "started": Badge(_("started"), "circle-check", "good"),
        "held": Badge(_("held"), "hourglass", "maintenance"),
        "skipped": Badge(_("skipped"), "ban", "degraded"),
        "missed": Badge(_("missed"), "circle-x", "bad"),
    }
    return known.get(value, Badge(value, "help-circle", "unknown"))


def recurrence(kept: Mapping[str, Any]) -> str:
    """Return when it comes, such as `each Sunday at 02:00`."""
    return _("%(days)s at %(hour)s") % {"days": _days(kept), "hour": kept["begin"]}


def window(kept: Mapping[str, Any]) -> str:
    """Return how long a run may begin each time."""
    minutes = int(kept["minutes"])
    return ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}


def _days(kept: Mapping[str, Any]) -> str:
    names = dict(words.weekdays())
    chosen = ", ".join(names[day] for day in kept["weekdays"])
    if kept["frequency"] == "weekly":
        is_daily = len(kept["weekdays"]) == _WEEK
        return _("each day") if is_daily else _("each week on %(days)s") % {"days": chosen}
    if kept["week"] == _LAST_WEEK:
        return _("on the last %(day)s of the month") % {"day": chosen}
    if kept["week"] is not None:
        told = {"day": chosen, "week": kept["week"]}
        return _("on %(day)s number %(week)s of the month") % told
    if kept["monthday"] == -1:
        return _("on the last day of the month")
    return _("on day %(day)s of the month") % {"day": kept["monthday"]}


def targets(kept: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield by what devices are chosen, and the names of it."""
    titles = {
        "names": _("Devices"),
        "sites": _("Sites"),
        "units": _("Units"),
        "roles": _("Roles"),
        "platforms": _("Platforms"),
    }
    for name, title in titles.items():
        if kept.get(name):
            yield title, ", ".join(kept[name])
