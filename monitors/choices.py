"""The closed sets of the monitors: states, why a state holds, and what kinds of thing have one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class State(StrEnum):
    """What is known about an element now; `unknown` is an answer of its own, never good."""

    GOOD = "good"
    DEGRADED = "degraded"
    BAD = "bad"
    UNKNOWN = "unknown"


class ElementKind(StrEnum):
    """Kinds of thing that hold a state."""

    DEVICE = "device"
    INTERFACE = "interface"
    UPS = "ups"
    BGP = "bgp"
    OSPF = "ospf"
    SERVICE = "service"


class Cause(StrEnum):
    """Why an element is in its state; closed, because it labels metrics and drives rules."""

    # Reachability and services. The failures keep the names of hatang.errors.Reason.
    ANSWERED = "answered"
    SNMP_SILENT = "snmp_silent"
    SNMP_AUTH_FAILED = "snmp_auth_failed"
    SNMP_FAULTY = "snmp_faulty"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    AUTH_FAILED = "auth_failed"
    HOST_KEY_MISMATCH = "host_key_mismatch"
    CERTIFICATE_INVALID = "certificate_invalid"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    PROTOCOL_ERROR = "protocol_error"
    REJECTED = "rejected"
    # What a probe found in an answer.
    PATH_POOR = "path_poor"
    CONTENT_MISSING = "content_missing"
    WRONG_ANSWER = "wrong_answer"
    CERTIFICATE_REVOKED = "certificate_revoked"
    LIST_OUTDATED = "list_outdated"
    NO_ENCRYPTION = "no_encryption"
    CLOCK_OFF = "clock_off"
    NOT_SYNCHRONISED = "not_synchronised"
    NOT_SIGNED = "not_signed"
    SIGNATURE_INVALID = "signature_invalid"
    SIGNATURE_EXPIRING = "signature_expiring"
    SERVERS_DISAGREE = "servers_disagree"
    HOST_KEY_UNKNOWN = "host_key_unknown"
    NOT_REGISTERED = "not_registered"
    TOO_OLD = "too_old"
    STEP_FAILED = "step_failed"
    DOMESTIC_CUT = "domestic_cut"
    INTERNATIONAL_CUT = "international_cut"
    # IF-MIB ifOperStatus and ifAdminStatus.
    OPER_UP = "oper_up"
    OPER_DOWN = "oper_down"
    ADMIN_DOWN = "admin_down"
    LOWER_LAYER_DOWN = "lower_layer_down"
    DORMANT = "dormant"
    TESTING = "testing"
    NOT_PRESENT = "not_present"
    NOT_IN_USE = "not_in_use"
    # UPS-MIB upsOutputSource and upsBatteryStatus.
    ON_MAINS = "on_mains"
    ON_BATTERY = "on_battery"
    ON_BYPASS = "on_bypass"
    CORRECTING = "correcting"
    OUTPUT_OFF = "output_off"
    BATTERY_LOW = "battery_low"
    # BGP4-MIB bgpPeerState and OSPF-MIB ospfNbrState.
    ESTABLISHED = "established"
    ADJACENT = "adjacent"
    FORMING = "forming"
    SESSION_DOWN = "session_down"
    NEIGHBOUR_LOST = "neighbour_lost"
    # Any element.
    FLAPPING = "flapping"
    NEVER_MEASURED = "never_measured"
    STALE = "stale"
    DEVICE_SILENT = "device_silent"
    NOT_REPORTED = "not_reported"
    PROBE_FAULT = "probe_fault"


BROKEN: Final = frozenset(
    {
        Cause.CONTENT_MISSING,
        Cause.WRONG_ANSWER,
        Cause.CERTIFICATE_REVOKED,
        Cause.LIST_OUTDATED,
        Cause.NOT_SYNCHRONISED,
        Cause.SIGNATURE_INVALID,
        Cause.NOT_REGISTERED,
        Cause.TOO_OLD,
        Cause.STEP_FAILED,
        Cause.DOMESTIC_CUT,
        Cause.INTERNATIONAL_CUT,
    }
)
"""Causes of an answer that is none: the service spoke, and does not do what it is for."""

SEVERITY: Final = (State.GOOD, State.UNKNOWN, State.DEGRADED, State.BAD)
"""From best to worst when several are rolled up: one unknown keeps a roll-up from being good,
and never hides a fault that was measured."""


def worst(states: Iterable[State]) -> State:
    """Return the state of a group; a group of nothing is unknown, for nothing was measured."""
    return max(states, key=SEVERITY.index, default=State.UNKNOWN)
