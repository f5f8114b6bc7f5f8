"""Why an element is in its state, in words; the closed set of monitors.choices.Cause."""

from __future__ import annotations

import re
from typing import Final

from hatang.i18n import _

_BRIDGE: Final = re.compile(r"bridge (?P<code>[^:]+): (?P<why>.+)")
_PORTS: Final = re.compile(r"(?P<free>\d+) of (?P<needed>\d+) ports free")


def cause(value: str) -> str:
    """Return a cause as people say it."""
    return (_reached() | _probed() | _parts() | _general()).get(value, value)


def _reached() -> dict[str, str]:
    return {
        "answered": _("answers"),
        "snmp_silent": _("answers ping, not SNMP"),
        "snmp_auth_failed": _("refuses the SNMP credential"),
        "snmp_faulty": _("answers SNMP wrongly"),
        "timeout": _("does not answer in time"),
        "refused": _("refuses the connection"),
        "unreachable": _("cannot be reached"),
        "auth_failed": _("refuses the credential"),
        "host_key_mismatch": _("shows another host key"),
        "certificate_invalid": _("certificate is not valid"),
        "certificate_expiring": _("certificate expires soon"),
        "protocol_error": _("answers wrongly"),
        "rejected": _("rejects the request"),
    }


def _probed() -> dict[str, str]:
    return {
        "path_poor": _("loses packets, is slow or unsteady"),
        "content_missing": _("does not show what it should"),
        "wrong_answer": _("gives another answer than expected"),
        "certificate_revoked": _("certificate is revoked"),
        "list_outdated": _("revocation list is out of date"),
        "no_encryption": _("offers no encryption"),
        "clock_off": _("clock is wrong"),
        "not_synchronised": _("clock is not synchronised"),
        "not_signed": _("zone is not signed"),
        "signature_invalid": _("signature is not valid"),
        "signature_expiring": _("signature expires soon"),
        "servers_disagree": _("name servers disagree"),
        "host_key_unknown": _("host key is not enrolled"),
        "not_registered": _("not registered"),
        "too_old": _("last sign of it is too old"),
        "step_failed": _("a step of the sign-in fails"),
        "domestic_cut": _("domestic targets cannot be reached"),
        "international_cut": _("international targets cannot be reached"),
    }


def _parts() -> dict[str, str]:
    return {
        "oper_up": _("up"),
        "oper_down": _("down"),
        "admin_down": _("shut down on purpose"),
        "lower_layer_down": _("lower layer down"),
        "dormant": _("dormant"),
        "testing": _("in a test"),
        "not_present": _("not present"),
        "not_in_use": _("not in use"),
        "on_mains": _("on mains"),
        "on_battery": _("on battery"),
        "on_bypass": _("on bypass"),
        "correcting": _("correcting the voltage"),
        "output_off": _("output off"),
        "battery_low": _("battery low"),
        "established": _("established"),
        "adjacent": _("adjacent"),
        "forming": _("forming"),
        "session_down": _("session down"),
        "neighbour_lost": _("neighbour lost"),
    }


def _general() -> dict[str, str]:
    return {
        "flapping": _("flapping"),
        "never_measured": _("never measured"),
        "stale": _("data is stale"),
        "device_silent": _("its device does not answer"),
        "not_reported": _("no longer reported"),
        "probe_fault": _("the probe failed"),
        # The rest of hatang.errors.Reason.
        "not_supported": _("does not support this"),
        "legacy_only": _("speaks SSH with SHA-1 only; a waiver of MGT-03 would allow it"),
        "cancelled": _("cancelled"),
        "busy": _("is busy"),
        "internal": _("an error of hatang's own"),
    }


def meeting_cause(text: str) -> str:
    """Return what keeps a point out, as it was written down, in the current language."""
    if bridge := _BRIDGE.fullmatch(text):
        return f"MCU {bridge['code']}: {_why(bridge['why'])}"
    for begin, told in (("announced work: ", _("announced work")),
                        ("change under way: ", _("change under way"))):  # fmt: skip
        if text.startswith(begin):
            return f"{told}: {text.removeprefix(begin)}"
    where, separator, why = text.rpartition(": ")
    if not separator:
        return _why(text)
    for begin, told in (("line ", _("line")), ("uplink ", _("uplink"))):
        if where.startswith(begin):
            where = f"{told} {where.removeprefix(begin)}"
    if where == "registrar":
        where = _("SIP registrar")
    return f"{where}{separator}{_why(why)}"


def _why(text: str) -> str:
    if ports := _PORTS.fullmatch(text):
        return _("%(free)s of %(needed)s ports free") % ports.groupdict()
    for pattern, told in _with_figures():
        if found := re.fullmatch(pattern, text):
            return told % found.groupdict()
    known = {
        "announced work": _("announced work"),
        "change under way": _("change under way"),
        "nobody answers": _("nobody answers"),
        "nobody is registered": _("nobody is registered"),
        "the way is poor": _("the way is poor"),
        "DSCP remarked": _("DSCP remarked"),
        "jitter": _("jitter"),
        "round trip": _("round trip"),
        "as measured in full before": _("as measured in full before"),
        "nothing comes back from the reflector": _("nothing comes back from the reflector"),
        "its usual load is not known": _("its usual load is not known"),
        "no reflector": _("no reflector"),
        "no rated line": _("no line with a known rate"),
        "a meeting runs over its lines": _("a meeting runs over its lines"),
        "what is free now says nothing of then": _("what is free now says nothing of then"),
        "not registered": _("not registered"),
        "registered but silent": _("registered but silent"),
        "no SIP address or registrar": _("no SIP address or registrar"),
        "no SIP address": _("no SIP address"),
        "free ports unknown": _("free ports unknown"),
    }
    return known.get(text) or _endpoint(text) or cause(text)


def _endpoint(text: str) -> str | None:
    """Return what keeps a point's own devices from being good."""
    return {
        "no reflector, and no echo comes back": _("no reflector, and no echo comes back"),
        "its test tells no jitter": _("its test tells no jitter"),
        "its test has not run lately": _("its test has not run lately"),
        "no such device": _("no such device"),
        "no UPS is measured there": _("no UPS is measured there"),
        "no endpoint that can be asked": _("no endpoint that can be asked"),
        "tells no faults of its own": _("tells no faults of its own"),
        "is asked over SNMP, without a certificate": _("is asked over SNMP, without a certificate"),
        "is asked in clear text": _("is asked in clear text"),
        "its certificate is not known": _("its certificate is not known"),
        "certificate expires before the meeting is over": _(
            "certificate expires before the meeting is over"
        ),
        "tells no time": _("tells no time"),
        "its answer describes no media": _("its answer describes no media"),
        "offers no video": _("offers no video"),
        "offers no video codec that bridges share": _("offers no video codec that bridges share"),
    }.get(text)


def _with_figures() -> tuple[tuple[str, str], ...]:
    """Return what conference writes down with figures in it, and how it is said."""
    return (
        (
            r"(?P<free>\d+) of (?P<needed>\d+) ports free at that hour",
            _("%(free)s of %(needed)s ports free at that hour"),
        ),
        (
            r"(?P<need>[\d.]+ Mbit/s) needed for (?P<points>\d+) points, (?P<free>.+) free",
            _("%(need)s needed for %(points)s points, %(free)s free"),
        ),
        (r"(?P<need>[\d.]+ Mbit/s) needed, (?P<free>.+) free", _("%(need)s needed, %(free)s free")),
        (r"loss (?P<loss>[\d.]+%) of (?P<n>\d+)", _("loss %(loss)s of %(n)s packets")),
        (r"nothing for (?P<gap>\d+) s", _("nothing for %(gap)s s")),
        (r"clock is (?P<off>\d+) s off", _("clock is %(off)s s off")),
        (
            r"takes (?P<most>\d+) of (?P<call>\d+) kbit/s",
            _("takes %(most)s of %(call)s kbit/s"),
        ),
        (
            r"(?P<n>\d+) packets are too few to tell the loss",
            _("%(n)s packets are too few to tell the loss"),
        ),
    )
