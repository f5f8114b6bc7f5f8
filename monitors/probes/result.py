"""What a probe is given and what it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from monitors.choices import Cause

if TYPE_CHECKING:
    from hatang.drivers.protocols import Pinger, SipProber, SnmpReader
    from monitors.probes.aim import Aim

EXPIRES_SOON: Final = timedelta(days=14)
"""A certificate with less than this left is degraded: two weeks to get a new one signed."""


@dataclass(frozen=True, slots=True)
class Means:
    """The transports a probe may use; a reader of SNMP is made for each aim.

    `authorities` are certificate authorities (PEM) trusted beside the system's.
    """

    pinger: Pinger
    sip: SipProber
    snmp: Callable[[Aim], SnmpReader | None] = lambda _: None
    authorities: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A service that answered; `cause` other than ANSWERED says what is not right with it.

    `values` are further series by metric name, `detail` goes into evidence.
    """

    cause: Cause = Cause.ANSWERED
    values: dict[str, float] = field(default_factory=dict)
    detail: str = ""


Probe: TypeAlias = Callable[["Aim", Means], Awaitable[Answer]]
