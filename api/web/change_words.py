"""The words of changes: where one stands, what it is made of, what became of its devices."""

from __future__ import annotations

from api.web.words import Badge
from hatang.i18n import _


def change_state(value: str) -> Badge:
    """Return the badge of where a change set stands."""
    known = {
        "draft": Badge(_("draft"), "pencil", "unknown"),
        "planned": Badge(_("planned"), "list-check", "maintenance"),
        "awaiting_approval": Badge(_("awaiting approval"), "hourglass", "degraded"),
        "approved": Badge(_("approved"), "thumb-up", "maintenance"),
        "scheduled": Badge(_("scheduled"), "calendar", "maintenance"),
        "running": Badge(_("running"), "player-play", "maintenance"),
        "done": Badge(_("done"), "circle-check", "good"),
        "rolled_back": Badge(_("rolled back"), "arrow-back-up", "degraded"),
        "failed": Badge(_("failed"), "circle-x", "bad"),
        "cancelled": Badge(_("cancelled"), "ban", "unknown"),
    }
    return known.get(value, Badge(value, "help-circle", "unknown"))


def target_state(value: str) -> Badge:
    """Return the badge of what became of one device of a change."""
    known = {
        "planned": Badge(_("planned"), "list-check", "maintenance"),
        "unchanged": Badge(_("unchanged"), "circle-check", "good"),
        "applying": Badge(_("being applied"), "player-play", "maintenance"),
        "confirmed": Badge(_("confirmed"), "circle-check", "good"),
        "reverting": Badge(_("being taken back"), "arrow-back-up", "degraded"),
        "reverted": Badge(_("rolled back"), "arrow-back-up", "degraded"),
        "rejected": Badge(_("rejected by the device"), "ban", "bad"),
        "failed": Badge(_("failed"), "circle-x", "bad"),
        "drift": Badge(_("changed by somebody else"), "alert-triangle", "bad"),
        "cancelled": Badge(_("cancelled"), "ban", "unknown"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def change_line(value: str) -> Badge:
    """Return what happened to a change, as its page tells it."""
    known = {
        "submitted": Badge(_("approval asked for"), "send", "unknown"),
        "approved": Badge(_("approved"), "thumb-up", "good"),
        "rejected": Badge(_("rejected"), "ban", "bad"),
        "glass-broken": Badge(_("approved without a second person"), "alert-triangle", "bad"),
        "reviewed": Badge(_("reviewed"), "user-check", "good"),
        "scheduled": Badge(_("scheduled"), "calendar", "maintenance"),
        "started": Badge(_("started"), "player-play", "maintenance"),
        "wave-begun": Badge(_("wave begun"), "player-play", "maintenance"),
        "measured": Badge(_("health measured"), "eye", "unknown"),
        "applying": Badge(_("being applied"), "player-play", "maintenance"),
        "restoring": Badge(_("being taken back"), "arrow-back-up", "degraded"),
        "soaking": Badge(_("soaking"), "hourglass", "maintenance"),
        "healthy": Badge(_("as good as before"), "circle-check", "good"),
        "worse": Badge(_("worse than before"), "circle-x", "bad"),
        "lost": Badge(_("not measured any more"), "help-circle", "unknown"),
        "reverting": Badge(_("taking the wave back"), "arrow-back-up", "degraded"),
        "paused": Badge(_("paused"), "hourglass", "degraded"),
        "resumed": Badge(_("resumed"), "player-play", "maintenance"),
        "retried": Badge(_("tried again"), "repeat", "maintenance"),
        "finished": Badge(_("ended"), "circle-check", "unknown"),
    }
    return known.get(value) or target_state(value)


def change_intent(value: str) -> str:
    """Return what a change is made of."""
    known = {
        "snippet": _("lines"),
        "template": _("template"),
        "intended": _("what is intended"),
        "restore": _("version of the vault"),
        "remediation": _("remediation of a finding"),
        "standard": _("standard change"),
        "rotation": _("another login"),
        "removal": _("removal of old users"),
    }
    return known.get(value, value)
