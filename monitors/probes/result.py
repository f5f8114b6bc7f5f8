"""What a probe is given and what it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict

from hatang.drivers.hostkeys import FixedHostKeys
from hatang.errors import NotFoundError
from monitors.choices import Cause

if TYPE_CHECKING:
    from hatang.drivers.protocols import HostKeys, Pinger, SipProber, SnmpReader
    from hatang.drivers.target import SnmpLogin
    from hatang.secrets import Credential
    from monitors.probes.aim import Aim

EXPIRES_SOON: Final = timedelta(days=14)
"""A certificate with less than this left is degraded: two weeks to get a new one signed."""


async def no_credential(name: str) -> Credential:
    """Stand where no store of credentials is; raises NotFoundError."""
    raise NotFoundError(f"there is no credential {name}")


@dataclass(frozen=True, slots=True)
class Means:
    """The transports a probe may use; a reader of SNMP is made for each aim.

    `authorities` are certificate authorities (PEM) trusted beside the system's, `credential`
    gives a stored login by its name, `host_keys` the enrolled keys.
    """

    pinger: Pinger
    sip: SipProber
    snmp: Callable[[Aim, SnmpLogin], SnmpReader | None] = lambda _aim, _login: None
    authorities: str = ""
    credential: Callable[[str], Awaitable[Credential]] = no_credential
    host_keys: HostKeys = field(default_factory=lambda: FixedHostKeys({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """A service that answered; `cause` other than ANSWERED says what is not right with it.

    `values` are further series by metric name, which may carry labels of its own
    (`name{phase="rtt"}`); `detail` goes into evidence.
    """

    cause: Cause = Cause.ANSWERED
    values: dict[str, float] = field(default_factory=dict)
    detail: str = ""


class Options(BaseModel):
    """What else a probe may be told, beside its address; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Ask: TypeAlias = Callable[["Aim", Means, Any], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Probe:
    """One way to measure: `ask` is called with the aim, the means and `options`.

    `schemes` are those of its addresses, the usual one first. One that `aims_itself` has no
    single address: what it asks stands in its options.
    """

    ask: Ask
    schemes: tuple[str, ...]
    options: type[Options] = Options
    aims_itself: bool = False
