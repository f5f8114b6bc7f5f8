"""Words of drift: states, why one is unknown, how a drift ended."""

from __future__ import annotations

import re
from typing import Final

from api.web.problems import Said, tell
from api.web.words import Badge
from hatang.i18n import _
from playbooks.choices import DriftEnd, DriftReason, DriftState

_LINE: Final = re.compile(r"line (\d+): ")


def state(value: str) -> Badge:
    """Return the badge of how a device stands to what is intended."""
    known = {
        DriftState.DRIFTED: Badge(_("drifted"), "alert-triangle", "bad"),
        DriftState.IN_LINE: Badge(_("in line"), "circle-check", "good"),
    }
    return known.get(DriftState(value), Badge(_("unknown"), "help-circle", "unknown"))


def reason(value: str) -> str:
    """Return why a device could not be compared; empty when it was."""
    known = {
        DriftReason.NO_BACKUP: _("the vault holds no configuration of it"),
        DriftReason.TOO_OLD: _("its newest configuration is too old"),
        DriftReason.UNREADABLE: _("what is to be compared cannot be read"),
        DriftReason.TEMPLATE_ERROR: _("the template fails with its data"),
        DriftReason.NO_CERTAIN_WAY: _("no certain comparison is known for it"),
        DriftReason.TOO_SLOW: _("comparing it takes too long"),
        DriftReason.FAILED: _("comparing it failed"),
    }
    return known[DriftReason(value)] if value else ""


def place(detail: str) -> str:
    """Return which line of a template the detail of a standing names; empty when it names none."""
    found = _LINE.match(detail)
    return _("line %(line)s") % {"line": found[1]} if found else ""


def said(detail: str) -> Said:
    """Return what is wrong in that line."""
    return tell(_LINE.sub("", detail, count=1))


def ending(value: str) -> str:
    """Return how a drift ended."""
    known = {
        DriftEnd.IN_LINE: _("seen in line again"),
        DriftEnd.NOT_INTENDED: _("nothing is intended for it any more"),
    }
    return known[DriftEnd(value)]


def group(value: str) -> str:
    """Return the word for what devices are added up by."""
    return {"unit": _("Unit"), "site": _("Site"), "intended": _("Intended configuration")}[value]


def chosen(field: str) -> str:
    """Return the word for a field that devices are chosen by."""
    known = {
        "names": _("Names"),
        "sites": _("Sites"),
        "units": _("Units, with all below them"),
        "roles": _("Roles"),
        "platforms": _("Platforms"),
    }
    return known[field]
