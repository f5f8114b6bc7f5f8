"""Doors between packages that may not import each other: Protocols filled by those above.

A package that asks names the gate; a package that answers is registered in the composition
root. The kinds of answers are words of the kernel: an element is any key, a verdict is one of
seven.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar, cast

from hatang.errors import ConflictError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession


class Verdict(StrEnum):
    """How something was judged; only `pass` is good, and `waived` counts as such until it ends."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"
    WAIVED = "waived"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Finding:
    """One gate's answer about one element, with the reason people read."""

    element: str
    verdict: Verdict
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that may explain a failure: what happened to which element, and when.

    One that `is_local` explains nothing but that element itself, such as lost power; any other may
    explain what is reached over it too.
    """

    element: str
    at: datetime
    text: str
    source: str
    link: str = ""
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """A change somebody wants: what is wrong on which element, and the evidence's address."""

    element: str
    title: str
    reason: str
    origin: str
    arguments: dict[str, Any]


class StatusGate(Protocol):
    """Says whether an element may take a status, such as going live."""

    def check(self, session: AnySession, element: str, status: str) -> Sequence[Finding]:
        """Return a finding for each condition; anything but pass or waived refuses."""


class HealthCheck(Protocol):
    """Measures elements freshly, for the waves of a change and for recoveries."""

    def covers(self, session: AnySession, elements: Sequence[str]) -> Sequence[str]:
        """Return what this gate can measure of and around `elements`, such as a device's ports."""

    def check(self, elements: Sequence[str]) -> Sequence[Finding]:
        """Return one finding an element; what could not be measured is unknown."""


class CauseHint(Protocol):
    """Tells what happened to elements within a time."""

    def hints(
        self, session: AnySession, elements: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Hint]:
        """Return what happened, earliest first."""


class ChangeIntent(Protocol):
    """Opens a change from an intent."""

    def open(self, session: WriteSession, actor: Actor, intent: Intent) -> str:
        """Return the key of the change that was opened, such as `change/17`."""


class ScopeFollower(Protocol):
    """Keeps copies of elements' scopes beside rows of its own."""

    def follow(self, session: WriteSession) -> None:
        """Give those rows the scope that their element has now."""


class LegacySsh(Protocol):
    """Knows which device may be spoken to over SSH with SHA-1, and is told who knows no other."""

    def allowed(self, session: AnySession, device_id: int) -> str:
        """Return the waiver in force, such as `waiver/17`; empty when there is none."""

    def seen(self, session: WriteSession, device_id: int, scope_id: int) -> None:
        """Write down that the device offers nothing better: a failure that may be waived."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GateName(Generic[T]):
    """The name of a gate and, for the type checker, what stands behind it."""

    name: str


STATUS: Final[GateName[StatusGate]] = GateName("status")
HEALTH: Final[GateName[HealthCheck]] = GateName("health")
CAUSE: Final[GateName[CauseHint]] = GateName("cause")
CHANGE: Final[GateName[ChangeIntent]] = GateName("change")
SCOPE: Final[GateName[ScopeFollower]] = GateName("scope")
LEGACY_SSH: Final[GateName[LegacySsh]] = GateName("legacy_ssh")


class Gates:
    """Which implementations stand behind the gates of one process."""

    def __init__(self) -> None:
        self._filled: dict[str, dict[str, Callable[[], object]]] = {}

    def register(self, gate: GateName[T], implementation: T, *, name: str) -> None:
        """Add an implementation; raises ConflictError when `name` stands there already."""
        self.register_later(gate, lambda: implementation, name=name)

    def register_later(self, gate: GateName[T], build: Callable[[], T], *, name: str) -> None:
        """Add an implementation that is built when somebody first asks the gate.

        A short command fills every gate and asks none: it need not load what stands behind them.
        """
        filled = self._filled.setdefault(gate.name, {})
        if name in filled:
            raise ConflictError(f"gate {gate.name} already has {name}")
        filled[name] = cache(build)

    def all(self, gate: GateName[T]) -> list[T]:
        """Return every implementation, in the order of registration; none is an empty list."""
        return [cast("T", build()) for build in self._filled.get(gate.name, {}).values()]

    def get(self, gate: GateName[T]) -> T:
        """Return the one implementation; raises SettingsError when there is none or several."""
        found = self.all(gate)
        if len(found) != 1:
            raise SettingsError(
                f"gate {gate.name} has {len(found)} implementations, one is needed",
                fix="Register it in the composition root.",
            )
        return found[0]

    def clear(self) -> None:
        """Forget all; for tests."""
        self._filled.clear()


_process = Gates()
register = _process.register
register_later = _process.register_later
get = _process.get
all_of = _process.all
clear = _process.clear
