"""What stands over single changes, in the words, icons and colours of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.web.words import Badge
from hatang.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping


def approval_state(value: str) -> Badge:
    """Return the badge of where a request for approval stands."""
    known = {
        "pending": Badge(_("waits for approval"), "clock", "unknown"),
        "approved": Badge(_("in force"), "circle-check", "good"),
        "rejected": Badge(_("rejected"), "circle-x", "bad"),
        "voided": Badge(_("ended"), "ban", "unknown"),
        "withdrawn": Badge(_("withdrawn"), "ban", "unknown"),
        "expired": Badge(_("expired"), "clock", "degraded"),
    }
    return known.get(value, Badge(value, "help-circle", "unknown"))


def freeze_state(has_begun: bool) -> Badge:  # noqa: FBT001 RUF100 - a template's own word
    """Return the badge of a freeze that holds, or comes."""
    if has_begun:
        return Badge(_("frozen"), "lock", "maintenance")
    return Badge(_("comes"), "clock", "unknown")


def range(rule: Mapping[str, Any]) -> str:
    """Return what a parameter of a standard change may be."""
    match rule["type"]:
        case "integer":
            return _("between %(low)s and %(high)s") % {"low": rule["min"], "high": rule["max"]}
        case "choice":
            return _("one of %(words)s") % {"words": ", ".join(map(str, rule["choices"]))}
        case "address":
            return _("an address within %(prefix)s") % {"prefix": rule["within"]}
        case _:
            return _("a text like %(pattern)s") % {"pattern": rule["pattern"]}
