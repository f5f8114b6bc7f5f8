"""The words of meetings: how ready and how well heard a point is, and what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.web import formats
from api.web.words import Badge
from hatang.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping


def readiness(value: str) -> Badge:
    """Return the badge of a point's or meeting's readiness."""
    known = {
        "ready": Badge(_("ready"), "circle-check", "good"),
        "at_risk": Badge(_("at risk"), "alert-triangle", "degraded"),
        "not_ready": Badge(_("not ready"), "circle-x", "bad"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def quality(value: str) -> Badge:
    """Return the badge of how a point is heard."""
    known = {
        "good": Badge(_("good"), "circle-check", "good"),
        "ok": Badge(_("fair"), "circle-check", "good"),
        "bad": Badge(_("poor"), "alert-triangle", "degraded"),
        "terrible": Badge(_("very poor"), "circle-x", "bad"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def check(value: str) -> str:
    """Return what a readiness check looks at."""
    known = {
        "bridge_reachable": _("Bridge answers"),
        "bridge_ports": _("Bridge has free ports"),
        "site_reachable": _("Site is reached"),
        "registered": _("Room is registered"),
        "answers": _("Room answers"),
        "bridge_capacity": _("Bridge suffices at that hour"),
        "path": _("The way is good"),
        "qos_dscp": _("DSCP arrives"),
        "headroom": _("Its own lines suffice"),
        "shared_headroom": _("Lines suffice for all points at once"),
        "work": _("Nobody works on the way"),
        "power": _("Mains power"),
        "codec": _("Codec suits the meeting"),
        "peripherals": _("Camera, microphone and screen"),
        "certificate": _("Certificate holds"),
        "clock": _("Clock is right"),
    }
    return known.get(value, value)


def result(value: str) -> Badge:
    """Return the badge of how a check ended."""
    known = {
        "pass": Badge(_("pass"), "circle-check", "good"),
        "fail": Badge(_("fail"), "circle-x", "bad"),
        "warn": Badge(_("at risk"), "alert-triangle", "degraded"),
        "waived": Badge(_("waived"), "user-check", "degraded"),
        "skip": Badge(_("not looked at"), "minus", "unknown"),
    }
    return known.get(value, Badge(_("unknown"), "help-circle", "unknown"))


def match_method(value: str) -> str:
    """Return how it was told which room somebody is."""
    known = {
        "explicit": _("its code"),
        "sip_uri": _("SIP address"),
        "e164": _("telephone number"),
        "subnet": _("network"),
        "fuzzy": _("a name that reads alike"),
    }
    return known.get(value, "–")


def point_role(value: str) -> str:
    """Return what a room does in a meeting."""
    known = {"chair": _("chair"), "speaker": _("speaker"), "viewer": _("viewer")}
    return known.get(value, value)


def path_figures(measured: Mapping[str, Any]) -> str:
    """Return what was measured of a way and how, never a loss without how many packets were sent.

    Empty where nothing was sent; what the method does not tell is left out.
    """
    count, loss = measured.get("n"), measured.get("loss_ratio")
    if not count or loss is None:
        return ""
    told = {"loss": formats.percent(loss), "n": formats.number(count)}
    ways = (measured.get("jitter_forward_seconds"), measured.get("jitter_backward_seconds"))
    jitter = max((value for value in ways if value is not None), default=None)
    rtt = measured.get("rtt_seconds")
    parts = [
        _path_method(str(measured.get("method", ""))),
        _("loss %(loss)s of %(n)s packets") % told,
        "" if jitter is None else _("jitter %(ms)s ms") % {"ms": _milliseconds(jitter)},
        "" if rtt is None else _("round trip %(ms)s ms") % {"ms": _milliseconds(rtt)},
    ]
    return ", ".join(part for part in parts if part)


def _path_method(value: str) -> str:
    known = {"stamp": "STAMP", "ipsla": "IP SLA", "nqa": "NQA", "icmp": _("echoes (ICMP)")}
    return known.get(value, value)


def _milliseconds(seconds: float) -> str:
    return formats.number(round(seconds * 1000, 1))
