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
        "cancelled": _("cancelled"),
        "busy": _("is busy"),
        "internal": _("an error of hatang's own"),
    }


def meeting_cause(text: str) -> str:
    """Return what keeps a point out, as it was written down, in the current language."""
    if bridge := _BRIDGE.fullmatch(text):
        return f"MCU {bridge['code']}: {_why(bridge['why'])}"
    where, separator, why = text.rpartition(": ")
    if where == "registrar":
        where = _("SIP registrar")
    return f"{where}{separator}{_why(why)}" if separator else text


def _why(text: str) -> str:
    if ports := _PORTS.fullmatch(text):
        return _("%(free)s of %(needed)s ports free") % ports.groupdict()
    known = {
        "not registered": _("not registered"),
        "registered but silent": _("registered but silent"),
        "no SIP address or registrar": _("no SIP address or registrar"),
        "no SIP address": _("no SIP address"),
        "free ports unknown": _("free ports unknown"),
    }
    return known.get(text) or cause(text)
