"""Who says what a check found, and how old that is. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conference.choices import Check

if TYPE_CHECKING:
    from conference.readiness import Outcome

MONITORS: Final = "monitors"
SOURCES: Final = {
    Check.BRIDGE_REACHABLE: "bridge",
    Check.BRIDGE_PORTS: "bridge",
    Check.BRIDGE_CAPACITY: "inventory",
    Check.SITE_REACHABLE: MONITORS,
    Check.POWER: MONITORS,
    Check.PATH: "stamp",
    Check.QOS_DSCP: "stamp",
    Check.HEADROOM: "rollups",
    Check.SHARED_HEADROOM: "rollups",
    Check.WORK: "calendar",
    Check.REGISTERED: "registrar",
    Check.ANSWERS: "sip",
    Check.CODEC: "sip",
    Check.PERIPHERALS: "endpoint",
    Check.CERTIFICATE: "tls",
    Check.CLOCK: "http",
}


def sourced(outcome: Outcome, monitored_age_seconds: float | None) -> Outcome:
    """Return the outcome with its source, and the age in seconds of what it rests on.

    What was measured in this run is 0 s old. What the monitors say is as old as their last sign of
    life, None when they never gave one.
    """
    source = SOURCES[outcome.check]
    age = monitored_age_seconds if source == MONITORS else 0.0
    own = {"source": source, "age_seconds": age}
    return replace(outcome, measured=own | dict(outcome.measured))
