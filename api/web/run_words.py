"""The words of playbook runs: where one stands, and what became of each of its devices."""

from __future__ import annotations

from api.web.change_words import change_state
from api.web.words import Badge
from hatang.i18n import _


def run_state(value: str) -> Badge:
    """Return the badge of where a playbook run stands."""
    known = {
        "pending": Badge(_("waiting for the worker"), "hourglass", "maintenance"),
        "successful": Badge(_("successful"), "circle-check", "good"),
    }
    return known.get(value) or change_state(value)


def host_outcome(value: str) -> Badge:
    """Return the badge of what became of one device of a run."""
    known = {
        "done": Badge(_("done"), "circle-check", "good"),
        "failed": Badge(_("failed"), "circle-x", "bad"),
        "unreachable": Badge(_("not reached"), "circle-x", "bad"),
        "unfinished": Badge(_("not begun"), "hourglass", "unknown"),
        "unknown": Badge(_("unknown"), "help-circle", "unknown"),
    }
    return known.get(value, Badge(value, "help-circle", "unknown"))
