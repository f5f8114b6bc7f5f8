"""The words and badges of what waits for a decision: deviations and reorganisations."""

from __future__ import annotations

from api.web.words import Badge
from hatang.i18n import _


def deviation_kind(value: str) -> str:
    """Return what differs, as a word."""
    known = {
        "field": _("field differs"),
        "unwritten": _("not written down"),
        "new_device": _("new device"),
        "vanished_device": _("device not found any more"),
        "new_port": _("new port"),
        "new_address": _("new address"),
        "gone_port": _("port not found any more"),
        "gone_address": _("address not found any more"),
        "new_vlan": _("new VLAN"),
        "new_cable": _("new cable"),
        "gone_cable": _("cable not found any more"),
        "moved_cable": _("cable plugged elsewhere"),
        "host_key": _("host key differs"),
    }
    return known.get(value, value)


def deviation_state(value: str) -> Badge:
    """Return the badge of what became of a deviation."""
    known = {
        "open": Badge(_("open"), "inbox", "degraded"),
        "accepted": Badge(_("accepted"), "check", "good"),
        "fixing": Badge(_("being fixed"), "tool", "maintenance"),
        "ignored": Badge(_("ignored for now"), "hourglass", "unknown"),
        "resolved": Badge(_("gone by itself"), "circle-check", "good"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def verdict(value: str) -> Badge:
    """Return the badge of how a field's observation stands to what is intended."""
    known = {
        "same": Badge(_("as intended"), "check", "good"),
        "differs": Badge(_("differs"), "alert-triangle", "bad"),
        "unwritten": Badge(_("not written down"), "pencil", "degraded"),
        "untold": Badge(_("not told"), "help-circle", "unknown"),
        "unobserved": Badge(_("not observed"), "help-circle", "unknown"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def certainty(value: str) -> str:
    """Return how sure a deviation is."""
    known = {"certain": _("certain"), "likely": _("likely"), "possible": _("possible")}
    return known.get(value, value)


def reorganisation(state: str, approval: str) -> Badge:
    """Return the badge of where a reorganisation stands; `approval` counts until it is applied."""
    if state == "applied":
        return Badge(_("applied"), "circle-check", "good")
    if state == "withdrawn":
        return Badge(_("withdrawn"), "ban", "unknown")
    known = {
        "pending": Badge(_("awaiting approval"), "hourglass", "degraded"),
        "approved": Badge(_("approved"), "thumb-up", "maintenance"),
        "rejected": Badge(_("rejected"), "circle-x", "bad"),
        "expired": Badge(_("approval expired"), "clock", "bad"),
        "voided": Badge(_("approval no longer counts"), "ban", "bad"),
        "withdrawn": Badge(_("withdrawn"), "ban", "unknown"),
    }
    return known.get(approval, Badge(_("unknown"), "help-circle", "unknown"))


def unit_change(does: str) -> Badge:
    """Return the badge of what is done to a unit."""
    known = {
        "create": Badge(_("begins"), "plus", "good"),
        "dissolve": Badge(_("ends"), "x", "bad"),
        "change": Badge(_("changes"), "pencil", "degraded"),
    }
    return known.get(does, Badge(_("stays"), "minus", "unknown"))
